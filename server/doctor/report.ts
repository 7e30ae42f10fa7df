import { arch, homedir, hostname, platform, release, totalmem, userInfo } from 'node:os';
import { maskSecrets } from '../core/mask.ts';
import { classOfAddress } from '../core/egress.ts';
import type { DoctorFindings } from '../wire/doctor.ts';

export type ReportSources = {
  readonly findings: DoctorFindings;
  /** Names that are the owner's alone: of people, keys, teams, upstreams. */
  readonly privateNames: readonly string[];
  /** Lines of the server's log about things that went wrong, the newest last; never a prompt (see `Logger`). Null: they stay out. */
  readonly troubles: readonly string[] | null;
  /** As the system tells it. */
  readonly computer?: string;
  readonly user?: string;
};

const marks = { ok: 'ok     ', warn: 'look   ', bad: 'BAD    ', unknown: 'unknown' } as const;

/**
 * What the owner may send to somebody who helps: what was found, the computer's kind, and what went wrong lately. Left
 * out: secrets by their shape, names of people and keys, this computer's and this user's name, addresses on the
 * internet. Addresses of the office stay: they lead nowhere from outside, and without them nothing can be understood.
 */
export function renderReport({
  findings,
  privateNames,
  troubles,
  computer = hostname(),
  user = userName(),
}: ReportSources): string {
  const lines = [
    'Inglenook doctor',
    `made ${findings.madeAt}, version ${findings.version}`,
    `${platform()} ${release()} ${arch()}, Node ${process.versions.node}, ${Math.round(totalmem() / 1e9)} GB memory`,
    '',
    ...findings.checks.flatMap(({ id, state, sentence, fix }) => [
      `${marks[state]} ${id}: ${sentence}`,
      ...(fix === null || state === 'ok' ? [] : [`        → ${fix}`]),
    ]),
    '',
    ...logLines(troubles),
    '',
  ];
  const names = [
    ...privateNames.map((name) => [name, '[name]'] as const),
    [computer, '[computer]'] as const,
    [computer.split('.')[0] ?? '', '[computer]'] as const,
    ...(sharedAccounts.has(user.toLowerCase()) ? [] : [[user, '[user]'] as const]),
  ];
  return withoutSecrets(lines.join('\n'), names);
}

function logLines(troubles: readonly string[] | null): readonly string[] {
  if (troubles === null) return ['The log was left out.'];
  return troubles.length === 0 ? ['The log tells of no trouble.'] : ['Lately in the log:', ...troubles];
}

/** Shorter names are parts of ordinary words. */
const shortestName = 3;
/** Accounts that say nothing about a person, and whose names stand in ordinary sentences. */
const sharedAccounts = new Set(['root', 'admin', 'administrator', 'user', 'node', 'inglenook', 'system']);

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that no account has.
    return '';
  }
}

function withoutSecrets(text: string, names: readonly (readonly [name: string, mark: string])[]): string {
  let clean = withoutHome(maskSecrets(text).text);
  // The longer before the shorter that stands in it.
  for (const [name, mark] of names.toSorted(([one], [other]) => other.length - one.length)) {
    if (name.length >= shortestName) clean = clean.replaceAll(wordOf(name), mark);
  }
  return clean.replaceAll(/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/gu, (address) =>
    classOfAddress(address) === 'public' ? '[address]' : address,
  );
}

/** Also as JSON writes it, where Windows' backslashes are doubled. */
function withoutHome(text: string): string {
  const home = homedir();
  // Somebody who has none lives in `/`.
  if (home.length < shortestName) return text;
  return text.replaceAll(JSON.stringify(home).slice(1, -1), '~').replaceAll(home, '~');
}

/** As a word of its own, in any case. */
function wordOf(name: string): RegExp {
  const literal = name.replaceAll(/[$()*+.?[\\\]^{|}]/gu, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu');
}
