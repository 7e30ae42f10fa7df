import { join } from 'node:path';
import type { FileEngine } from './compose-foundation.ts';
import type { Config } from './config.ts';
import { systemClock, systemTimers, type Clock, type Timers } from './core/clock.ts';
import type { Engine } from './core/engine.ts';
import type { IsOffline } from './core/offline.ts';
import { AppError } from './core/errors.ts';
import type { Logger } from './core/logger.ts';
import { combineEngines } from './engines/combined-engine.ts';
import { createOllama, type ManagedOllama } from './engines/ollama/ollama-control.ts';
import { readKept } from './engines/openai/discover.ts';
import { createUpstreams, type OutsideEngines } from './engines/openai/upstreams.ts';
import { getOllamaSettings, setOllamaSettings } from './store/ollama-settings.ts';
import type { Store } from './store/open.ts';
import { ensureServerSecret, type Keychain } from './store/server-secret.ts';
import { getDiscovered, getUpstreamKey, keepDiscovered, listUpstreams } from './store/upstreams.ts';

/** Every engine there is: our own, Ollama, and an engine for each upstream. */
export type EngineHouse = {
  /** Always the engines of now: upstreams come and go while the server runs. */
  readonly engines: readonly Engine[];
  /** All of them as one, for who asks about models. */
  readonly all: Engine;
  readonly ollama: ManagedOllama;
  readonly upstreams: OutsideEngines;
  readonly serverSecret: string;
  /** Which version of an engine answers, ours included, since we speak for it; null where it does not tell. */
  readonly versionOf: (engineId: string) => Promise<string | null>;
  /** Takes up Ollama and asks the upstreams, without waiting for them. */
  readonly begin: () => void;
  /** Ends what is not our own engine. */
  readonly stop: () => Promise<void>;
};

export type EngineHouseOptions = {
  readonly config: Config;
  readonly store: Store;
  readonly log: Logger;
  readonly builtin: Engine;
  /** Null where the secret lies open in its file. */
  readonly keychain?: Keychain | null | undefined;
  readonly isOffline: IsOffline;
  readonly clock?: Clock | undefined;
  readonly timers?: Timers | undefined;
  readonly onChange: () => void;
};

const longestVersionMs = 5_000;

export function openEngines(options: EngineHouseOptions): EngineHouse {
  const { config, store, log, builtin } = options;
  const { clock = systemClock, timers = systemTimers } = options;
  const serverSecret = ensureServerSecret(config.dataDir, options.keychain ?? null);
  const engines: Engine[] = [builtin];
  const all = combineEngines(engines);
  const ollama = createOllama({
    settings: {
      get: () => getOllamaSettings(store),
      set: (settings) => setOllamaSettings(store, settings),
    },
    ...config.ollama,
    isOffline: options.isOffline,
    pidFile: join(config.dataDir, 'ollama.pid'),
    clock,
    timers,
    log,
    onChange: options.onChange,
  });
  const upstreams = createUpstreams({
    kept: () =>
      listUpstreams(store).map((upstream) => ({
        upstream,
        apiKey: keyOf(store, upstream.name, { id: upstream.id, serverSecret, log }),
        known: readKept(getDiscovered(store, upstream.id)),
      })),
    keep: (id, known) => keepDiscovered(store, id, known),
    serverSecret,
    clock,
    timers,
    onChange: options.onChange,
    onExchange: () => gather(),
  });
  // Last in the list is asked last: what is in the house goes before what is elsewhere.
  const gather = (): void =>
    void engines.splice(0, engines.length, builtin, ollama.engine, ...upstreams.engines());
  gather();
  async function engineVersion(engineId: string): Promise<string | null> {
    if (engineId === builtin.id) return `node-llama-cpp ${config.engineVersion}`;
    if (engineId !== ollama.engine.id) {
      return listUpstreams(store).find(({ name }) => name === engineId)?.kind ?? null;
    }
    const { version } = await ollama.read(AbortSignal.timeout(longestVersionMs));
    return version === null ? null : `Ollama ${version}`;
  }
  return {
    engines,
    all,
    ollama,
    upstreams,
    serverSecret,
    async versionOf(engineId) {
      const version = await engineVersion(engineId);
      return version === null ? null : `Inglenook ${config.version}, ${version}`;
    },
    begin() {
      ollama.begin();
      upstreams.begin();
    },
    async stop() {
      await Promise.all([ollama.stop(), upstreams.stop()]);
    },
  };
}

type Sealed = { readonly id: string; readonly serverSecret: string; readonly log: Logger };

/** A key that cannot be opened any more must be given again; the upstream then says that it refuses us. */
function keyOf(store: Store, upstream: string, { id, serverSecret, log }: Sealed): string | null {
  const { key, isLost } = getUpstreamKey(store, id, serverSecret);
  if (isLost) log.warn('The key of an upstream cannot be opened: give it again.', { upstream });
  return key;
}

/** @throws AppError for a model of another server: those decide themselves how they run their models */
export function commandsFor(own: FileEngine, all: Engine): Pick<FileEngine, 'configure' | 'loadAnyway'> {
  return {
    configure(modelId, change) {
      requireOurs(own, all, modelId);
      own.configure(modelId, change);
    },
    async loadAnyway(modelId) {
      requireOurs(own, all, modelId);
      await own.loadAnyway(modelId);
    },
  };
}

function requireOurs(own: Engine, all: Engine, modelId: string): void {
  const isOf = ({ models }: Engine): boolean => models().some(({ id }) => id === modelId);
  if (isOf(own) || !isOf(all)) return;
  throw new AppError(`${modelId} is run by another server, which has settings of its own.`, {
    status: 409,
    code: 'model_not_ours',
    param: 'model',
  });
}
