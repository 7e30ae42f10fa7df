import { isWellFormedKey, keyPrefix } from './key-format.ts';

/**
 * Finds secrets in texts that are to be kept and puts `[masked: KIND]` in their place. Every pattern takes time linear
 * in the text: what is repeated is bounded, or begins only where nothing of its kind stands before it.
 */

export type Masked = {
  readonly text: string;
  /** How many places were masked. */
  readonly masked: number;
  /** Characters of the text that were left out at its end. */
  readonly cut: number;
};

type Span = { readonly start: number; readonly end: number; readonly kind: string };

type Shape = {
  readonly kind: string;
  readonly pattern: RegExp;
  /** What the shape alone does not tell. */
  readonly isSecret?: (found: string) => boolean;
};

/** A word of its own does not begin in the middle of another. */
const begin = '(?<![A-Za-z0-9])';

const shapes: readonly Shape[] = [
  { kind: 'inglenook token', pattern: /(?:ink-(?:admin|secret)|adm-ink)_[\w-]{20,}/g },
  { kind: 'API key', pattern: new RegExp(`${begin}sk-[\\w-]{20,}`, 'g'), isSecret: isRandom },
  { kind: 'API key', pattern: new RegExp(`${begin}(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}`, 'g') },
  {
    kind: 'API key',
    pattern: new RegExp(`${begin}(?:hf_|gsk_|npm_|glpat-)[\\w-]{20,}`, 'g'),
    isSecret: isRandom,
  },
  {
    kind: 'GitHub token',
    pattern: new RegExp(`${begin}(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,})`, 'g'),
  },
  { kind: 'Slack token', pattern: new RegExp(`${begin}xox[a-z]-[A-Za-z0-9-]{10,}`, 'g') },
  { kind: 'AWS key', pattern: new RegExp(`${begin}(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])`, 'g') },
  {
    kind: 'AWS secret',
    pattern: /(?<=aws_secret_access_key["']?[ \t]{0,4}[=:][ \t]{0,4}["']?)[A-Za-z0-9/+]{40}/gi,
  },
  { kind: 'Google key', pattern: new RegExp(`${begin}(?:AIza[\\w-]{35}|ya29\\.[\\w-]{20,})`, 'g') },
  // RFC 7519; five parts are the encrypted kind.
  { kind: 'JWT', pattern: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){1,3}/g },
  {
    kind: 'token',
    pattern: /(?<=\bBearer[ \t]{1,4})(?<![A-Za-z0-9._~+/=-])[A-Za-z0-9._~+/=-]{16,}/gi,
    isSecret: hasDigit,
  },
  {
    kind: 'token',
    pattern:
      /(?<=\bAuthorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?(?:Basic|Bearer|Token)[ \t]{1,4})[^\s"'[]{8,}/gi,
    isSecret: isMixed,
  },
  {
    kind: 'password',
    pattern: /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{0,100}:)[^\s/@"'<>]{1,200}(?=@)/gi,
  },
  {
    kind: 'password',
    pattern:
      /(?<=[?&;](?:password|passwd|pwd|token|api[-_]?key|access[-_]?token|client[-_]?secret|secret)=)[^\s&#"'<>]{4,}/gi,
  },
];

/**
 * The first `keep` characters with every secret in them masked; one that goes on beyond is masked whole. Looks a little
 * further than it keeps, so that no half of a secret stays at the cut.
 */
export function maskSecrets(text: string, keep = Number.POSITIVE_INFINITY): Masked {
  const seen = text.length > keep + maskLookAhead ? text.slice(0, keep + maskLookAhead) : text;
  const spans = merge([
    ...ownKeys(seen),
    ...privateKeys(seen),
    ...shapes.flatMap((shape) => [...find(seen, shape)]),
  ]);
  const length = beforeHalf(seen, Math.min(seen.length, keep));
  let kept = '';
  let from = 0;
  let masked = 0;
  for (const { start, end, kind } of spans) {
    if (start >= length) break;
    kept += `${seen.slice(from, start)}[masked: ${kind}]`;
    from = end;
    masked += 1;
  }
  kept += seen.slice(from, Math.max(from, length));
  return { text: kept, masked, cut: text.length - Math.max(from, length) };
}

/** No secret but a private key is longer, and those are found by how they begin. */
export const maskLookAhead = 4096;

/** Half an emoji at the cut would not be text any more. */
function beforeHalf(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return at < text.length && code >= 0xd8_00 && code <= 0xdb_ff ? at - 1 : at;
}

/** Our own keys, for certain: by their checksum, whatever stands around them. */
function* ownKeys(text: string): Generator<Span> {
  for (let start = text.indexOf(keyPrefix); start !== -1; start = text.indexOf(keyPrefix, start + 1)) {
    const end = start + keyPrefix.length + 38;
    if (isWellFormedKey(text.slice(start, end))) yield { start, end, kind: 'inglenook key' };
  }
}

const longestPrivateKey = 20_000;

/** From BEGIN to END (RFC 7468), or as far as it looks like base64 where the end is missing. */
function* privateKeys(text: string): Generator<Span> {
  let end = 0;
  for (const { index, 0: head } of text.matchAll(/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g)) {
    const from = index + head.length;
    if (end !== -1 && end < from) end = text.indexOf('-----END ', from);
    const isNear = end !== -1 && end - from <= longestPrivateKey;
    const last = isNear ? afterEndLine(text, end) : base64End(text, from);
    yield { start: index, end: last, kind: 'private key' };
  }
}

function afterEndLine(text: string, end: number): number {
  const after = text.indexOf('-----', end + '-----END '.length);
  return after === -1 || after - end > 60 ? end + '-----END '.length : after + 5;
}

function base64End(text: string, from: number): number {
  // Of an encrypted key: `Proc-Type: 4,ENCRYPTED` and the like.
  const heads = /(?:[\s\\rn]{0,4}[A-Z][A-Za-z-]{3,20}: [^\n\\]{1,100}){0,3}/y;
  const piece = /[^A-Za-z0-9+/=]{0,8}[A-Za-z0-9+/=]{30,}/y;
  heads.lastIndex = from;
  let at = from + (heads.exec(text)?.[0].length ?? 0);
  for (piece.lastIndex = at; piece.test(text); piece.lastIndex = at) at = piece.lastIndex;
  return at;
}

function* find(text: string, { kind, pattern, isSecret }: Shape): Generator<Span> {
  for (const { index, 0: found } of text.matchAll(pattern)) {
    if (isSecret === undefined || isSecret(found)) yield { start: index, end: index + found.length, kind };
  }
}

function hasDigit(text: string): boolean {
  return /[0-9]/.test(text);
}

/** Rather than a name that stands for one, such as YOUR_KEY. */
function isMixed(text: string): boolean {
  return hasDigit(text) || text.endsWith('=') || (/[a-z]/.test(text) && /[A-Z]/.test(text));
}

/** Rather than words with hyphens: long, or with a long piece of letters and digits. */
function isRandom(text: string): boolean {
  if (!hasDigit(text)) return false;
  return text.length >= 40 || text.split(/[-_]/).some((piece) => piece.length >= 16 && hasDigit(piece));
}

/** In order, without overlap; of several that overlap the first tells the kind. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end };
  }
  return merged;
}
