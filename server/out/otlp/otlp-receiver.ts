import { hostname } from 'node:os';
import { z } from 'zod';
import type { Export, ExportSecret } from '../../core/export.ts';
import type { LogRow } from '../../core/log-row.ts';
import type { TraceContent } from '../../core/trace.ts';
import type { Contents } from '../content.ts';
import { withoutPeople } from '../people.ts';
import { postJson, type PostAnswer } from '../post-json.ts';
import { allTaken, Undelivered, type Receipt, type Receiver } from '../receiver.ts';
import { attributes, type SpanJson } from './json.ts';
import { langfuseAttributes } from './langfuse.ts';
import { conventionMessages, langfuseMessages } from './messages.ts';
import { spanOf, type ServerAddress } from './span.ts';

export type OtlpOptions = {
  readonly export: Export;
  readonly secret: ExportSecret;
  readonly version: string;
  /** Our own port; asked when something is sent. */
  readonly port: () => number;
  readonly contents: Contents;
};

/** Some 400 KB; collectors take 4 MB at least. */
const mostSpans = 200;
/** Of what was said, in one post: below 1 MB in nearly every language. */
const mostCharacters = 256 * 1024;

/** Sends spans by OTLP over HTTP, as JSON. @see https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function otlpReceiver(options: OtlpOptions): Receiver {
  const { url, mayLeave } = options.export;
  const target = { url, mayLeave, headers: headersOf(options) };
  const post = async (spans: readonly SpanJson[], signal: AbortSignal): Promise<Receipt> =>
    receiptOf(await postJson(target, JSON.stringify(batchOf(spans, options)), signal));

  /** A part of a batch: what was said is read only now, so that little of it is in memory at a time. */
  async function sendPart({ rows, traced }: Part, signal: AbortSignal): Promise<Receipt> {
    const said = traced.length === 0 ? noContent : await options.contents.read(traced);
    try {
      return await post(spansOf(rows, said, options), signal);
    } catch (error) {
      const isTooMuch = error instanceof Undelivered && error.blame === 'rows' && rows.length === 1;
      if (!isTooMuch || said.size === 0) throw error;
      // Perhaps it is too long for them: then what was said stays here, and the request itself is not lost.
      return await post(spansOf(rows, noContent, options), signal);
    }
  }
  return {
    mostRows: mostSpans,
    async send(rows, signal) {
      const sizes = await options.contents.sizes(rows, options.export);
      const receipts: Receipt[] = [];
      // One that fails makes the whole batch come again; what had arrived is the same spans then.
      for (const part of partsOf(rows, sizes)) receipts.push(await sendPart(part, signal));
      const refused = receipts.reduce((sum, receipt) => sum + receipt.refused, 0);
      return { refused, reason: receipts.findLast(({ reason }) => reason !== null)?.reason ?? null };
    },
    check: async (signal) => void (await post([], signal)),
  };
}

const noContent: ReadonlyMap<string, TraceContent> = new Map();

type Part = { readonly rows: LogRow[]; readonly traced: string[] };

/** Parts of a batch that together hold about as much of what was said as a receiver takes at once, and we like to copy. */
function partsOf(rows: readonly LogRow[], sizes: ReadonlyMap<string, number>): Part[] {
  const parts: Part[] = [{ rows: [], traced: [] }];
  let characters = 0;
  for (const row of rows) {
    const size = sizes.get(row.id);
    if (characters > 0 && characters + (size ?? 0) > mostCharacters) {
      parts.push({ rows: [], traced: [] });
      characters = 0;
    }
    parts.at(-1)?.rows.push(row);
    if (size === undefined) continue;
    parts.at(-1)?.traced.push(row.id);
    characters += size;
  }
  return parts;
}

function headersOf({ export: { kind }, secret }: OtlpOptions): Record<string, string> {
  if (kind !== 'langfuse') return { ...secret.headers };
  const pair = `${secret.publicKey ?? ''}:${secret.secretKey ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** An `ExportTraceServiceRequest`. */
function batchOf(spans: readonly SpanJson[], options: OtlpOptions): object {
  const resource = {
    'service.name': 'inglenook',
    'service.version': options.version,
    'host.name': hostname(),
  };
  if (spans.length === 0) return { resourceSpans: [] };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [
          {
            scope: { name: 'inglenook', version: options.version },
            spans,
          },
        ],
      },
    ],
  };
}

function spansOf(
  rows: readonly LogRow[],
  said: ReadonlyMap<string, TraceContent>,
  { export: { kind, people }, port }: OtlpOptions,
): SpanJson[] {
  const server: ServerAddress = { host: hostname(), port: port() };
  return rows.map((row) => {
    const shown = people ? row : withoutPeople(row);
    const content = said.get(row.id);
    if (kind !== 'langfuse') {
      return spanOf(shown, {
        server,
        content: content === undefined ? {} : conventionMessages(content, row),
      });
    }
    const span = spanOf(shown, { server, content: content === undefined ? {} : langfuseMessages(content) });
    return { ...span, attributes: [...span.attributes, ...langfuseAttributes(shown)] };
  });
}

const partialSuccess = z.object({
  partialSuccess: z.object({
    rejectedSpans: z.coerce.number().int().min(0).default(0),
    errorMessage: z.string().default(''),
  }),
});

/** What the specification says of each answer: what is partly taken must not be sent again. */
function receiptOf({ status, retryAfterMs, text }: PostAnswer): Receipt {
  if (status >= 200 && status < 300) {
    const said = partialSuccess.safeParse(parsed(text));
    if (!said.success || said.data.partialSuccess.rejectedSpans === 0) return allTaken;
    const { rejectedSpans, errorMessage } = said.data.partialSuccess;
    return { refused: rejectedSpans, reason: errorMessage.slice(0, 200) };
  }
  if (status === 401 || status === 403) {
    throw new Undelivered(`It does not let us in (${status}). Are the keys or headers right?`);
  }
  if (status === 400 || status === 413 || status === 422) {
    throw new Undelivered(`It does not take what it is sent (${status}).`, { blame: 'rows' });
  }
  if (status === 429 || status >= 500) {
    throw new Undelivered(`It cannot take anything just now (${status}).`, { retryAfterMs });
  }
  throw new Undelivered(
    status >= 300 && status < 400
      ? `It points to another address (${status}); give that one.`
      : `It does not answer as a receiver of traces does (${status}). Is the address right?`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Some answer nothing, or in protobuf; the status has said what counts.
    return null;
  }
}
