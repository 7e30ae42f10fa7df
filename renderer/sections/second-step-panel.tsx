import { Button, Group, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TotpState } from '../../server/wire/security.ts';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useTotp } from '../queries-security.ts';
import { useFormat } from '../use-format.ts';
import { SecondStepChangeDialog } from './second-step-change-dialog.tsx';
import { SecondStepSetUpDialog } from './second-step-set-up-dialog.tsx';

type Open = 'set-up' | 'renew' | 'off' | null;

/**
 * Whether signing in asks for a code of an app, and the ways to change that. The dialogs stand beside what is shown, which
 * changes while they still have something to say.
 */
export function SecondStepPanel(): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <Panel title={t('security.totp.title')}>
      <QueryView query={useTotp()}>
        {(totp) =>
          totp.state === 'on' ? <SwitchedOn totp={totp} onOpen={setOpen} /> : <SwitchedOff onOpen={setOpen} />
        }
      </QueryView>
      <SecondStepSetUpDialog isOpen={open === 'set-up'} onClose={close} />
      <SecondStepChangeDialog change={open === 'set-up' ? null : open} onClose={close} />
    </Panel>
  );
}

type StateProps = { readonly onOpen: (open: Open) => void };

function SwitchedOff({ onOpen }: StateProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack gap="md" align="flex-start">
      <Text>{t('security.totp.offLead')}</Text>
      <Button onClick={() => onOpen('set-up')}>{t('security.totp.setUp')}</Button>
    </Stack>
  );
}

function SwitchedOn({ totp, onOpen }: StateProps & { readonly totp: TotpState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const count = totp.recoveryCodesLeft;
  return (
    <Stack gap="md">
      <Text>{t('security.totp.onLead')}</Text>
      <Note tone="ok">
        {totp.since !== null && t('security.totp.since', { date: format.date(totp.since) })}
        {count > 0 && `. ${t('security.totp.codesLeft', { count })}.`}
      </Note>
      {count === 0 && <Note tone="attention">{t('security.totp.noCodesLeft')}</Note>}
      <Group gap="sm">
        <Button variant="default" onClick={() => onOpen('renew')}>
          {t('security.totp.renew')}
        </Button>
        <Button variant="default" onClick={() => onOpen('off')}>
          {t('security.totp.off')}
        </Button>
      </Group>
    </Stack>
  );
}
