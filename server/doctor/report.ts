import { arch, homedir, hostname, platform, release, totalmem } from 'node:os';
import { maskSecrets } from '../core/mask.ts';
import { classOfAddress } from '../core/egress.ts';
import type { DoctorFindings } from '../wire/doctor.ts';

export type ReportSources = {
  readonly findings: DoctorFindings;
  /** Names that are the owner's alone: of people, keys, teams, upstreams. */
  readonly privateNames: readonly string[];
  /** Lines of the server's log about things that went wrong, the newest last; never a prompt (see `Logger`). */
  readonly troubles: readonly string[];
  /** As the system tells it. */
  readonly computer?: string;
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
    troubles.length === 0 ? 'The log tells of no trouble.' : 'Lately in the log:',
    ...troubles,
    '',
  ];
  return withoutSecrets(lines.join('\n'), privateNames, computer);
}

/** Shorter names are parts of ordinary words. */
const shortestName = 3;

function withoutSecrets(text: string, privateNames: readonly string[], computer: string): string {
  let clean = maskSecrets(text).text.replaceAll(homedir(), '~');
  const known = [
    ...privateNames.map((name) => [name, '[name]'] as const),
    [computer, '[computer]'] as const,
    [computer.split('.')[0] ?? '', '[computer]'] as const,
  ];
  // The longer before the shorter that stands in it.
  for (const [name, mark] of known.toSorted(([one], [other]) => other.length - one.length)) {
    if (name.length >= shortestName) clean = clean.replaceAll(wordOf(name), mark);
  }
  return clean.replaceAll(/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/gu, (address) =>
    classOfAddress(address) === 'public' ? '[address]' : address,
  );
}

/** As a word of its own, in any case. */
function wordOf(name: string): RegExp {
  const literal = name.replaceAll(/[$()*+.?[\\\]^{|}]/gu, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu');
}
