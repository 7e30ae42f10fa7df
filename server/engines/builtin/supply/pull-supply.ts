import { rm, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import type { Timers } from '../../../core/clock.ts';
import type { DownloadSettings, Machine, ModelSupply } from '../../../core/download.ts';
import { AppError } from '../../../core/errors.ts';
import { readCatalogue, recommendModels } from './catalogue.ts';
import { offlineRefusal } from './download-entry.ts';
import { DownloadFault } from './download-fault.ts';
import type { RemoteTools } from './download-http.ts';
import type { DownloadQueue } from './download-queue.ts';
import { estimateFit } from './fit.ts';
import { findModels, type ModelStores } from './import-found.ts';
import { partsOf } from '../life/library.ts';
import { inspectFiles } from './pull-inspect.ts';
import { planPull } from './pull-plan.ts';
import { parsePullUri } from './pull-uri.ts';

export type ModelSupplyOptions = {
  readonly downloads: DownloadQueue;
  readonly modelsDir: string;
  readonly catalogueFile: string;
  readonly settings: () => DownloadSettings;
  readonly offline: boolean;
  readonly timers: Timers;
  readonly machine: () => Promise<Machine>;
  readonly stores: () => Promise<ModelStores>;
};

/** A look at a header should take seconds; whoever asks is waiting. */
const longestLookMs = 60_000;
const stallMs = 15_000;

/** Where models come from: the network, other programs of this computer, and the list we ship. */
export function createModelSupply(options: ModelSupplyOptions): ModelSupply {
  const { modelsDir, machine, settings } = options;
  const catalogue = readCatalogue(options.catalogueFile);

  async function inspect(uri: string, signal: AbortSignal): ReturnType<ModelSupply['inspect']> {
    if (options.offline) throw offlineRefusal();
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
    machine,
    fit: estimateFit,
    recommend: (present) => recommendModels(catalogue, present),
    isPulled: (path) => isWithin(modelsDir, path),
    deletePulled: (path) => deletePulled(modelsDir, path),
  };
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
