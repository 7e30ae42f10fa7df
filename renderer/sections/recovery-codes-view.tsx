import { Button, Group, Stack, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyBlock } from '../parts/copy-field.tsx';

type RecoveryCodesViewProps = { readonly codes: readonly string[]; readonly onDone: () => void };

/** The only time that they are on a screen. */
export function RecoveryCodesView({ codes, onDone }: RecoveryCodesViewProps): ReactNode {
  const { t } = useTranslation();
  const text = codes.join('\n');
  return (
    <Stack gap="md">
      <Text>{t('security.totp.codesLead')}</Text>
      <CopyBlock label={t('security.totp.codes')} value={text} />
      <Group justify="space-between" gap="sm">
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          onClick={() => save(`${t('security.totp.fileHead')}\n\n${text}\n`)}
        >
          {t('security.totp.download')}
        </Button>
        <Button onClick={onDone}>{t('security.totp.stored')}</Button>
      </Group>
    </Stack>
  );
}

/** Made here: the server has only their hashes. */
function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'inglenook-recovery-codes.txt';
  link.click();
  URL.revokeObjectURL(url);
}
