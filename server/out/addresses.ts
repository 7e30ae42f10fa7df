import { lookup } from 'node:dns/promises';
import {
  classOfAddress,
  classOfHost,
  EgressRefused,
  readWebAddress,
  type AddressClass,
} from '../core/egress.ts';
import { AppError, invalidRequest } from '../core/errors.ts';
import type { ExportKind } from '../core/export.ts';

/** An address as it is kept, and the password that stood in it. */
export type GivenAddress = { readonly url: string; readonly password: string | null };

/** Modes of TLS in the words of libpq; it has more, which cannot be told from these by what they protect. */
const sslModes = ['disable', 'require', 'verify-full'];

/**
 * Where an export may go (security.md §4): private addresses, and public ones when the owner says so.
 * @throws AppError 400 for what nothing may be sent to
 */
export async function requireExportAddress(
  kind: ExportKind,
  text: string,
  { mayLeave }: { readonly mayLeave: boolean },
): Promise<GivenAddress> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') throw invalidRequest(example(kind), 'url');
  const classes = await classesOf(url);
  if (classes.includes('refused')) {
    throw invalidRequest(
      'Nothing is sent to this address: it is one of link-local or cloud services.',
      'url',
    );
  }
  const isOutside = classes.includes('public');
  if (isOutside && !mayLeave) {
    throw invalidRequest(
      'This address lies outside the office. If the log may leave the office to it, say so: --may-leave (mayLeave).',
      'mayLeave',
    );
  }
  return kind === 'postgres' ? postgresAddress(url, isOutside) : webAddress(kind, url, isOutside);
}

function postgresAddress(url: URL, isOutside: boolean): GivenAddress {
  const database = url.pathname.slice(1);
  const mode = url.searchParams.get('sslmode') ?? (isOutside ? 'verify-full' : 'disable');
  const others = [...url.searchParams.keys()].filter((name) => name !== 'sslmode');
  if (!/^postgres(ql)?:$/u.test(url.protocol) || url.username === '' || database === '' || url.hash !== '') {
    throw invalidRequest(example('postgres'), 'url');
  }
  if (!sslModes.includes(mode) || others.length > 0) {
    throw invalidRequest(`After the ? only sslmode is known; it is one of ${sslModes.join(', ')}.`, 'url');
  }
  if (isOutside && mode === 'disable') {
    throw invalidRequest('The log would leave the office unencrypted. Leave out sslmode=disable.', 'url');
  }
  const port = url.port === '' ? '5432' : url.port;
  return {
    url: `postgres://${url.username}@${url.hostname}:${port}/${database}?sslmode=${mode}`,
    password: url.password === '' ? null : decoded(url.password),
  };
}

function webAddress(kind: 'otlp' | 'langfuse', given: URL, isOutside: boolean): GivenAddress {
  const url = readWebAddress(given.href);
  if (url === 'credentials') {
    throw invalidRequest('The address holds a name or password. Give what is secret by itself.', 'url');
  }
  if (typeof url === 'string') throw invalidRequest(example(kind), 'url');
  if (url.search !== '' || url.hash !== '') {
    throw invalidRequest('Leave out everything from ? or # on in the address.', 'url');
  }
  if (isOutside && url.protocol !== 'https:') {
    throw invalidRequest('The log would leave the office unencrypted. Use an https:// address.', 'url');
  }
  const path = url.pathname.replace(/\/+$/u, '');
  if (kind === 'otlp') return { url: `${url.origin}${path === '' ? '/v1/traces' : path}`, password: null };
  // People copy either of its two addresses.
  const base = path.replace(/\/api\/public\/otel(\/v1\/traces)?$/u, '');
  return { url: `${url.origin}${base}/api/public/otel/v1/traces`, password: null };
}

function example(kind: ExportKind): string {
  const form = {
    postgres: 'postgres://user@host:5432/database',
    otlp: 'http://collector:4318',
    langfuse: 'https://cloud.langfuse.com',
  }[kind];
  return `Give the address in this form: ${form}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidRequest('The password in the address holds a broken % escape. Give it by itself.', 'url');
  }
}

/** Empty where the name is not known now: then the connection itself is held to the same rule. */
async function classesOf(url: URL): Promise<readonly AddressClass[]> {
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  // `URL` folds 127.1 and the like for web addresses alone, so that here every name is looked up.
  const literal = /^https?:$/u.test(url.protocol) ? classOfHost(url) : null;
  if (literal !== null) return [literal];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => classOfAddress(address));
}

/** What stands in the address itself never reaches the lookup. @throws EgressRefused */
export function requireLiteralAllowed(url: URL, mayLeave: boolean): void {
  const kind = classOfHost(url);
  if (kind === 'refused' || (kind === 'public' && !mayLeave)) throw new EgressRefused();
}

/** What the owner is told of a failed connection. */
export function connectionTrouble(error: unknown): string {
  if (error instanceof EgressRefused) {
    return 'It lies at an address that the log may not be sent to. If it may leave the office, set it with --may-leave, and let the server go online (setting online.never, or INGLENOOK_OFFLINE).';
  }
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED')
    return 'Nothing answers at that address. Is it running, and is the port right?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'Its name is not known. Is the address right, and is the network there?';
  if (/CERT|TLS|SSL|SELF_SIGNED|ALTNAME/u.test(code)) return `Its certificate does not hold (${code}).`;
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return 'It cannot be reached. Is the network there?';
  return `The connection broke off${code === '' ? '' : ` (${code})`}.`;
}
