import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { requestsFile, usageFile } from '../api-usage.ts';
import { Dialog } from '../parts/dialog.tsx';
import { stepOf, type Period, type Span } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';

type UsageExportDialogProps = {
  readonly period: Period;
  readonly span: Span;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

const kinds = ['sums', 'requests'] as const;
const formats = ['csv', 'json'] as const;

/** The shown time as a file: sums by day, person and model, or each request. */
export function UsageExportDialog({ period, span, isOpen, onClose }: UsageExportDialogProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const calendar = useCalendar();
  const [kind, setKind] = useState<(typeof kinds)[number]>('sums');
  const [type, setType] = useState<(typeof formats)[number]>('csv');
  const rows = useUsage(span, '').data?.rows[0]?.requests;
  const { first, last } = period;
  const href =
    kind === 'sums' ? usageFile(span, `${stepOf(period)},person,model`, type) : requestsFile(span, type);
  const days = first === last ? first : `${first}-${last}`;
  return (
    <Dialog title={t('usage.export.title')} isOpen={isOpen} onClose={onClose}>
      <Stack gap="md">
        <Text>{calendar.range(first, last)}</Text>
        <Radio.Group
          label={t('usage.export.what')}
          value={kind}
          onChange={(value) => setKind(kinds.find((known) => known === value) ?? 'sums')}
        >
          <Stack gap="sm" mt="xs">
            <Radio
              value="sums"
              label={t('usage.export.sums')}
              description={t(`usage.export.sumsBy.${stepOf(period)}`)}
            />
            <Radio
              value="requests"
              label={t('usage.export.requests')}
              description={
                rows === undefined
                  ? t('usage.export.requestsMeans')
                  : t('usage.export.requestsCount', { count: rows, shown: format.integer(rows) })
              }
            />
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={t('usage.export.format')}
          value={type}
          onChange={(value) => setType(formats.find((known) => known === value) ?? 'csv')}
        >
          <Group gap="lg" mt="xs">
            <Radio value="csv" label={t('usage.export.csv')} />
            <Radio value="json" label={t('usage.export.json')} />
          </Group>
        </Radio.Group>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            component="a"
            href={href}
            download={`inglenook-${kind === 'sums' ? 'usage' : 'requests'}-${days}.${type}`}
            leftSection={<Download size={16} aria-hidden />}
            onClick={onClose}
          >
            {t('usage.export.save')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
