import { Anchor, Button } from '@mantine/core';
import { Download, SearchX } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { logRow, type WireLogRow } from '../../server/wire/admin.ts';
import type { LogFilters } from '../api.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { RequestDrawer } from '../parts/request-drawer.tsx';
import { RequestTable } from '../parts/request-table.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { useLog } from '../queries.ts';
import { LogFilterBar } from '../sections/log-filter-bar.tsx';
import { NoRequestsNote } from '../sections/no-requests-note.tsx';
import { UsageTabs } from '../sections/usage-tabs.tsx';
import styles from './log.module.css';

const pageRows = 50;

/** Every request that has ended. Filter and page are in the address, so that a view can be kept and sent. */
export function LogPage(): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const [open, setOpen] = useState<WireLogRow | null>(null);
  const filters = readFilters(search);
  const before = search.get('before');
  const query = useLog(filters, pageRows, before);

  function filter(change: LogFilters): void {
    setSearch(new URLSearchParams(withoutUndefined(change)));
  }

  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Page
      title={t('log.title')}
      lead={t('log.lead')}
      action={
        <Button
          component="a"
          variant="default"
          href={`/api/requests/export?${new URLSearchParams(filters)}`}
          download
          leftSection={<Download size={16} aria-hidden />}
        >
          {t('log.export')}
        </Button>
      }
    >
      <UsageTabs />
      <LogFilterBar filters={filters} onChange={filter} />
      <Panel title={t(before === null ? 'log.newest' : 'log.older')} flush>
        <QueryView query={query}>
          {(rows) =>
            rows.length === 0 ? (
              <NoRows isFiltered={isFiltered || before !== null} onReset={() => filter({})} />
            ) : (
              <RequestTable caption={t('log.title')} rows={rows} onOpen={setOpen} />
            )
          }
        </QueryView>
      </Panel>
      <Pager search={search} before={before} rows={query.data ?? []} />
      {(query.data ?? []).length > 0 && <TokenNote />}
      <RequestDrawer row={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

/** "Nothing yet" and "nothing like that" are two different things. */
function NoRows({
  isFiltered,
  onReset,
}: {
  readonly isFiltered: boolean;
  readonly onReset: () => void;
}): ReactNode {
  const { t } = useTranslation();
  if (!isFiltered) return <NoRequestsNote />;
  return (
    <EmptyNote
      icon={<SearchX size={28} />}
      sentence={t('log.noMatch')}
      action={
        <Button variant="default" onClick={onReset}>
          {t('log.showAll')}
        </Button>
      }
    />
  );
}

type PagerProps = {
  readonly search: URLSearchParams;
  readonly before: string | null;
  readonly rows: readonly WireLogRow[];
};

function Pager({ search, before, rows }: PagerProps): ReactNode {
  const { t } = useTranslation();
  const last = rows.length === pageRows ? rows.at(-1) : undefined;
  if (before === null && last === undefined) return null;
  return (
    <nav className={styles['pager']} aria-label={t('log.pages')}>
      {before !== null && (
        <Anchor component={Link} href={addressWith(search, null)}>
          {t('log.toNewest')}
        </Anchor>
      )}
      {last !== undefined && (
        <Anchor component={Link} href={addressWith(search, last.id)} className={styles['older'] ?? ''}>
          {t('log.toOlder')}
        </Anchor>
      )}
    </nav>
  );
}

function addressWith(search: URLSearchParams, before: string | null): string {
  const next = new URLSearchParams(search);
  if (before === null) next.delete('before');
  else next.set('before', before);
  return next.size === 0 ? '/log' : `/log?${next}`;
}

const moment = logRow.shape.time;

/** What is not a filter in the address is ignored, not sent. */
function readFilters(search: URLSearchParams): LogFilters {
  const status = logRow.shape.status.safeParse(search.get('status')).data;
  const key = search.get('key') ?? undefined;
  const person = search.get('person') ?? undefined;
  const model = search.get('model') ?? undefined;
  const since = moment.safeParse(search.get('since')).data;
  const until = moment.safeParse(search.get('until')).data;
  return withoutUndefined({ status, key, person, model, since, until });
}

function withoutUndefined<T extends Record<string, string | undefined>>(
  values: T,
): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
