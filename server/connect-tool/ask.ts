import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { codeOf, Refused } from './failures.ts';

/** How the office is asked: where, and whose certificate counts beside those of the system. */
export type Connection = {
  /** `http://192.168.1.20:11500` */
  readonly origin: string;
  /** The authority's certificate as PEM, where it was compared with the owner's console. */
  readonly authority: string | null;
};

export type Question = {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly key?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Only to fetch the certificate by which everything else is checked. */
  readonly isUnchecked?: boolean;
};

export type Answer = {
  readonly status: number;
  readonly text: string;
  /** Null for what is no JSON. */
  readonly json: unknown;
  readonly retryAfterSeconds: number | null;
};

const timeoutMs = 15_000;
const mostBytes = 8 * 1024 * 1024;

/** One question. No redirect is followed, no proxy asked. @throws Refused where nobody answers, or somebody unknown */
export async function ask(connection: Connection, question: Question): Promise<Answer> {
  try {
    return await exchange(connection, question);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(whyNoAnswer(error, connection.origin));
  }
}

/** Whether this is about the certificate, so that comparing a fingerprint may help. */
export function isAboutTrust(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return /^(ERR_TLS_|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(VERIFY|GET_ISSUER))/.test(code);
}

/** As `ask`, with what the system says. */
export function exchange(connection: Connection, question: Question): Promise<Answer> {
  const url = new URL(question.path, connection.origin);
  const [body, type] = bodyOf(question);
  const options: RequestOptions & { ca?: string[]; rejectUnauthorized?: boolean } = {
    method: question.method ?? 'GET',
    agent: false,
    timeout: timeoutMs,
    headers: {
      accept: 'application/json',
      'user-agent': 'inglenook-connect',
      ...(body === null ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
      ...(question.key === undefined ? {} : { authorization: `Bearer ${question.key}` }),
    },
    ...(connection.authority === null ? {} : { ca: [connection.authority] }),
    ...(question.isUnchecked === true ? { rejectUnauthorized: false } : {}),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > mostBytes)
          request.destroy(new Refused(`${connection.origin} sends more than it should.`));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const wait = Number(response.headers['retry-after'] ?? Number.NaN);
        const retryAfterSeconds = Number.isFinite(wait) ? wait : null;
        resolve({ status: response.statusCode ?? 0, text, json: parsed(text), retryAfterSeconds });
      });
    });
    request.on('timeout', () =>
      request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    );
    request.on('error', reject);
    request.end(body);
  });
}

function bodyOf({ form, json }: Question): readonly [string | null, string] {
  if (form !== undefined) return [new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded'];
  if (json !== undefined) return [JSON.stringify(json), 'application/json'];
  return [null, ''];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function whyNoAnswer(error: unknown, origin: string): string {
  const code = codeOf(error);
  if (isAboutTrust(error)) {
    return `${origin} shows a certificate that this computer does not trust (${code}). Compare its fingerprint: --fingerprint, as the owner's console shows it.`;
  }
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing answers at ${origin}. Is Inglenook running there, is the office let in, and is the port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name in ${origin} is not known here. Use the number instead, as the owner's console shows it (192.168.…).`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return `${origin} cannot be reached from this computer. Is it the office's network, and does a firewall stand between?`;
    case 'EPROTO':
    case 'ECONNRESET':
    case 'HPE_INVALID_CONSTANT':
      return `What answers at ${origin} does not speak as Inglenook does (${code}).`;
    default:
      return `${origin} could not be asked: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The sentence of an answer that refuses: ours, or RFC 6749's. */
export function sentenceOf({ json, status }: Answer): string {
  const error = fieldOf(json, 'error');
  const sentence = fieldOf(error, 'message') ?? fieldOf(json, 'error_description');
  return typeof sentence === 'string' && sentence !== '' ? sentence : `It answered with status ${status}.`;
}

export function errorCodeOf({ json }: Answer): string | null {
  const error = fieldOf(json, 'error');
  const code = typeof error === 'string' ? error : fieldOf(error, 'code');
  return typeof code === 'string' ? code : null;
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
