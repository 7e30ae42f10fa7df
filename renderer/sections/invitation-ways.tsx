import type { ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { CreatedPairing } from '../../server/wire/pairing.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { SecretQrCode } from '../parts/qr-code.tsx';
import { useCountdown } from '../use-countdown.ts';
import { useFormat } from '../use-format.ts';
import styles from './invitation-ways.module.css';

type InvitationWaysProps = { readonly created: CreatedPairing; readonly expiresAt: string };

/** The three ways in: scan, type, or follow the link. One of them is enough. */
export function InvitationWays({ created, expiresAt }: InvitationWaysProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const leftMs = useCountdown(expiresAt);
  return (
    <div className={styles['ways']}>
      <section className={styles['way']}>
        <h3 className={styles['title']}>{t('invitation.scan')}</h3>
        <SecretQrCode svg={created.qrSvg} label={t('invitation.qrLabel')} />
      </section>
      <section className={styles['way']}>
        <h3 className={styles['title']}>{t('invitation.type')}</h3>
        <p className={styles['hint']}>{t('invitation.openAddress')}</p>
        <p className={styles['address']}>{created.shortAddress}</p>
        <p className={styles['hint']}>{t('invitation.typeCode')}</p>
        <p className={styles['code']}>{created.code}</p>
        <p className={styles['hint']}>
          <Trans
            t={t}
            i18nKey="invitation.expires"
            values={{ left: format.untilEnd(leftMs) }}
            components={{ left: <strong className={styles['left']} /> }}
          />
        </p>
      </section>
      <div className={styles['link']}>
        <CopyField label={t('invitation.link')} value={created.url} />
      </div>
    </div>
  );
}
