import { Button } from '@mantine/core';
import { ArrowDown, Download, SearchX } from 'lucide-react';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { RequestDrawer } from '../parts/request-drawer.tsx';
import { RequestList } from '../parts/request-list.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { useOfStatus, zoneOf } from '../queries.ts';
import { useRequest, useRequests } from '../queries-requests.ts';
import { readTime, readWho, withTime, type RequestFilters } from '../request-filters.ts';
import { NoRequestsNote } from '../sections/no-requests-note.tsx';
import { RequestFilterBar } from '../sections/request-filter-bar.tsx';
import { UsageExportDialog } from '../sections/usage-export-dialog.tsx';
import { UsageTabs } from '../sections/usage-tabs.tsx';
import { useNow } from '../use-format.ts';
import styles from './log.module.css';

/** Every request that has ended. Filters and the open row are in the address, so that a view can be kept and sent. */
export function LogPage(): ReactNode {
  const { t } = useTranslation();
  const zone = useOfStatus(zoneOf);
  if (zone.data !== undefined) return <Log zone={zone.data} />;
  return (
    <Page title={t('log.title')} lead={t('log.lead')}>
      <UsageTabs />
      <QueryView query={zone}>{() => null}</QueryView>
    </Page>
  );
}

function Log({ zone }: { readonly zone: string }): ReactNode {
  const { t } = useTranslation();
  const now = useNow();
  const [search] = useSearchParams();
  const [isExporting, setIsExporting] = useState(false);
  const who = readWho(search);
  const time = readTime(search, zone, now);
  return (
    <Page
      title={t('log.title')}
      lead={t('log.lead')}
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
      <RequestFilterBar time={time} zone={zone} mayBeAlways />
      <Requests filters={withTime(who, time)} />
      <UsageExportDialog
        time={time}
        who={who}
        hasSums={false}
        isOpen={isExporting}
        onClose={() => setIsExporting(false)}
      />
    </Page>
  );
}

const noRows: readonly WireLogRow[] = [];

function Requests({ filters }: { readonly filters: RequestFilters }): ReactNode {
  const { t } = useTranslation();
  const query = useRequests(filters);
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap(({ requests }) => requests) ?? noRows, [pages]);
  const { openRow, drawer } = useOpenRow(rows);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  // What finds nothing in a long stretch goes on only when somebody says so.
  const isLastEmpty = pages?.at(-1)?.requests.length === 0;
  const mayFetch = hasNextPage && !isFetchingNextPage && !isFetchNextPageError && !isLastEmpty;
  const onEnd = useCallback(() => {
    if (mayFetch) void fetchNextPage();
  }, [mayFetch, fetchNextPage]);
  return (
    <>
      <Panel title={t('requests.newestFirst')} flush>
        {pages === undefined && !query.isError && <Waiting lines={6} />}
        {pages === undefined && query.isError && (
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        )}
        {rows.length > 0 && (
          <RequestList
            caption={t('log.title')}
            rows={rows}
            isWhole={!hasNextPage}
            onOpen={openRow}
            onEnd={onEnd}
          />
        )}
        {pages !== undefined && rows.length === 0 && !hasNextPage && <NoRows filters={filters} />}
      </Panel>
      <ListEnd
        query={query}
        rows={rows.length}
        onMore={isLastEmpty && hasNextPage ? () => void fetchNextPage() : null}
      />
      {rows.length > 0 && <TokenNote />}
      {drawer}
    </>
  );
}

/** "Nothing yet" and "nothing like that" are two different things. */
function NoRows({ filters }: { readonly filters: RequestFilters }): ReactNode {
  const { t } = useTranslation();
  const [, setSearch] = useSearchParams();
  if (Object.keys(filters).length === 0) return <NoRequestsNote />;
  return (
    <EmptyNote
      icon={<SearchX size={28} />}
      sentence={t('log.noMatch')}
      action={
        <Button variant="default" onClick={() => setSearch(new URLSearchParams())}>
          {t('requests.forgetFilters')}
        </Button>
      }
    />
  );
}

type ListEndProps = {
  readonly query: ReturnType<typeof useRequests>;
  readonly rows: number;
  /** Null where going on needs nobody's word, or there is nothing to go on to. */
  readonly onMore: (() => void) | null;
};

/** What stands below the last row: how many there are, that more are on their way, or why not. */
function ListEnd({ query, rows, onMore }: ListEndProps): ReactNode {
  const { t } = useTranslation();
  if (query.isFetchNextPageError && !query.isFetchingNextPage) {
    return <ErrorNote error={query.error} onRetry={() => void query.fetchNextPage()} />;
  }
  return (
    <div className={styles['end']} role="status">
      {query.isFetchingNextPage && t('requests.reading')}
      {!query.isFetchingNextPage && onMore !== null && (
        <>
          <span>{t(rows === 0 ? 'requests.nothingInNewest' : 'requests.nothingFurther')}</span>
          <Button variant="default" leftSection={<ArrowDown size={16} aria-hidden />} onClick={onMore}>
            {t('requests.searchOn')}
          </Button>
        </>
      )}
      {rows > 0 && query.data !== undefined && !query.hasNextPage && t('requests.thatIsAll', { count: rows })}
    </div>
  );
}

/** The row that the address names, in its drawer: from the list, or asked for where the list does not have it. */
function useOpenRow(rows: readonly WireLogRow[]): {
  readonly openRow: (row: WireLogRow) => void;
  readonly drawer: ReactNode;
} {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const id = search.get('id');
  const [chosen, setChosen] = useState<WireLogRow | null>(null);
  const known = chosen?.id === id ? chosen : rows.find((row) => row.id === id);
  const query = useRequest(id, known ?? undefined);
  const row = id === null ? null : (known ?? query.data ?? null);
  const openRow = useCallback(
    (next: WireLogRow) => {
      setChosen(next);
      setSearch((before) => withId(before, next.id));
    },
    [setSearch],
  );
  const close = (): void => setSearch((before) => withId(before, null), { replace: true });
  return {
    openRow,
    drawer: (
      <>
        {id !== null && row === null && query.isError && (
          <div className={styles['missing']}>
            <ErrorNote error={query.error} />
            <Button variant="default" onClick={close}>
              {t('common.close')}
            </Button>
          </div>
        )}
        <RequestDrawer row={row} onClose={close} />
      </>
    ),
  };
}

function withId(search: URLSearchParams, id: string | null): URLSearchParams {
  const next = new URLSearchParams(search);
  if (id === null) next.delete('id');
  else next.set('id', id);
  return next;
}
