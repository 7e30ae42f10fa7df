import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { systemClock, systemTimers, type Clock } from './core/clock.ts';
import type { Engine } from './core/engine.ts';
import type { AppError } from './core/errors.ts';
import type { Logger } from './core/logger.ts';
import type { ModelDescription } from './core/model.ts';
import {
  createBuiltinEngine,
  type BuiltinEngine,
  type ModelSettingsKeeper,
} from './engines/builtin/builtin-engine.ts';
import type { LibrarySources } from './engines/builtin/life/library.ts';
import { readCatalogue } from './engines/builtin/supply/catalogue.ts';
import { createDownloadQueue, type DownloadQueue } from './engines/builtin/supply/download-queue.ts';
import { freeBytesOf } from './engines/builtin/supply/download-space.ts';
import { usualStores } from './engines/builtin/supply/import-found.ts';
import { createModelSupply } from './engines/builtin/supply/pull-supply.ts';
import { pauseRefusal } from './owner/pause-refusals.ts';
import { createLive, type Live } from './record/live.ts';
import { createServerLog, type ServerLog } from './record/server-log.ts';
import { finishRestore, type PreparedRestore } from './store/backup/restore.ts';
import { claimDataDir, type DataDirClaim } from './store/claim.ts';
import { downloadStore, getDownloadSettings } from './store/downloads.ts';
import { createGoingOnline, type GoingOnline } from './store/going-online.ts';
import { listModelFiles, listModelFolders } from './store/model-files.ts';
import { openModelSettings } from './store/model-settings.ts';
import { closeStore, openStore, type Store } from './store/open.ts';

/** An engine, and how it is told that files have come or gone. */
export type FileEngine = Engine &
  Pick<BuiltinEngine, 'rescan' | 'preload' | 'configure' | 'machine' | 'graphics' | 'loadAnyway'>;

export type EngineHooks = Required<Pick<LibrarySources, 'addedFiles' | 'addedFolders' | 'nameOf'>> & {
  readonly onChange: (models: readonly ModelDescription[]) => void;
  readonly settings: ModelSettingsKeeper;
  /** Null while models may be loaded; else why not. */
  readonly heldBack: () => AppError | null;
  readonly log: Logger;
};

/** What exists before the first request and is given up last. */
export type Foundation = {
  readonly claim: DataDirClaim;
  readonly log: ServerLog;
  readonly store: Store;
  readonly live: Live;
  /** Whether the server may go online. */
  readonly online: GoingOnline;
  readonly engine: FileEngine;
  /** The backup that has just been put in place; null for none. */
  readonly restored: PreparedRestore | null;
  /** Told of the models of all other engines too, once those are there. */
  readonly showing: { models: () => readonly ModelDescription[] };
};

export type FoundationOptions = {
  /** Another engine than the built-in one; for tests. */
  readonly createEngine?: (hooks: EngineHooks) => FileEngine;
  readonly stderr?: NodeJS.WritableStream;
  readonly clock?: Clock;
};

/** @throws AppError with the sentence for the owner; nothing is left claimed then */
export function layFoundation(config: Config, options: FoundationOptions): Foundation {
  const claim = claimDataDir(config.dataDir);
  const stderr = options.stderr ?? process.stderr;
  const log = createServerLog({ dir: join(config.dataDir, 'logs'), stderr, level: 'info' });
  try {
    const restored = finishRestore(config.dataDir);
    const store = openStore(join(config.dataDir, 'inglenook.db'));
    const live = createLive();
    const clock = options.clock ?? systemClock;
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const showing: Foundation['showing'] = { models: () => [] };
    const engine = (options.createEngine ?? builtinEngine(config))({
      addedFiles: () => listModelFiles(store).map((file) => file.path),
      addedFolders: () => listModelFolders(store).map((folder) => folder.path),
      nameOf: (path) => listModelFiles(store).find((file) => file.path === path)?.name ?? null,
      onChange: () => live.publish({ type: 'models', models: [...showing.models()] }),
      settings: openModelSettings(store),
      // By what is kept alone, so that it holds from the first moment on.
      heldBack: () => pauseRefusal(store, 'gpu', { nowMs: clock.nowMs(), timeZone }),
      log,
    });
    const online = createGoingOnline(store, config.offline);
    return { claim, log, store, live, online, engine, restored, showing };
  } catch (error) {
    claim.release();
    throw error;
  }
}

function builtinEngine(config: Config): (hooks: EngineHooks) => FileEngine {
  const pulledDir = pulledModelsDir(config);
  mkdirSync(pulledDir, { recursive: true });
  return ({ addedFiles, addedFolders, nameOf, ...hooks }) =>
    createBuiltinEngine({
      sources: {
        starterDir: config.starterDir,
        pulledDir,
        folders: config.modelsDir === null ? [] : [config.modelsDir],
        addedFiles,
        addedFolders,
        nameOf,
      },
      ...hooks,
    });
}

/** Where models go that are fetched. */
function pulledModelsDir(config: Config): string {
  return join(config.dataDir, 'models');
}

function catalogueFile({ rootDir }: Config): string {
  return join(rootDir, 'resources', 'catalogue.json');
}

export function openDownloads(
  config: Config,
  { store, live, online, log, engine }: Foundation,
  clock: Clock,
  onChange: () => void,
): DownloadQueue {
  const names = new Map(readCatalogue(catalogueFile(config)).map(({ uri, name }) => [uri, name]));
  return createDownloadQueue({
    knownName: (uri) => names.get(uri) ?? null,
    modelsDir: pulledModelsDir(config),
    store: downloadStore(store),
    settings: () => getDownloadSettings(store),
    isOffline: online.isOffline,
    clock,
    timers: systemTimers,
    log,
    freeBytes: freeBytesOf,
    onReady: () => engine.rescan(),
    onChange: (downloads) => {
      live.publish({ type: 'downloads', downloads: [...downloads] });
      onChange();
    },
  });
}

/** Where models come from: searched for, fetched, or found in other programs' folders. */
export function openSupply(config: Config, { store, online, engine }: Foundation, downloads: DownloadQueue) {
  return createModelSupply({
    downloads,
    modelsDir: pulledModelsDir(config),
    catalogueFile: catalogueFile(config),
    settings: () => getDownloadSettings(store),
    isOffline: online.isOffline,
    timers: systemTimers,
    machine: engine.machine,
    stores: () => usualStores(config.ollamaDir),
    folders: () => listModelFolders(store).map(({ path }) => path),
  });
}

/** In the order opposite to the building, each step whatever became of the one before. */
export async function giveUp({ claim, log, store, live, engine }: Foundation): Promise<void> {
  live.close();
  await engine.stop().catch((error: unknown) => log.error('The engine did not stop cleanly.', { error }));
  closeStore(store);
  await log.close();
  claim.release();
}
