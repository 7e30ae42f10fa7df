import { Button, Group, Stack, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n.ts';
import { CopyBlock } from '../parts/copy-field.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useReport } from '../queries-health.ts';
import { saveFile } from '../save-file.ts';

type ReportDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** The report for somebody who helps: to be read before it is copied or saved. */
export function ReportDialog({ isOpen, onClose }: ReportDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('health.report')} isOpen={isOpen} onClose={onClose}>
      <Stack gap="md">
        <Text>{t('health.reportMeans')}</Text>
        {isOpen && <ReportText />}
      </Stack>
    </Dialog>
  );
}

function ReportText(): ReactNode {
  const { t } = useTranslation();
  const query = useReport(currentLanguage());
  return (
    <QueryView query={query}>
      {({ name, text }) => (
        <>
          <CopyBlock label={t('health.report')} value={text} />
          <Group justify="flex-end">
            <Button
              variant="default"
              leftSection={<Download size={16} aria-hidden />}
              onClick={() => saveFile({ name, content: new Blob([text], { type: 'text/plain' }) })}
            >
              {t('health.save')}
            </Button>
          </Group>
        </>
      )}
    </QueryView>
  );
}
