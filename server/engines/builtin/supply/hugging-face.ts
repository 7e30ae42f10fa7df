import { z } from 'zod';
import { DownloadFault } from './download-fault.ts';
import { openRemote, readShort, type RemoteTools } from './download-http.ts';
import { splitPartOf } from '../life/model-names.ts';
import type { HubRequest } from './pull-uri.ts';

/** A file of a repository. */
export type HubFile = { readonly path: string; readonly sizeBytes: number; readonly sha256: string | null };

/** One entry of the answer of `GET /api/models/{repo}/tree/{branch}?recursive=true` (huggingface.js, `listFiles`). */
const treeEntry = z.object({
  type: z.string(),
  path: z.string().max(1000),
  size: z.number().int().nonnegative(),
  lfs: z.object({ oid: z.string(), size: z.number().int().nonnegative() }).optional(),
});

const mostPages = 20;
const mostPageBytes = 8 * 1024 * 1024;

/** All GGUF files of a repository. @throws DownloadFault */
export async function listHubFiles(
  request: HubRequest,
  tools: RemoteTools,
  signal: AbortSignal,
): Promise<HubFile[]> {
  const files: HubFile[] = [];
  let page: URL | null = new URL(
    `/api/models/${request.repo}/tree/${encodeURIComponent(request.branch)}?recursive=true`,
    tools.hub.address,
  );
  for (let count = 0; page !== null && count < mostPages; count += 1) {
    const body = await openRemote({ url: page, range: null, signal }, tools);
    const entries = z.array(treeEntry).safeParse(parseJson(await readShort(body, mostPageBytes)));
    if (!entries.success) {
      throw new DownloadFault('stop', 'The model hub answered with something else than a list of files.');
    }
    files.push(...entries.data.filter((entry) => isModelPath(entry.type, entry.path)).map(toHubFile));
    page = body.nextPage;
  }
  return files;
}

function isModelPath(type: string, path: string): boolean {
  return type === 'file' && path.toLowerCase().endsWith('.gguf');
}

function toHubFile({ path, size, lfs }: z.infer<typeof treeEntry>): HubFile {
  const sha256 = lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid) ? lfs.oid : null;
  return { path, sizeBytes: lfs?.size ?? size, sha256 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Where a file of a repository is fetched. */
export function hubFileUrl(request: HubRequest, path: string, hubAddress: string): URL {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return new URL(`/${request.repo}/resolve/${encodeURIComponent(request.branch)}/${encoded}`, hubAddress);
}

/** Small enough for most computers and still good; the order in which a quantisation is chosen if none is named. */
const usual = [
  'q4_k_m',
  'mxfp4',
  'q4_k_xl',
  'q4_k_s',
  'iq4_xs',
  'q4_0',
  'q4_1',
  'q5_k_m',
  'q8_0',
  'f16',
  'bf16',
];

/**
 * The files of the wanted model, all parts of it in order.
 * @throws DownloadFault of kind `stop`, naming what there is
 */
export function chooseHubFiles(request: HubRequest, files: readonly HubFile[]): HubFile[] {
  const models = files.filter(({ path }) => !/(^|\/)mmproj/i.test(path));
  const { wanted } = request;
  if (wanted !== null && 'file' in wanted) return partsOf(wanted.file, files);
  const names = wanted === null ? usual : [wanted.quantisation];
  for (const name of names) {
    const [best] = models
      .filter(({ path }) => isOfQuantisation(path, name))
      .toSorted((a, b) => a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
    if (best !== undefined) return partsOf(best.path, models);
  }
  const [only, ...others] = models;
  if (wanted === null && only !== undefined && others.length === 0) return [only];
  throw new DownloadFault('stop', `${whatIsMissing(request)} ${whatThereIs(models)}`);
}

/** `…-Q4_K_M.gguf`; a name that begins with `UD-` is a way of quantising of its own and must be asked for. */
function isOfQuantisation(path: string, name: string): boolean {
  const stem = stemOf(path).toLowerCase();
  const ending = name.toLowerCase();
  if (!stem.endsWith(ending)) return false;
  const before = stem.slice(0, -ending.length);
  return before === '' || (/[-._/]$/.test(before) && !/(^|[-._/])ud-$/.test(before));
}

function stemOf(path: string): string {
  return path.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
}

function partsOf(path: string, files: readonly HubFile[]): HubFile[] {
  const slash = path.lastIndexOf('/') + 1;
  const split = splitPartOf(path.slice(slash));
  const paths =
    split === null
      ? [path]
      : Array.from({ length: split.count }, (_, index) => path.slice(0, slash) + split.nameOf(index + 1));
  return paths.map((wanted) => {
    const file = files.find((candidate) => candidate.path === wanted);
    if (file !== undefined) return file;
    throw new DownloadFault(
      'stop',
      `The repository has no file ${wanted.slice(0, 200)}. ${whatThereIs(files)}`,
    );
  });
}

function whatIsMissing({ repo, wanted }: HubRequest): string {
  return wanted !== null && 'quantisation' in wanted
    ? `The repository ${repo} has no ${wanted.quantisation}.`
    : `In the repository ${repo} it is not clear which file is meant.`;
}

function whatThereIs(files: readonly HubFile[]): string {
  if (files.length === 0)
    return 'It has no GGUF files at all; look for a repository whose name ends in GGUF.';
  const names = [...new Set(files.map(({ path }) => stemOf(path).split('/').at(-1) ?? path))];
  const shown = names.slice(0, 20).join(', ');
  return `There are: ${shown}${names.length > 20 ? ' and more' : ''}.`;
}
