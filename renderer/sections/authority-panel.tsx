import { Button, TextInput } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { HttpsState } from '../../server/wire/https.ts';
import { replaceAuthority, setHttps } from '../api-network.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useHttps, useHttpsChange } from '../queries-network.ts';
import { refusalAt, toldAtField } from '../refusal.ts';
import { useFormat } from '../use-format.ts';
import styles from './settings.module.css';

/** Our own certificate authority, which devices are told to trust. */
export function AuthorityPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.authority.title')}>
      <QueryView query={useHttps()}>
        {({ authority, officeDomain }) =>
          authority === null ? (
            <p className={styles['muted']}>{t('network.authority.none')}</p>
          ) : (
            <Authority authority={authority} officeDomain={officeDomain} />
          )
        }
      </QueryView>
    </Panel>
  );
}

type AuthorityProps = {
  readonly authority: NonNullable<HttpsState['authority']>;
  readonly officeDomain: string | null;
};

function Authority({ authority, officeDomain }: AuthorityProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { certificate, path, permittedNames } = authority;
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('network.authority.lead')}</p>
      <CopyField
        label={t('network.authority.fingerprint')}
        description={t('network.authority.fingerprintMeans')}
        value={certificate.fingerprint}
      />
      <Facts>
        <Fact label={t('network.authority.name')} value={certificate.subject} />
        <Fact
          label={t('network.https.validUntil')}
          value={format.date(certificate.validUntil)}
          title={format.dateTime(certificate.validUntil)}
        />
        <Fact label={t('network.authority.permitted')} value={permittedNames.join(', ')} />
      </Facts>
      <div className={styles['ways']}>
        <Button
          component="a"
          href={path}
          download="inglenook-ca.pem"
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
        >
          {t('network.authority.download')}
        </Button>
      </div>
      <Fold label={t('common.moreOptions')}>
        <OfficeDomain officeDomain={officeDomain} />
        <NewAuthority />
      </Fold>
    </div>
  );
}

/** Constraints cannot be changed afterwards, so another domain means another authority. */
function OfficeDomain({ officeDomain }: Pick<AuthorityProps, 'officeDomain'>): ReactNode {
  const { t } = useTranslation();
  const set = useHttpsChange(setHttps);
  const [typed, setTyped] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const shown = typed ?? officeDomain ?? '';
  const wanted = shown.trim() === '' ? null : shown.trim();
  const refusal = refusalAt(set.error, 'officeDomain');

  function ask(event: FormEvent): void {
    event.preventDefault();
    if (wanted !== officeDomain) setIsAsking(true);
  }

  function save(): void {
    set.mutate(
      { officeDomain: wanted },
      { onSuccess: () => setTyped(null), onSettled: () => setIsAsking(false) },
    );
  }

  return (
    <form onSubmit={ask} noValidate>
      <div className={styles['fields']}>
        <TextInput
          label={t('network.domain.label')}
          description={t('network.domain.means')}
          placeholder="office.example.org"
          autoComplete="off"
          spellCheck={false}
          maxLength={253}
          value={shown}
          error={refusal?.sentence ?? (set.error === null ? null : toldAtField(set.error))}
          onChange={({ currentTarget: { value } }) => {
            setTyped(value);
            set.reset();
          }}
        />
        <Button type="submit" variant="default" disabled={wanted === officeDomain}>
          {t('network.domain.submit')}
        </Button>
      </div>
      <ConfirmDialog
        title={t('network.domain.askTitle')}
        sentence={t('network.authority.againSentence')}
        confirm={t('network.domain.submit')}
        isOpen={isAsking}
        isBusy={set.isPending}
        error={null}
        onConfirm={save}
        onClose={() => setIsAsking(false)}
      />
    </form>
  );
}

function NewAuthority(): ReactNode {
  const { t } = useTranslation();
  const replace = useHttpsChange(replaceAuthority);
  const [isAsking, setIsAsking] = useState(false);
  function close(): void {
    replace.reset();
    setIsAsking(false);
  }
  return (
    <div className={styles['head']}>
      <p className={styles['second']}>{t('network.authority.againMeans')}</p>
      <Button variant="default" onClick={() => setIsAsking(true)}>
        {t('network.authority.again')}
      </Button>
      <ConfirmDialog
        title={t('network.authority.askTitle')}
        sentence={t('network.authority.againSentence')}
        confirm={t('network.authority.again')}
        isOpen={isAsking}
        isBusy={replace.isPending}
        error={replace.error}
        onConfirm={() => replace.mutate(undefined, { onSuccess: close })}
        onClose={close}
      />
    </div>
  );
}
