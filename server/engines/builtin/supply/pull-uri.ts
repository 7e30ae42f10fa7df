import { invalidRequest } from '../../../core/errors.ts';
import { requireFetchable } from './download-egress.ts';

/** What the owner asks for, in parts. `text` is the one spelling under which it is kept. */
export type PullRequest = HubRequest | { readonly kind: 'url'; readonly text: string; readonly url: URL };

export type HubRequest = {
  readonly kind: 'hub';
  readonly text: string;
  /** `user/repository` */
  readonly repo: string;
  readonly branch: string;
  /** A quantisation, or the path of a file; null for the usual quantisation. */
  readonly wanted: { readonly quantisation: string } | { readonly file: string } | null;
};

const longestUri = 2000;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
const branchPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;
const quantisationPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/;

/**
 * Takes `hf:user/repo`, `hf:user/repo:QUANT`, `hf:user/repo/file.gguf` (each with `#branch`), the address of a page or
 * file of the hub, or any other http(s) address.
 * @throws AppError 400
 */
export function parsePullUri(text: string, hubAddress: string): PullRequest {
  const trimmed = text.trim();
  if (trimmed.length > longestUri) throw invalidRequest('The address is too long.', 'uri');
  if (/^hf:/i.test(trimmed)) return parseHubUri(trimmed.slice(3).replace(/^\/\//, ''));
  if (!/^https?:/i.test(trimmed)) {
    throw invalidRequest(
      'Write hf:USER/REPO:QUANT, hf:USER/REPO/FILE.gguf, or an address that begins with https://.',
      'uri',
    );
  }
  const branch = URL.canParse(trimmed) ? new URL(trimmed).hash.slice(1) : '';
  const url = requireFetchable(trimmed);
  return parseHubPage(url, { hubAddress, branch }) ?? { kind: 'url', text: url.href, url };
}

function parseHubUri(text: string): HubRequest {
  const [whole = '', branch = 'main'] = text.split('#', 2);
  const [path = '', quantisation] = whole.split(':', 2);
  const [user = '', name = '', ...file] = path.split('/');
  const wanted =
    file.length > 0
      ? { file: requireFile(file) }
      : quantisation === undefined
        ? null
        : { quantisation: requireQuantisation(quantisation) };
  return hubRequest({ user, name, branch, wanted });
}

/** `/user/repo`, `/user/repo/blob/BRANCH/file.gguf`, `/user/repo/resolve/BRANCH/file.gguf`. */
function parseHubPage(
  url: URL,
  { hubAddress, branch }: { readonly hubAddress: string; readonly branch: string },
): HubRequest | null {
  if (url.origin !== new URL(hubAddress).origin) return null;
  const [user = '', name = '', view, ref, ...file] = url.pathname.slice(1).split('/').map(decode);
  if (view === undefined) return hubRequest({ user, name, branch: branch || 'main', wanted: null });
  if ((view !== 'blob' && view !== 'resolve') || ref === undefined || file.length === 0) return null;
  return hubRequest({ user, name, branch: ref, wanted: { file: requireFile(file) } });
}

type HubParts = Pick<HubRequest, 'branch' | 'wanted'> & { readonly user: string; readonly name: string };

function hubRequest({ user, name, branch, wanted }: HubParts): HubRequest {
  const parts = [user, name];
  if (!parts.every((part) => namePattern.test(part) && !part.includes('..'))) {
    throw invalidRequest(
      'A model of the hub is named as USER/REPO, for instance hf:Qwen/Qwen3-8B-GGUF:Q4_K_M.',
      'uri',
    );
  }
  if (!branchPattern.test(branch) || branch.includes('..')) {
    throw invalidRequest('This is not the name of a branch.', 'uri');
  }
  const repo = parts.join('/');
  const which =
    wanted === null ? '' : 'file' in wanted ? `/${wanted.file}` : `:${wanted.quantisation.toUpperCase()}`;
  return {
    kind: 'hub',
    text: `hf:${repo}${which}${branch === 'main' ? '' : `#${branch}`}`,
    repo,
    branch,
    wanted,
  };
}

function requireFile(parts: readonly string[]): string {
  const file = parts.join('/');
  const isPlain = parts.every(
    (part) => part !== '' && part !== '.' && part !== '..' && !/[\\\p{Cc}\p{Bidi_Control}]/u.test(part),
  );
  if (isPlain && file.toLowerCase().endsWith('.gguf')) return file;
  throw invalidRequest(
    'The file’s name must end in .gguf: that is the format the built-in engine reads.',
    'uri',
  );
}

function requireQuantisation(text: string): string {
  if (quantisationPattern.test(text)) return text;
  throw invalidRequest('After the colon comes a quantisation, for instance Q4_K_M.', 'uri');
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
