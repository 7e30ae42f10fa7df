import type { WireNeighbour } from '../../server/wire/neighbours.ts';
import type {
  AddUpstreamRequest,
  UpdateUpstreamRequest,
  UpstreamRecord,
} from '../../server/wire/upstreams.ts';
import { numberOf } from './model-settings-form.ts';

/** An upstream as its form holds it. */

export type UpstreamKind = UpstreamRecord['kind'];

/** In the order in which they are offered, each with the address that its makers document. */
export const presets = [
  { kind: 'vllm', address: 'http://gpu-box:8000/v1' },
  { kind: 'llama-server', address: 'http://gpu-box:8080/v1' },
  { kind: 'lmstudio', address: 'http://gpu-box:1234/v1' },
  { kind: 'inglenook', address: 'http://other-office-pc:11500' },
  { kind: 'ollama', address: 'http://gpu-box:11434' },
  { kind: 'openai', address: 'https://api.example.com/v1' },
] as const satisfies readonly { kind: UpstreamKind; address: string }[];

export type UpstreamForm = {
  kind: UpstreamKind;
  name: string;
  url: string;
  /** Never filled in: the one that is kept is not told. */
  apiKey: string;
  forgetsKey: boolean;
  mayLeave: boolean;
  slots: number | string;
  routingHeader: string;
  contextTokens: number | string;
};

export function newUpstream(): UpstreamForm {
  return {
    kind: 'vllm',
    name: '',
    url: '',
    apiKey: '',
    forgetsKey: false,
    mayLeave: false,
    slots: '',
    routingHeader: '',
    contextTokens: '',
  };
}

/** One that was found on the network: everything but its key, which only its owner can give. */
export function neighbourForm({ name, url }: WireNeighbour, taken: readonly string[]): UpstreamForm {
  const word = slug(name.replace(/^inglenook on /iu, ''));
  return { ...newUpstream(), kind: 'inglenook', url, name: freeName(word || 'inglenook', taken) };
}

export function upstreamFormOf(upstream: UpstreamRecord): UpstreamForm {
  const { kind, name, url, mayLeave, slots, routingHeader, contextTokens } = upstream;
  return {
    ...newUpstream(),
    kind,
    name,
    url,
    mayLeave,
    slots: slots ?? '',
    routingHeader: routingHeader ?? '',
    contextTokens: contextTokens ?? '',
  };
}

export function addRequestOf(form: UpstreamForm): AddUpstreamRequest {
  const { kind, name, url, mayLeave } = form;
  const header = form.routingHeader.trim();
  return {
    kind,
    name: name.trim(),
    url: withScheme(url),
    mayLeave,
    apiKey: keyOf(form),
    slots: numberOf(form.slots),
    contextTokens: kind === 'ollama' ? numberOf(form.contextTokens) : null,
    // Left out, its kind decides.
    ...(header === '' ? {} : { routingHeader: header }),
  };
}

/** Only what is another than before: a new address would forget the key. */
export function changeOf(before: UpstreamRecord, form: UpstreamForm): UpdateUpstreamRequest {
  const { apiKey, routingHeader, ...after } = addRequestOf(form);
  const names = Object.keys(after) as (keyof typeof after)[];
  return {
    ...Object.fromEntries(
      names.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]),
    ),
    ...((routingHeader ?? null) === before.routingHeader ? {} : { routingHeader: routingHeader ?? null }),
    ...(form.forgetsKey ? { apiKey: null } : apiKey === null ? {} : { apiKey }),
  };
}

function keyOf({ apiKey }: UpstreamForm): string | null {
  return apiKey.trim() === '' ? null : apiKey.trim();
}

/** Whether it leads to another server than before: its key is not sent there. */
export function isElsewhere(before: UpstreamRecord, url: string): boolean {
  const typed = withScheme(url);
  return URL.canParse(typed) && new URL(typed).origin !== new URL(before.url).origin;
}

/** `gpu-box:8000` is meant as an address in the office. */
export function withScheme(typed: string): string {
  const address = typed.trim();
  return address === '' || /^[a-z]+:\/\//iu.test(address) ? address : `http://${address}`;
}

/** A short name from the address that nobody has yet: `gpu-box`, `gpu-box-2`. */
export function suggestedName(url: string, kind: UpstreamKind, taken: readonly string[]): string {
  return freeName(nameOfHost(url) || kind, taken);
}

function freeName(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

/** `gpu-box.local` is `gpu-box`, `api.example.com` is `example`; an address of digits says nothing. */
function nameOfHost(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (/^[\d.]*$|:/u.test(host)) return '';
  const labels = host.split('.');
  const word = labels.length > 2 ? labels.at(-2) : labels[0];
  return slug(word ?? '');
}

function slug(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+|^-+/gu, '')
    .slice(0, 36);
}

export const namePattern = /^[a-z0-9][a-z0-9-]{0,39}$/u;

/** Names of engines that are Inglenook's own, for suggestions; the server has the last word. */
export const ownNames: readonly string[] = ['builtin', 'ollama', 'cache', 'inglenook'];
