import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { useStatus } from '../queries.ts';
import { GuestCardButton } from './guest-card.tsx';

type CreatedKeyViewProps = { readonly created: CreatedKey; readonly onDone: () => void };

/** The only time that the key itself is on a screen. */
export function CreatedKeyView({ created, onDone }: CreatedKeyViewProps): ReactNode {
  const { t } = useTranslation();
  const status = useStatus().data;
  return (
    <Stack gap="md">
      <Text>{t('keys.shownOnce')}</Text>
      <CopyField label={t('keys.key')} value={created.key} />
      {status !== undefined && (
        <CopyField label={t('home.baseUrl')} value={`${status.lan.address ?? status.address}/v1`} />
      )}
      {created.warnings.map((warning) => (
        <Alert key={warning} variant="default" icon={<TriangleAlert size={16} aria-hidden />}>
          {warning}
        </Alert>
      ))}
      <Group justify="flex-end" gap="sm">
        {status !== undefined && (
          <GuestCardButton
            card={{
              kind: 'key',
              baseUrl: `${status.lan.address ?? status.address}/v1`,
              key: created.key,
              keyExpiresAt: created.expiresAt,
            }}
          />
        )}
        <Button onClick={onDone}>{t('keys.stored')}</Button>
      </Group>
    </Stack>
  );
}
