import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { HttpsState } from '../../server/wire/https.ts';
import { removeCertificate, setCertificate } from '../api-network.ts';
import { unknown } from '../format.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useHttps, useHttpsChange } from '../queries-network.ts';
import { refusalAt } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import { useFormat } from '../use-format.ts';
import styles from './settings.module.css';

type Own = NonNullable<HttpsState['own']>;
type Open = 'give' | 'remove' | null;

/** A certificate that the owner has from elsewhere, such as the office's own authority or Let's Encrypt. */
export function OwnCertificatePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useHttps();
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <Panel title={t('network.own.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('network.own.lead')}</p>
        <QueryView query={query}>
          {({ own }) => (
            <>
              {own === null ? (
                <p className={styles['muted']}>{t('network.own.none')}</p>
              ) : (
                <OwnCertificate own={own} />
              )}
              <div className={styles['ways']}>
                <Button variant="default" onClick={() => setOpen('give')}>
                  {t(own === null ? 'network.own.give' : 'network.own.giveOther')}
                </Button>
                {own !== null && (
                  <Button variant="default" onClick={() => setOpen('remove')}>
                    {t('network.own.remove')}
                  </Button>
                )}
              </div>
            </>
          )}
        </QueryView>
      </div>
      <Dialog title={t('network.own.give')} isOpen={open === 'give'} onClose={close}>
        {open === 'give' && <GiveCertificate own={query.data?.own ?? null} onClose={close} />}
      </Dialog>
      <RemoveCertificate isOpen={open === 'remove'} onClose={close} />
    </Panel>
  );
}

function OwnCertificate({ own }: { readonly own: Own }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { certificate, certFile, keyFile, warnings, problem } = own;
  return (
    <>
      {problem !== null && <Note tone="attention">{problem}</Note>}
      {warnings.map((warning) => (
        <Note key={warning} tone="attention">
          {t(`network.own.warning.${warning}`)}
        </Note>
      ))}
      <Facts>
        {certificate !== null && (
          <>
            <Fact
              label={t('network.own.for')}
              value={[...certificate.names, ...certificate.addresses].join(', ')}
            />
            <Fact label={t('network.https.issuer')} value={certificate.issuer} />
            <Fact
              label={t('network.https.validUntil')}
              value={format.date(certificate.validUntil)}
              title={format.dateTime(certificate.validUntil)}
            />
          </>
        )}
        {own.kind === 'files' ? (
          <>
            <Fact label={t('network.own.certFile')} value={certFile ?? unknown} />
            <Fact label={t('network.own.keyFile')} value={keyFile ?? unknown} />
          </>
        ) : (
          <Fact label={t('network.own.certFile')} value={t('network.own.pasted')} />
        )}
      </Facts>
      {certificate !== null && (
        <CopyField label={t('network.own.fingerprint')} value={certificate.fingerprint} />
      )}
    </>
  );
}

type GiveCertificateProps = { readonly own: Own | null; readonly onClose: () => void };

/** Checked before it counts; what is wrong is said in the server's own words. */
function GiveCertificate({ own, onClose }: GiveCertificateProps): ReactNode {
  const { t } = useTranslation();
  const set = useHttpsChange(setCertificate);
  const [certFile, setCertFile] = useState(own?.certFile ?? '');
  const [keyFile, setKeyFile] = useState(own?.keyFile ?? '');
  const [wasTried, setWasTried] = useState(false);
  useUnsaved(certFile !== (own?.certFile ?? '') || keyFile !== (own?.keyFile ?? ''));
  const atCert = refusalAt(set.error, 'certFile');
  const atKey = refusalAt(set.error, 'keyFile');
  const missing = (path: string): string | null =>
    wasTried && path.trim() === '' ? t('network.own.missing') : null;

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (certFile.trim() === '' || keyFile.trim() === '' || set.isPending) return;
    set.mutate(
      { certFile: certFile.trim(), keyFile: keyFile.trim() },
      {
        onSuccess: () => {
          notifications.show({ message: t('network.own.accepted') });
          onClose();
        },
      },
    );
  }

  return (
    <DialogForm
      submit={t('network.own.submit')}
      isBusy={set.isPending}
      error={atCert === null && atKey === null ? set.error : null}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className={styles['sentence']}>{t('network.own.giveLead')}</p>
      <TextInput
        label={t('network.own.certFile')}
        description={t('network.own.certFileMeans')}
        placeholder="/etc/letsencrypt/live/ai.example.org/fullchain.pem"
        autoComplete="off"
        spellCheck={false}
        maxLength={4096}
        value={certFile}
        error={missing(certFile) ?? atCert?.sentence}
        onChange={({ currentTarget: { value } }) => setCertFile(value)}
      />
      <TextInput
        label={t('network.own.keyFile')}
        description={t('network.own.keyFileMeans')}
        placeholder="/etc/letsencrypt/live/ai.example.org/privkey.pem"
        autoComplete="off"
        spellCheck={false}
        maxLength={4096}
        value={keyFile}
        error={missing(keyFile) ?? atKey?.sentence}
        onChange={({ currentTarget: { value } }) => setKeyFile(value)}
      />
    </DialogForm>
  );
}

function RemoveCertificate(props: { readonly isOpen: boolean; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const remove = useHttpsChange(removeCertificate);
  function close(): void {
    remove.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('network.own.removeTitle')}
      sentence={t('network.own.removeSentence')}
      confirm={t('network.own.remove')}
      isOpen={props.isOpen}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
      onClose={close}
    />
  );
}
