import { hostname } from 'node:os';
import { z } from 'zod';
import type { Export, ExportSecret } from '../../core/export.ts';
import type { LogRow } from '../../core/log-row.ts';
import type { ContentOf } from '../content.ts';
import { withoutPeople } from '../people.ts';
import { postJson, type PostAnswer } from '../post-json.ts';
import { allTaken, Undelivered, type Receipt, type Receiver } from '../receiver.ts';
import { attributes, type SpanJson } from './json.ts';
import { langfuseAttributes } from './langfuse.ts';
import { spanOf, type ServerAddress } from './span.ts';

export type OtlpOptions = {
  readonly export: Export;
  readonly secret: ExportSecret;
  readonly version: string;
  /** Our own port; asked when something is sent. */
  readonly port: () => number;
  readonly contentOf: ContentOf;
};

/** Some 400 KB; collectors take 4 MB at least. */
const mostSpans = 200;

/** Sends spans by OTLP over HTTP, as JSON. @see https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function otlpReceiver(options: OtlpOptions): Receiver {
  const { url, mayLeave } = options.export;
  const target = { url, mayLeave, headers: headersOf(options) };
  const post = async (rows: readonly LogRow[], signal: AbortSignal): Promise<Receipt> =>
    receiptOf(await postJson(target, JSON.stringify(batchOf(rows, options)), signal));
  return {
    mostRows: mostSpans,
    send: post,
    check: async (signal) => void (await post([], signal)),
  };
}

function headersOf({ export: { kind }, secret }: OtlpOptions): Record<string, string> {
  if (kind !== 'langfuse') return { ...secret.headers };
  const pair = `${secret.publicKey ?? ''}:${secret.secretKey ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** An `ExportTraceServiceRequest`. */
function batchOf(rows: readonly LogRow[], options: OtlpOptions): object {
  const host = hostname();
  const server = { host, port: options.port() };
  const resource = {
    'service.name': 'inglenook',
    'service.version': options.version,
    'host.name': host,
  };
  if (rows.length === 0) return { resourceSpans: [] };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [
          {
            scope: { name: 'inglenook', version: options.version },
            spans: rows.map((row) => spanFor(row, server, options)),
          },
        ],
      },
    ],
  };
}

function spanFor(row: LogRow, server: ServerAddress, { export: wanted, contentOf }: OtlpOptions): SpanJson {
  const shown = wanted.people ? row : withoutPeople(row);
  const span = spanOf(shown, { server, content: contentOf(row.id) });
  if (wanted.kind !== 'langfuse') return span;
  return { ...span, attributes: [...span.attributes, ...langfuseAttributes(shown)] };
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
