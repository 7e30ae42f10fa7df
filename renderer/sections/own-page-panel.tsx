import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../parts/copy-field.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings, useSettings } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';
import styles from './own-page-panel.module.css';

const contactName = 'office.contact';

/** The page that every teammate has, opened with a key; and whom it tells them to ask. */
export function OwnPagePanel({ baseUrl }: { readonly baseUrl: string }): ReactNode {
  const { t } = useTranslation();
  const query = useSettings();
  return (
    <Panel title={t('ownPage.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('ownPage.lead')}</p>
        <CopyField label={t('ownPage.address')} value={baseUrl.replace(/\/v1$/, '/me')} />
        <QueryView query={query}>
          {(settings) => {
            const kept = settings.find(({ name }) => name === contactName)?.value;
            return <ContactForm key={String(kept)} kept={typeof kept === 'string' ? kept : ''} />;
          }}
        </QueryView>
      </div>
    </Panel>
  );
}

function ContactForm({ kept }: { readonly kept: string }): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const [text, setText] = useState(kept);
  useUnsaved(text.trim() !== kept);

  function save(event: FormEvent): void {
    event.preventDefault();
    const contact = text.trim();
    set.mutate([{ name: contactName, value: contact === '' ? null : contact }], {
      onSuccess: () => void notifications.show({ message: t('ownPage.saved') }),
    });
  }
  return (
    <form className={styles['contact']} onSubmit={save} noValidate>
      <TextInput
        label={t('ownPage.contact')}
        description={t('ownPage.contactMeans')}
        placeholder={t('ownPage.contactExample')}
        maxLength={300}
        value={text}
        onChange={({ currentTarget: { value } }) => setText(value)}
      />
      <Button type="submit" variant="default" loading={set.isPending} disabled={text.trim() === kept}>
        {t('ownPage.save')}
      </Button>
      {set.error !== null && <ErrorNote error={set.error} />}
    </form>
  );
}
