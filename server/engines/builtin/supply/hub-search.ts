import { z } from 'zod';
import type { HubModel, HubSearch } from '../../../core/download.ts';
import { DownloadFault } from './download-fault.ts';
import { openRemote, readShort, type RemoteTools } from './download-http.ts';

const mostFound = 20;
const mostBytes = 4 * 1024 * 1024;

/** One entry of the answer of `GET /api/models?search=…` (huggingface.js, `listModels`); what is missing is not known. */
const listed = z.object({
  id: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  downloads: z.number().catch(0),
  likes: z.number().catch(0),
  gated: z.union([z.boolean(), z.string()]).optional().catch(false),
  tags: z.array(z.string()).catch([]),
});

/** Repositories with GGUF files by these words, the most fetched first. */
export async function searchHub(words: string, tools: RemoteTools, signal: AbortSignal): Promise<HubSearch> {
  const source = tools.hub.address;
  const url = new URL('/api/models', source);
  const asked = {
    search: words,
    filter: 'gguf',
    sort: 'downloads',
    direction: '-1',
    limit: String(mostFound),
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  try {
    const body = await openRemote({ url, range: null, signal }, tools);
    const answer = z.array(z.unknown()).safeParse(parseJson(await readShort(body, mostBytes)));
    if (!answer.success) {
      return {
        state: 'source-down',
        source,
        reason: 'The model hub answered with something else than a list.',
      };
    }
    return { state: 'found', models: answer.data.flatMap(modelOf) };
  } catch (error) {
    if (!(error instanceof DownloadFault)) throw error;
    return { state: hasNoWayOut(error) ? 'no-internet' : 'source-down', source, reason: error.message };
  }
}

/** An entry that is none is left out; the others are still of use. */
function modelOf(entry: unknown): HubModel[] {
  const found = listed.safeParse(entry).data;
  if (found === undefined) return [];
  const { id, downloads, likes, gated, tags } = found;
  const tagged = (name: string): string | null =>
    tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1) ?? null;
  return [
    {
      repo: id,
      madeFrom: tagged('base_model:quantized') ?? tagged('base_model'),
      licence: tagged('license'),
      downloads,
      likes,
      isGated: gated !== undefined && gated !== false,
    },
  ];
}

/** The name cannot be looked up, or no route leads out: it is our line, and not the hub. */
const wayOutCodes = ['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'];

function hasNoWayOut({ cause }: DownloadFault): boolean {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error && 'code' in first && wayOutCodes.includes(String(first.code));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
