import { z } from 'zod';
import { DownloadFault } from './download-fault.ts';
import { openRemote, type RemoteTools } from './download-http.ts';
import { hubFolder, safeFileName, urlFolder } from './download-names.ts';
import { chooseHubFiles, hubFileUrl, listHubFiles } from './hugging-face.ts';
import { splitPartOf } from '../life/model-names.ts';
import { decode, type HubRequest, type PullRequest } from './pull-uri.ts';

/** One file of a download, with how far it is. Kept in the database. */
export const plannedFile = z.object({
  url: z.string(),
  /** Below the folder for models, made safe. */
  relativePath: z.string(),
  /** Null until the source has told. */
  sizeBytes: z.number().int().nonnegative().nullable(),
  sha256: z.string().nullable(),
  version: z.string().nullable(),
  /** Whether the source gives parts of the file. */
  isResumable: z.boolean(),
  /** What is still to come; null before anything is known. */
  left: z.array(z.object({ from: z.number().int(), to: z.number().int() })).nullable(),
});
export type PlannedFile = z.infer<typeof plannedFile>;

/**
 * The files behind an address: those of the hub with size and hash from its list, others by asking each.
 * @throws DownloadFault
 */
export function planPull(
  request: PullRequest,
  tools: RemoteTools,
  signal: AbortSignal,
): Promise<PlannedFile[]> {
  return request.kind === 'hub' ? planHub(request, tools, signal) : planUrl(request.url, tools, signal);
}

async function planHub(request: HubRequest, tools: RemoteTools, signal: AbortSignal): Promise<PlannedFile[]> {
  const files = chooseHubFiles(request, await listHubFiles(request, tools, signal));
  const planned: PlannedFile[] = [];
  for (const file of files) {
    const url = hubFileUrl(request, file.path, tools.hub.address);
    const asked = await askForFile(url, tools, signal);
    if (asked.sizeBytes !== null && asked.sizeBytes !== file.sizeBytes) {
      throw new DownloadFault('stop', 'The model hub’s list and its file differ in size. Try again later.');
    }
    const relativePath = `${hubFolder(request.repo, request.branch)}/${safeFileName(file.path)}`;
    planned.push({
      ...asked,
      sizeBytes: file.sizeBytes,
      sha256: file.sha256 ?? asked.sha256,
      relativePath,
      left: null,
    });
  }
  return planned;
}

async function planUrl(url: URL, tools: RemoteTools, signal: AbortSignal): Promise<PlannedFile[]> {
  const folder = urlFolder(url);
  const planned: PlannedFile[] = [];
  for (const part of partUrls(url)) {
    const asked = await askForFile(part, tools, signal);
    planned.push({ ...asked, relativePath: `${folder}/${safeFileName(nameIn(part))}`, left: null });
  }
  return planned;
}

function nameIn(url: URL): string {
  return decode(url.pathname.split('/').at(-1) ?? '');
}

/** All files of a model in several, whichever of them was named. */
function partUrls(url: URL): URL[] {
  const split = splitPartOf(nameIn(url));
  if (split === null) return [url];
  return Array.from({ length: split.count }, (_, index) => {
    const part = new URL(url);
    part.pathname = url.pathname.replace(/[^/]*$/, encodeURIComponent(split.nameOf(index + 1)));
    return part;
  });
}

/** One byte tells whether there is such a file, how large it is, and whether parts of it can be had. */
async function askForFile(
  url: URL,
  tools: RemoteTools,
  signal: AbortSignal,
): Promise<Omit<PlannedFile, 'relativePath' | 'left'>> {
  const body = await openRemote({ url, range: { from: 0, to: 1 }, signal }, tools);
  body.close();
  return {
    url: url.href,
    sizeBytes: body.totalBytes,
    sha256: body.sha256,
    version: body.version,
    isResumable: body.isPartial && body.totalBytes !== null,
  };
}
