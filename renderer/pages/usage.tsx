import { Button, Switch } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { ChoiceLinks } from '../parts/choice-links.tsx';
import { Note } from '../parts/note.tsx';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { periodOf, spanOf } from '../period.ts';
import { useOfStatus, zoneOf } from '../queries.ts';
import {
  readTime,
  readWho,
  requestsAddress,
  withSearch,
  withTime,
  type NamedTime,
} from '../request-filters.ts';
import { RequestFilterBar } from '../sections/request-filter-bar.tsx';
import { SavingsPanel } from '../sections/savings-panel.tsx';
import { UsageChartGrid } from '../sections/usage-chart-grid.tsx';
import { UsageExportDialog } from '../sections/usage-export-dialog.tsx';
import { splits, type Split } from '../sections/usage-series.ts';
import { UsageSummary } from '../sections/usage-summary.tsx';
import { UsageTabs } from '../sections/usage-tabs.tsx';
import { UsageTop } from '../sections/usage-top.tsx';
import { UsageWho } from '../sections/usage-who.tsx';
import { useNow } from '../use-format.ts';
import { dayIn } from '../zone.ts';
import styles from './usage.module.css';

/** What was used in a time: how much, how fast, by whom, and what it saves. Filters and view are in the address. */
export function UsagePage(): ReactNode {
  const { t } = useTranslation();
  const zone = useOfStatus(zoneOf);
  if (zone.data !== undefined) return <UsageOverview zone={zone.data} />;
  return (
    <Page title={t('usage.title')}>
      <UsageTabs />
      <QueryView query={zone}>{() => null}</QueryView>
    </Page>
  );
}

function UsageOverview({ zone }: { readonly zone: string }): ReactNode {
  const { t } = useTranslation();
  const now = useNow();
  const [search] = useSearchParams();
  const [isExporting, setIsExporting] = useState(false);
  const time = readTime(search, zone, now) ?? usualTime(zone, now);
  const who = readWho(search);
  const isFiltered = Object.keys(who).length > 0;
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
      <RequestFilterBar time={time} zone={zone} />
      {who.client !== undefined && (
        <Note
          tone="quiet"
          action={<Link href={requestsAddress(withTime(who, time))}>{t('requests.showThem')}</Link>}
        >
          {t('requests.noSumsByClient')}
        </Note>
      )}
      <UsageSummary span={time.span} who={who} />
      <ViewBar />
      <UsageChartGrid
        time={time}
        zone={zone}
        who={who}
        split={splitOf(search)}
        isTable={search.get('as') === 'table'}
      />
      <UsageTop span={time.span} who={who} />
      <UsageWho span={time.span} who={who} />
      {isFiltered && <Note tone="quiet">{t('requests.savingOfAll')}</Note>}
      <SavingsPanel period={time.period} />
      <UsageExportDialog
        time={time}
        who={who}
        hasSums
        isOpen={isExporting}
        onClose={() => setIsExporting(false)}
      />
    </Page>
  );
}

function usualTime(zone: string, now: Date): NamedTime {
  const period = periodOf(new URLSearchParams(), dayIn(zone, now));
  return { period, span: spanOf(period, zone), isExact: false };
}

function splitOf(search: URLSearchParams): Split {
  return splits.find((split) => split === search.get('split')) ?? 'kind';
}

/** What bars stand on one another by, and whether numbers are shown instead. */
function ViewBar(): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const current = splitOf(search);
  return (
    <div className={styles['view']}>
      <nav aria-label={t('usage.splitBy')} className={styles['splits']}>
        <span aria-hidden>{t('usage.splitBy')}</span>
        <ChoiceLinks
          choices={splits.map((split) => ({
            name: t(`usage.split.${split}`),
            href: withSearch('/usage', searchSet(search, 'split', split === 'kind' ? null : split)),
            isCurrent: split === current,
          }))}
        />
      </nav>
      <Switch
        label={t('usage.asTable')}
        checked={search.get('as') === 'table'}
        onChange={({ currentTarget: { checked } }) =>
          setSearch(searchSet(search, 'as', checked ? 'table' : null), { replace: true })
        }
      />
    </div>
  );
}

function searchSet(search: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value === null) next.delete(name);
  else next.set(name, value);
  return next;
}
