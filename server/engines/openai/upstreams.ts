import type { Clock, Timers } from '../../core/clock.ts';
import type { Engine } from '../../core/engine.ts';
import type { Upstream, Upstreams } from '../../core/upstream.ts';
import { createOllamaUpstream } from '../ollama/ollama-upstream.ts';
import type { Discovered } from './discover.ts';
import { createUpstreamEngine, type OutsideEngine } from './upstream-engine.ts';

/** An upstream as it is kept, its key in clear. */
export type KeptUpstream = {
  readonly upstream: Upstream;
  readonly apiKey: string | null;
  readonly known: Discovered | null;
};

export type UpstreamsOptions = {
  readonly kept: () => readonly KeptUpstream[];
  readonly keep: (upstreamId: string, known: Discovered) => void;
  readonly serverSecret: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Models have come, gone, or become busy or free. */
  readonly onChange: () => void;
  /** There are other engines than before; absent where nobody holds them. */
  readonly onExchange?: () => void;
};

export type OutsideEngines = Upstreams & {
  readonly engines: () => readonly Engine[];
  /** Asks all of them, now and every minute. */
  readonly begin: () => void;
  readonly stop: () => Promise<void>;
};

const refreshEveryMs = 60_000;

/** One engine for each upstream that is kept, exchanged as a whole when something about it is changed. */
export function createUpstreams(options: UpstreamsOptions): OutsideEngines {
  let entries = new Map<string, { readonly mark: string; readonly engine: OutsideEngine }>();
  let stopRefreshing = (): void => {};
  const stopping = new AbortController();

  function open({ upstream, apiKey, known }: KeptUpstream): OutsideEngine {
    const create = upstream.kind === 'ollama' ? createOllamaUpstream : createUpstreamEngine;
    const { serverSecret, clock, timers, onChange } = options;
    const onDiscovered = (now: Discovered): void => {
      if (entries.has(upstream.id)) options.keep(upstream.id, now);
    };
    return create({ upstream, apiKey, known, onDiscovered, serverSecret, clock, timers, onChange });
  }

  function apply(): void {
    const before = entries;
    entries = new Map(
      options.kept().map((kept) => {
        const mark = JSON.stringify([kept.upstream, kept.apiKey]);
        const same = before.get(kept.upstream.id);
        return [kept.upstream.id, same?.mark === mark ? same : { mark, engine: open(kept) }];
      }),
    );
    for (const [id, { engine }] of before) if (entries.get(id)?.engine !== engine) engine.retire();
  }

  function refreshAll(): void {
    for (const { engine } of entries.values()) engine.refresh(stopping.signal).catch(() => {});
  }

  apply();
  return {
    engines: () => [...entries.values()].map(({ engine }) => engine),
    state: (id) => entries.get(id)?.engine.state() ?? null,
    refresh: async (id, signal) => (await entries.get(id)?.engine.refresh(signal)) ?? null,
    reload() {
      apply();
      options.onExchange?.();
      options.onChange();
    },
    begin() {
      refreshAll();
      stopRefreshing = options.timers.every(refreshEveryMs, refreshAll);
    },
    async stop() {
      stopRefreshing();
      stopping.abort();
      await Promise.all([...entries.values()].map(async ({ engine }) => await engine.stop()));
    },
  };
}
