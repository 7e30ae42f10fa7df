import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WireLogRow } from '../server/wire/admin.ts';
import { onRequestFinished } from './live.ts';
import { matches, type WhoFilters } from './request-filters.ts';

/** So many are kept; the oldest go. */
export const mostLiveRows = 500;

/** A screen reader is told of what came in at most so often. */
const announceEveryMs = 5_000;

/** Further down than that, somebody reads, and what comes in must not move what is read. */
const readingFromPx = 120;

export type LiveRows = {
  /** The newest first. */
  readonly rows: readonly WireLogRow[];
  readonly isPaused: boolean;
  readonly isPausedByScroll: boolean;
  /** How many have come since it stands still, of those that are kept. */
  readonly waiting: number;
  /** How many more came, which are in the list of requests alone. */
  readonly dropped: number;
  /** What is to be said now; a new value each time. */
  readonly announced: { readonly count: number } | null;
  readonly pause: () => void;
  readonly resume: () => void;
};

type Pause = 'off' | 'by-hand' | 'by-scroll';
type Buffer = {
  readonly shown: readonly WireLogRow[];
  readonly waiting: readonly WireLogRow[];
  readonly dropped: number;
};

/** Requests that end from now on, by the tab's one stream; all of them are kept, and those that fit are shown. */
export function useLiveRows(who: WhoFilters): LiveRows {
  const [pause, setPause] = useState<Pause>('off');
  const [buffer, setBuffer] = useState<Buffer>({ shown: [], waiting: [], dropped: 0 });
  const pauseNow = useRef(pause);
  useEffect(() => {
    pauseNow.current = pause;
  }, [pause]);

  useEffect(
    () =>
      onRequestFinished((row) =>
        setBuffer((before) =>
          pauseNow.current === 'off' ? shownWith(before, row) : waitingWith(before, row),
        ),
      ),
    [],
  );

  const resume = useCallback(() => {
    setPause('off');
    setBuffer(({ shown, waiting }) => ({
      shown: [...waiting, ...shown].slice(0, mostLiveRows),
      waiting: [],
      dropped: 0,
    }));
  }, []);
  useScrollPause(pause, setPause, resume);

  const fits = useCallback((row: WireLogRow): boolean => matches(row, who), [who]);
  const { shown, waiting, dropped } = buffer;
  const rows = useMemo(() => shown.filter(fits), [shown, fits]);
  return {
    rows,
    isPaused: pause !== 'off',
    isPausedByScroll: pause === 'by-scroll',
    waiting: useMemo(() => waiting.filter(fits).length, [waiting, fits]),
    dropped,
    announced: useAnnouncement(rows),
    pause: useCallback(() => setPause('by-hand'), []),
    resume: useCallback(() => {
      scrollTo(0, 0);
      resume();
    }, [resume]),
  };
}

function shownWith(before: Buffer, row: WireLogRow): Buffer {
  return { ...before, shown: [row, ...before.shown].slice(0, mostLiveRows) };
}

function waitingWith(before: Buffer, row: WireLogRow): Buffer {
  const waiting = [row, ...before.waiting];
  const isFull = waiting.length > mostLiveRows;
  return {
    ...before,
    waiting: isFull ? waiting.slice(0, mostLiveRows) : waiting,
    dropped: before.dropped + (isFull ? 1 : 0),
  };
}

/** Scrolling down stands it still, scrolling back to the top goes on; what was paused by hand stays so. */
function useScrollPause(pause: Pause, setPause: (pause: Pause) => void, resume: () => void): void {
  useEffect(() => {
    const look = (): void => {
      const isReading = window.scrollY > readingFromPx;
      if (isReading && pause === 'off') setPause('by-scroll');
      else if (!isReading && pause === 'by-scroll') resume();
    };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [pause, setPause, resume]);
}

function useAnnouncement(rows: readonly WireLogRow[]): LiveRows['announced'] {
  const [announced, setAnnounced] = useState<LiveRows['announced']>(null);
  const newest = useRef(rows);
  useEffect(() => {
    newest.current = rows;
  }, [rows]);
  useEffect(() => {
    let said = newest.current;
    const timer = setInterval(() => {
      const known = new Set(said.map(({ id }) => id));
      const count = newest.current.filter(({ id }) => !known.has(id)).length;
      said = newest.current;
      if (count > 0) setAnnounced({ count });
    }, announceEveryMs);
    return () => clearInterval(timer);
  }, []);
  return announced;
}
