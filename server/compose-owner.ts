import type { Clock, Timers } from './core/clock.ts';
import type { Crowd } from './core/crowd.ts';
import type { Engine } from './core/engine.ts';
import { servingModel } from './core/alias.ts';
import type { EngineHouse } from './compose-engines.ts';
import type { FileEngine } from './compose-foundation.ts';
import { endExchanges, type Exchange } from './http/exchange.ts';
import type { OpenedOffice } from './http/open-office.ts';
import { isLoopbackName } from './http/host-check.ts';
import { createKeepAwake, inhibitorFor, keepAwakeByApp, type Inhibitor } from './owner/keep-awake.ts';
import { createOfficeHours, type OfficeHours } from './owner/office-hours.ts';
import { computesHere, createPauses, type Pauses } from './owner/pauses.ts';
import type { Live } from './record/live.ts';
import type { ServerLog } from './record/server-log.ts';
import { findAlias } from './store/aliases.ts';
import type { Audit } from './store/audit.ts';
import { getOllamaSettings } from './store/ollama-settings.ts';
import type { Store } from './store/open.ts';
import { listUpstreams } from './store/upstreams.ts';
import { usualDrainSeconds, type OwnerState, type PauseKind } from './wire/owner.ts';

/** The owner comes first: what takes the computer back, what gives it to the office, and what the app is told of it. */
export type Owner = {
  readonly state: () => OwnerState;
  readonly pauses: Pauses;
  readonly hours: OfficeHours;
  /** For the app's tray, whose user is the owner; never throws. `untilMs` null: until it is resumed. */
  readonly fromHost: {
    readonly pause: (what: PauseKind, untilMs: number | null) => void;
    readonly resume: (what: PauseKind) => void;
  };
  /** Whether the app is to keep this computer awake for the office's hours. */
  readonly wantsAwake: () => boolean;
  /** Takes up a pause from before, before anybody can come in; the hours begin once everything is there. */
  readonly begin: () => void;
  readonly stop: () => void;
};

export type OwnerOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly timeZone: string;
  readonly log: ServerLog;
  readonly live: Live;
  readonly audit: Audit;
  readonly builtin: FileEngine;
  readonly others: Pick<EngineHouse, 'engines' | 'all' | 'ollama'>;
  readonly running: Crowd<Exchange>;
  readonly office: Pick<OpenedOffice, 'silence'>;
  /** Whether the app has started this server, and keeps the computer awake itself. */
  readonly hasApp: boolean;
  /** Instead of the system's own, for tests. */
  readonly inhibitor?: Inhibitor | null | undefined;
  /** The status tells of it too. */
  readonly onChange: () => void;
};

/** The name that an office begins with (design decision 18). */
const officeName = 'office';

export function openOwner(options: OwnerOptions): Owner {
  const { store, clock, timers, timeZone, log, live, audit, builtin, others, running, office } = options;
  const usesOwnOllama = (): boolean => getOllamaSettings(store).use === 'own';
  const ours = (): readonly Engine[] => [builtin, ...(usesOwnOllama() ? [others.ollama.engine] : [])];
  const onChange = (): void => {
    live.publish({ type: 'owner', owner: state() });
    options.onChange();
  };
  const awake = options.hasApp
    ? keepAwakeByApp(() => onChange())
    : createKeepAwake({
        inhibitor: options.inhibitor === undefined ? inhibitorFor(process.platform) : options.inhibitor,
        log,
        onChange: () => onChange(),
      });

  /** Its model is held by an engine here only once it has its turn: who waits is told at once, and counts as nobody. */
  const meant = (kind: PauseKind): Exchange[] =>
    [...running].filter(({ entry: { route } }) => kind === 'all' || isHere(route.engine));
  const isHere = (engineId: string | null): boolean =>
    others.engines.some((engine) => engine.id === engineId && computesHere(engine));

  const pauses = createPauses({
    store,
    clock,
    timers,
    timeZone,
    log,
    audit,
    ours,
    others: () => [
      ...(getOllamaSettings(store).use === 'theirs' ? ['Ollama'] : []),
      ...listUpstreams(store).flatMap(({ name, url }) => (isOnThisComputer(url) ? [name] : [])),
    ],
    running: (kind) => meant(kind).length,
    endRunning(kind, reason) {
      const ending = new Set(meant(kind).map(({ entry }) => entry));
      endExchanges(running, reason, (entry) => ending.has(entry));
    },
    preload: () => builtin.preload(),
    setQuiet: (isQuiet) => void office.silence(isQuiet),
    onChange() {
      onChange();
      hours.look();
    },
  });
  const models = () => others.all.models();
  const modelOf = (name: string): string =>
    servingModel(name, models(), (one) => findAlias(store, one))?.id ?? name;
  const hours = createOfficeHours({
    store,
    clock,
    timers,
    timeZone,
    log,
    awake,
    ours,
    usualModels: () => [
      ...builtin.models().flatMap(({ id, settings }) => (settings.preload ? [id] : [])),
      modelOf(officeName),
    ],
    modelOf,
    isHeld: () => pauses.refusal('gpu') !== null,
    isPaused: () => pauses.refusal('all') !== null,
    onChange,
  });

  const state = (): OwnerState => ({ pauses: pauses.state(), hours: hours.state() });
  const told = (act: 'pause.begin' | 'pause.end', object: PauseKind, details: object): void =>
    audit.appendLate({
      actor: 'owner',
      via: 'window',
      act,
      object,
      outcome: 'done',
      details: { ...details },
    });
  return {
    state,
    pauses,
    hours,
    fromHost: {
      pause(what, untilMs) {
        const forMs = untilMs === null ? null : untilMs - clock.nowMs();
        if (forMs !== null && forMs <= 0) return;
        pauses.take(what, { forMs, drainMs: usualDrainSeconds * 1000, by: 'app' });
        told('pause.begin', what, { until: untilMs === null ? null : new Date(untilMs).toISOString() });
      },
      resume(what) {
        if (pauses.lift(what, 'asked')) told('pause.end', what, {});
      },
    },
    wantsAwake: () => awake.state().phase === 'app',
    begin: pauses.begin,
    stop() {
      pauses.stop();
      hours.stop();
    },
  };
}

function isOnThisComputer(url: string): boolean {
  return URL.canParse(url) && isLoopbackName(new URL(url).hostname);
}
