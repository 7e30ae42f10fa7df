import { Button } from '@mantine/core';
import { Printer } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { createFormatter } from '../format.ts';
import { fetchLanguage, languages, type Language } from '../i18n.ts';
import { QrCode } from '../parts/qr-code.tsx';
import styles from './guest-card.module.css';

/** What stands on the card. A key only where one was made by hand: an invitation has none yet. */
export type GuestCard = { readonly keyExpiresAt: string | null } & (
  | {
      readonly kind: 'invitation';
      readonly qrSvg: string;
      readonly shortAddress: string;
      readonly code: string;
      readonly expiresAt: string;
    }
  | { readonly kind: 'key'; readonly baseUrl: string; readonly key: string }
);

/** Prints the card. It is in the page while this button is, so that the browser's own Print shows it too. */
export function GuestCardButton({ card }: { readonly card: GuestCard }): ReactNode {
  const { t } = useTranslation();
  const spoken = useAllLanguages();
  return (
    <>
      <Button
        variant="default"
        loading={spoken === null}
        leftSection={<Printer size={16} aria-hidden />}
        onClick={() => window.print()}
      >
        {t('guestCard.print')}
      </Button>
      {spoken !== null && createPortal(<Sheet card={card} spoken={spoken} />, document.body)}
    </>
  );
}

/** Null until they have come; what cannot be fetched is left out, and the console's own is there anyway. */
function useAllLanguages(): readonly Language[] | null {
  const [spoken, setSpoken] = useState<readonly Language[] | null>(null);
  useEffect(() => {
    let isHere = true;
    void Promise.allSettled(languages.map(fetchLanguage)).then((outcomes) => {
      if (isHere) setSpoken(languages.filter((_language, index) => outcomes[index]?.status === 'fulfilled'));
    });
    return () => {
      isHere = false;
    };
  }, []);
  return spoken;
}

type SheetProps = { readonly card: GuestCard; readonly spoken: readonly Language[] };

/** One sheet with both languages of the office: visitors seldom say before which they read. */
function Sheet({ card, spoken }: SheetProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['sheet']} data-print-sheet="">
      <p className={styles['brand']}>Inglenook</p>
      {card.kind === 'invitation' ? (
        <div className={styles['way']}>
          <QrCode svg={card.qrSvg} label={t('invitation.qrLabel')} />
          <div>
            <p className={styles['address']}>{card.shortAddress}</p>
            <p className={styles['code']}>{card.code}</p>
          </div>
        </div>
      ) : (
        <div>
          <p className={styles['address']}>{card.baseUrl}</p>
          <p className={styles['key']}>{card.key}</p>
        </div>
      )}
      <div className={styles['languages']}>
        {spoken.map((language) => (
          <Words key={language} language={language} card={card} />
        ))}
      </div>
    </div>
  );
}

function Words({ language, card }: { readonly language: Language; readonly card: GuestCard }): ReactNode {
  const { i18n } = useTranslation();
  const t = i18n.getFixedT(language);
  const { locale } = createFormatter(language, navigator.languages);
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });
  const said = (iso: string): string => moment.format(new Date(iso));
  const { keyExpiresAt } = card;
  const ends =
    keyExpiresAt === null ? t('guestCard.neverEnds') : t('guestCard.ends', { when: said(keyExpiresAt) });
  return (
    <section lang={language}>
      <h2 className={styles['title']}>{t('guestCard.title')}</h2>
      {card.kind === 'invitation' ? (
        <ol className={styles['steps']}>
          <li>{t('guestCard.network')}</li>
          <li>{t('guestCard.scanOrType')}</li>
          <li>{t('guestCard.compare')}</li>
        </ol>
      ) : (
        <p>{t('guestCard.useKey')}</p>
      )}
      {card.kind === 'invitation' && <p>{t('guestCard.valid', { when: said(card.expiresAt) })}</p>}
      <p>{ends}</p>
      <p className={styles['small']}>{t(card.kind === 'key' ? 'guestCard.keepKey' : 'guestCard.once')}</p>
    </section>
  );
}
