import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RequestsCount } from '../../server/wire/usage.ts';
import { requestsFile } from '../api-requests.ts';
import { usageFile } from '../api-usage.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { stepOf } from '../period.ts';
import { useRequestCount } from '../queries-requests.ts';
import { withTime, withoutClient, type NamedTime, type WhoFilters } from '../request-filters.ts';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';

type UsageExportDialogProps = {
  /** Null: all times. */
  readonly time: NamedTime | null;
  readonly who: WhoFilters;
  /** Whether there are sums of it, too. */
  readonly hasSums: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

const kinds = ['sums', 'requests'] as const;
const formats = ['csv', 'json'] as const;

/** Exactly what is shown as a file: sums by day, person and model, or each request. */
export function UsageExportDialog(props: UsageExportDialogProps): ReactNode {
  const { t } = useTranslation();
  const { hasSums, isOpen, onClose } = props;
  return (
    <Dialog
      title={t(hasSums ? 'usage.export.title' : 'requests.exportTitle')}
      isOpen={isOpen}
      onClose={onClose}
    >
      <ExportForm {...props} />
    </Dialog>
  );
}

function ExportForm({ time, who, hasSums, onClose }: UsageExportDialogProps): ReactNode {
  const { t } = useTranslation();
  const calendar = useCalendar();
  const [kind, setKind] = useState<(typeof kinds)[number]>(hasSums ? 'sums' : 'requests');
  const [type, setType] = useState<(typeof formats)[number]>('csv');
  const filters = withTime(who, time);
  const count = useRequestCount(filters, true);
  const lines = useLines(count.data);
  const href =
    kind === 'sums' && time !== null
      ? usageFile(time.span, `${stepOf(time.period)},person,model`, { who: withoutClient(who), format: type })
      : requestsFile(filters, type);
  return (
    <Stack gap="md">
      <Text>
        {time === null ? t('requests.allTimes') : calendar.range(time.period.first, time.period.last)}
        {Object.keys(who).length > 0 && ` · ${t('requests.filtered')}`}
      </Text>
      {hasSums && time !== null ? (
        <Radio.Group
          label={t('usage.export.what')}
          value={kind}
          onChange={(value) => setKind(kinds.find((known) => known === value) ?? 'sums')}
        >
          <Stack gap="sm" mt="xs">
            <Radio
              value="sums"
              label={t('usage.export.sums')}
              description={t(`usage.export.sumsBy.${stepOf(time.period)}`)}
            />
            <Radio value="requests" label={t('usage.export.requests')} description={lines} />
          </Stack>
        </Radio.Group>
      ) : (
        <Text role="status">{lines}</Text>
      )}
      {count.isLoadingError && <ErrorNote error={count.error} onRetry={() => void count.refetch()} />}
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
          download={fileName(kind, type, time)}
          leftSection={<Download size={16} aria-hidden />}
          onClick={onClose}
        >
          {t('usage.export.save')}
        </Button>
      </Group>
    </Stack>
  );
}

/** How many there will be; without a number while it is counted. */
function useLines(counted: RequestsCount | undefined): string {
  const { t } = useTranslation();
  const format = useFormat();
  if (counted === undefined) return t('usage.export.requestsMeans');
  const { count, isWhole } = counted;
  return t(isWhole ? 'usage.export.requestsCount' : 'requests.countAtLeast', {
    count,
    shown: format.integer(count),
  });
}

function fileName(kind: (typeof kinds)[number], type: string, time: NamedTime | null): string {
  const name = `inglenook-${kind === 'sums' ? 'usage' : 'requests'}`;
  if (time === null) return `${name}.${type}`;
  const { first, last } = time.period;
  return `${name}-${first === last ? first : `${first}-${last}`}.${type}`;
}
