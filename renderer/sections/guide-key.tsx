import { Button } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import type { ConnectGuide } from '../../server/wire/connect.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Note } from '../parts/note.tsx';
import { CreateKeyForm } from './create-key-form.tsx';

type GuideKeyProps = {
  readonly guide: ConnectGuide;
  readonly created: CreatedKey | null;
  readonly onCreated: (created: CreatedKey) => void;
};

/** The snippets need a key: one's own, or a new one that is written into them, this once. */
export function GuideKey({ guide, created, onCreated }: GuideKeyProps): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  function keep(key: CreatedKey): void {
    onCreated(key);
    setIsOpen(false);
  }
  return (
    <>
      <Note
        tone={created === null ? 'quiet' : 'ok'}
        isLive
        action={
          <Button
            variant="default"
            leftSection={<KeyRound size={16} aria-hidden />}
            onClick={() => setIsOpen(true)}
          >
            {t(created === null ? 'connectPage.withNewKey' : 'connectPage.withAnotherKey')}
          </Button>
        }
      >
        {created === null ? (
          <Trans t={t} i18nKey="connectPage.placeholder" components={{ mark: <code /> }} />
        ) : (
          t('connectPage.keyFilledIn', { name: created.name })
        )}
      </Note>
      <Dialog title={t('connectPage.newKey')} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <CreateKeyForm
          firstName={guide.title}
          isForOutside={guide.availability === 'outside'}
          onCreated={keep}
          onCancel={() => setIsOpen(false)}
        />
      </Dialog>
    </>
  );
}
