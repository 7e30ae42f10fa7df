import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { useFormat, useNow } from '../use-format.ts';
import { RequestRow, RequestTableHead, steadyTable, tableCaption } from './request-table.tsx';
import styles from './request-table.module.css';

type RequestListProps = {
  readonly caption: string;
  readonly rows: readonly WireLogRow[];
  /** Whether these are all there are. */
  readonly isWhole: boolean;
  readonly onOpen: (row: WireLogRow) => void;
  /** Called when the last rows come into sight; more may then be fetched. */
  readonly onEnd: () => void;
};

const usualRowHeight = 41;
const rowsBeyond = 12;
/** Fetched so early that who scrolls evenly does not wait. */
const rowsBeforeEnd = 30;

/** Tens of thousands of rows, of which only those in sight are drawn. The page scrolls, not the list. */
export function RequestList({ caption, rows, isWhole, onOpen, onEnd }: RequestListProps): ReactNode {
  const format = useFormat();
  const now = useNow();
  const table = useRef<HTMLTableElement>(null);
  const [offset, setOffset] = useState(0);
  const held = useRef<number | null>(null);
  // What is above the list grows and shrinks: notices, filters that wrap.
  useLayoutEffect(() => {
    const measure = (): void => setOffset((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  // The row that has the keyboard's focus stays, however far it is scrolled away.
  const rangeExtractor = useCallback((range: Range): number[] => {
    const shown = defaultRangeExtractor(range);
    const index = held.current;
    if (index === null || index >= range.count || shown.includes(index)) return shown;
    return [...shown, index].sort((a, b) => a - b);
  }, []);
  // oxlint-disable-next-line react/incompatible-library -- nothing of it is memoized here
  const list = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => usualRowHeight,
    overscan: rowsBeyond,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]?.id ?? index,
    rangeExtractor,
  });
  const items = list.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const isNearEnd = last >= rows.length - rowsBeforeEnd;
  useEffect(() => {
    if (isNearEnd) onEnd();
  }, [isNearEnd, rows.length, onEnd]);

  return (
    <table
      ref={table}
      className={steadyTable}
      // Head and rows; −1 where nobody knows how many there are (ARIA 1.2, aria-rowcount).
      aria-rowcount={isWhole ? rows.length + 1 : -1}
    >
      <caption className={tableCaption}>{caption}</caption>
      <RequestTableHead row={1} />
      {/* Only looks where the focus is. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <tbody onFocus={({ target }) => (held.current = indexOf(target))} onBlur={() => (held.current = null)}>
        {items.map((item, place) => {
          const row = rows[item.index];
          const before = items[place - 1]?.end ?? list.options.scrollMargin;
          if (row === undefined) return null;
          return (
            <Fragment key={item.key}>
              <Room height={item.start - before} />
              <RequestRow
                row={row}
                format={format}
                now={now}
                place={item.index + 2}
                measure={list.measureElement}
                onOpen={onOpen}
              />
            </Fragment>
          );
        })}
        <Room
          height={
            list.getTotalSize() -
            ((items.at(-1)?.end ?? list.options.scrollMargin) - list.options.scrollMargin)
          }
        />
      </tbody>
    </table>
  );
}

function Room({ height }: { readonly height: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr aria-hidden className={styles['room']}>
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- room, and hidden */}
      <td colSpan={8} style={{ height }} />
    </tr>
  );
}

function indexOf(target: Element): number | null {
  const index = target.closest('tr')?.dataset['index'];
  return index === undefined ? null : Number(index);
}
