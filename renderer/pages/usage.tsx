import { Button, Switch } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { addSentences } from '../i18n.ts';
import de from '../locales/usage.de.json';
import en from '../locales/usage.en.json';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { periodOf, searchOf, spanOf, type Period } from '../period.ts';
import { useStatus } from '../queries.ts';
import { SavingsPanel } from '../sections/savings-panel.tsx';
import { UsageChartGrid } from '../sections/usage-chart-grid.tsx';
import { UsageExportDialog } from '../sections/usage-export-dialog.tsx';
import { UsagePeriodBar } from '../sections/usage-period-bar.tsx';
import { UsageSummary } from '../sections/usage-summary.tsx';
import { UsageTabs } from '../sections/usage-tabs.tsx';
import { UsageWho } from '../sections/usage-who.tsx';
import { useNow } from '../use-format.ts';
import { dayIn } from '../zone.ts';

addSentences({ en, de });

/** What was used in a time: how much, how fast, by whom, and what it saves. Time and view are in the address. */
export function UsagePage(): ReactNode {
  const status = useStatus();
  return <QueryView query={status}>{({ timeZone }) => <UsageOverview zone={timeZone} />}</QueryView>;
}

function UsageOverview({ zone }: { readonly zone: string }): ReactNode {
  const { t } = useTranslation();
  const now = useNow();
  const [search, setSearch] = useSearchParams();
  const [isExporting, setIsExporting] = useState(false);
  const today = dayIn(zone, now);
  const period = periodOf(search, today);
  const span = spanOf(period, zone);
  const isTable = search.get('as') === 'table';

  function show(next: Period): void {
    setSearch(withView(searchOf(next), isTable));
  }

  return (
    <Page
      title={t('usage.title')}
      lead={t('usage.lead', { zone })}
      action={
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          onClick={() => setIsExporting(true)}
        >
          {t('usage.export.open')}
        </Button>
      }
    >
      <UsageTabs />
      <UsagePeriodBar period={period} today={today} onChange={show}>
        <Switch
          label={t('usage.asTable')}
          checked={isTable}
          onChange={({ currentTarget: { checked } }) =>
            setSearch(withView(searchOf(period), checked), { replace: true })
          }
        />
      </UsagePeriodBar>
      <UsageSummary span={span} />
      <UsageChartGrid period={period} span={span} zone={zone} isTable={isTable} />
      <UsageWho span={span} />
      <SavingsPanel period={period} />
      <UsageExportDialog
        period={period}
        span={span}
        isOpen={isExporting}
        onClose={() => setIsExporting(false)}
      />
    </Page>
  );
}

function withView(search: string, isTable: boolean): URLSearchParams {
  const params = new URLSearchParams(search);
  if (isTable) params.set('as', 'table');
  return params;
}
