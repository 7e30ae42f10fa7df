import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DownloadStore, RemoteModel } from '../../../server/core/download.ts';

/** Two models of the catalogue that are half here: one is coming from a server of this computer, and one is paused. */

const comingModel = {
  id: 'picture-coming',
  uri: 'hf:ggml-org/gpt-oss-20b-GGUF',
  file: 'gpt-oss-20b-mxfp4.gguf',
  sizeBytes: 12_109_566_560,
  doneBytes: 5_019_000_000,
  wish: 'wanted',
} as const;
const pausedModel = {
  id: 'picture-paused',
  uri: 'hf:unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M',
  file: 'Qwen3-4B-Instruct-2507-Q4_K_M.gguf',
  sizeBytes: 2_497_281_120,
  doneBytes: 1_610_000_000,
  wish: 'paused',
} as const;
const version = '"as-ever"';

/** Notes them as a server before this one would have, with part files that take no room. */
export function seedDownloads(downloads: DownloadStore, options: SeedOptions): void {
  for (const model of [comingModel, pausedModel]) {
    const { id, uri, file, sizeBytes, doneBytes, wish } = model;
    const part = join(options.dataDir, 'models', `${file}.part`);
    mkdirSync(dirname(part), { recursive: true });
    writeFileSync(part, '');
    truncateSync(part, doneBytes);
    downloads.save({
      id,
      uri,
      wish,
      reason: null,
      files: [
        {
          url: `${options.source}/${file}`,
          relativePath: file,
          sizeBytes,
          sha256: null,
          version,
          isResumable: true,
          left: [{ from: doneBytes, to: sizeBytes }],
        },
      ],
      about: aboutOf(model),
      addedMs: options.nowMs - 4 * 60_000,
      endedMs: null,
      tries: 1,
    });
  }
  downloads.noteSpeed(38_500_000);
}

type SeedOptions = { readonly dataDir: string; readonly source: string; readonly nowMs: number };

function aboutOf({ uri, file, sizeBytes }: typeof comingModel | typeof pausedModel): RemoteModel {
  return {
    uri,
    name: file,
    fileCount: 1,
    sizeBytes,
    architecture: 'llama',
    quantisation: 'q4_k_m',
    contextTokens: 131_072,
    contextBytesPerToken: 163_840,
    workingBytes: 600_000_000,
    hasChatTemplate: true,
    canUseTools: true,
    isResumable: true,
    hasChecksum: true,
  };
}

const chunk = Buffer.alloc(64 * 1024);
/** Each of the few connections at a time; slow enough that the disk stays empty. */
const pauseMs = 32;

/** Gives whatever part of whatever file is asked for, slowly. */
export async function openSource(): Promise<{ readonly origin: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    // Whether it can be reached at all.
    if (request.headers.range === undefined) return void response.end();
    const { sizeBytes } = request.url?.includes(comingModel.file) === true ? comingModel : pausedModel;
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const last = to === '' ? sizeBytes - 1 : Number(to);
    response.writeHead(206, {
      'accept-ranges': 'bytes',
      'content-length': last + 1 - Number(from),
      'content-range': `bytes ${from}-${last}/${sizeBytes}`,
      'content-type': 'application/octet-stream',
      etag: version,
    });
    void (async () => {
      for (let left = last + 1 - Number(from); left > 0 && !response.destroyed; left -= chunk.length) {
        response.write(chunk.subarray(0, Math.min(chunk.length, left)));
        await sleep(pauseMs);
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
