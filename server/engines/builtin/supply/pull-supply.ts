import { rm, rmdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import type { Timers } from '../../../core/clock.ts';
import type { DownloadSettings, Machine, ModelSupply } from '../../../core/download.ts';
import { AppError } from '../../../core/errors.ts';
import { offlineRefusal, requireOnline, type IsOffline } from '../../../core/offline.ts';
import { readCatalogue, recommendModels } from './catalogue.ts';
import { DownloadFault } from './download-fault.ts';
import type { RemoteTools } from './download-http.ts';
import type { DownloadQueue } from './download-queue.ts';
import { estimateFit } from './fit.ts';
import { searchHub } from './hub-search.ts';
import { lookAtFile } from './local-look.ts';
import { locateFile } from './locate.ts';
import { findModels, type ModelStores } from './import-found.ts';
import { partsOf } from '../life/library.ts';
import { inspectFiles } from './pull-inspect.ts';
import { planPull } from './pull-plan.ts';
import { parsePullUri } from './pull-uri.ts';
import { createReach } from './reach.ts';

export type ModelSupplyOptions = {
  readonly downloads: DownloadQueue;
  readonly modelsDir: string;
  readonly catalogueFile: string;
  readonly settings: () => DownloadSettings;
  readonly isOffline: IsOffline;
  readonly timers: Timers;
  readonly machine: () => Promise<Machine>;
  readonly stores: () => Promise<ModelStores>;
  /** Where files of the owner's lie; default: this user's own. */
  readonly home?: string;
  /** Folders that the owner has named. */
  readonly folders?: () => readonly string[];
};

/** A look at a header should take seconds; whoever asks is waiting. */
const longestLookMs = 60_000;
const stallMs = 15_000;
/** Nobody waits longer for a list. */
const longestSearchMs = 10_000;

/** Where models come from: the network, other programs of this computer, and the list we ship. */
export function createModelSupply(options: ModelSupplyOptions): ModelSupply {
  const { modelsDir, machine, settings } = options;
  const catalogue = readCatalogue(options.catalogueFile);

  async function inspect(uri: string, signal: AbortSignal): ReturnType<ModelSupply['inspect']> {
    requireOnline(options.isOffline);
    const { hubAddress, hubToken } = settings();
    const request = parsePullUri(uri, hubAddress);
    const { timers } = options;
    const tools: RemoteTools = { timers, stallMs, hub: { address: hubAddress, token: hubToken } };
    const late = new AbortController();
    const cancel = timers.after(longestLookMs, () =>
      late.abort(new DownloadFault('network', 'The source is too slow to look at the model.')),
    );
    const look = { tools, signal: AbortSignal.any([signal, late.signal]) };
    try {
      return await inspectFiles(request.text, await planPull(request, tools, look.signal), look);
    } catch (error) {
      throw error instanceof DownloadFault ? toRefusal(error) : error;
    } finally {
      cancel();
    }
  }

  return {
    downloads: options.downloads,
    inspect,
    catalogue,
    found: async () => findModels(await options.stores()),
    async search(words, signal) {
      const { hubAddress, hubToken } = settings();
      if (options.isOffline())
        return { state: 'never', source: hubAddress, reason: offlineRefusal().message };
      const { timers } = options;
      const late = new AbortController();
      const cancel = timers.after(longestSearchMs, () => late.abort(tooSlow()));
      const tools = { timers, stallMs: longestSearchMs, hub: { address: hubAddress, token: hubToken } };
      try {
        return await searchHub(words, tools, AbortSignal.any([signal, late.signal]));
      } finally {
        cancel();
      }
    },
    lookAt: lookAtFile,
    locate: (file) =>
      locateFile(file, { home: options.home ?? homedir(), folders: options.folders?.() ?? [] }),
    reach: createReach({
      hubAddress: () => settings().hubAddress,
      isOffline: options.isOffline,
      timers: options.timers,
    }),
    machine,
    fit: estimateFit,
    recommend: (present) => recommendModels(catalogue, present),
    isPulled: (path) => isWithin(modelsDir, path),
    deletePulled: (path) => deletePulled(modelsDir, path),
  };
}

function tooSlow(): DownloadFault {
  return new DownloadFault('network', 'The source does not answer.');
}

function toRefusal(fault: DownloadFault): AppError {
  return new AppError(fault.message, {
    status: fault.kind === 'network' ? 502 : 422,
    code: fault.kind === 'network' ? 'source_unreachable' : 'source_refused',
    param: 'uri',
    cause: fault,
  });
}

function isWithin(folder: string, path: string): boolean {
  return resolve(path).startsWith(resolve(folder) + sep);
}

/** All files of the model, and their folder if nothing else is in it. */
async function deletePulled(modelsDir: string, path: string): Promise<number> {
  if (!isWithin(modelsDir, path)) {
    throw new AppError('This model was not fetched by Inglenook, so its file is not deleted.', {
      status: 409,
      code: 'model_not_removable',
    });
  }
  let freed = 0;
  // Of a damaged model a part may be missing; what is there still goes.
  for (const file of await partsOf(path).catch(() => [path])) {
    const info = await stat(file).catch(() => null);
    await rm(file, { force: true });
    freed += info?.size ?? 0;
  }
  if (isWithin(modelsDir, dirname(path))) await rmdir(dirname(path)).catch(() => {});
  return freed;
}
