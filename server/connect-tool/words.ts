import { parseArgs } from 'node:util';
import { UsageError } from './failures.ts';

export type Words = {
  readonly command: 'connect' | 'undo' | 'help';
  /** Where the office is; null: to be found. */
  readonly address: string | null;
  readonly code: string | null;
  readonly ticket: string | null;
  readonly device: string | null;
  /** Null: those that are there. */
  readonly tools: readonly string[] | null;
  readonly fingerprint: string | null;
  readonly https: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly revoke: boolean;
  readonly json: boolean;
};

export const usage = `Sets up the AI tools of this computer for the Inglenook of your office, and takes it back again.

Usage: node connect.mjs [ADDRESS] [options]     finds it, asks to be let in, shows what it will change, then writes
       node connect.mjs undo [--revoke]         puts every file back as it was
       npx inglenook connect …                  the same, in a clone of Inglenook

ADDRESS        192.168.1.20, http://192.168.1.20:11500, inglenook.local, or the whole link of an invitation.
               Left out, the network is asked.
--tools A,B    continue, cline, claude-code, codex, opencode, or all. Left out: those that are found here.
--code C       the code of an invitation (BCDF-GHJK), in place of asking without one
--ticket T     a ticket of the owner's, for scripts
--device NAME  what the owner is shown
--https        speak https, also in the tools' settings
--fingerprint F  the authority's fingerprint, as the owner's console shows it under Network; means --https
--dry-run      show what would change, write nothing, and give the key back
--yes          for scripts: ask nothing
--revoke       with undo: give the key back as well
--json         the result for programs on stdout, everything else on stderr

Exit code: 0 done, 1 refused (the reason is on stderr), 2 called wrongly.`;

const options = {
  code: { type: 'string' },
  ticket: { type: 'string' },
  device: { type: 'string' },
  tools: { type: 'string' },
  fingerprint: { type: 'string' },
  https: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  'dry-run': { type: 'boolean' },
  revoke: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
export function readWords(argv: readonly string[]): Words {
  const { values, positionals } = parse(argv);
  const [first, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`“${others[0]}” is one word too many.`);
  const isUndo = first === 'undo';
  const words: Words = {
    command: values.help === true || first === 'help' ? 'help' : isUndo ? 'undo' : 'connect',
    address: first === undefined || isUndo ? null : first,
    code: values.code ?? null,
    ticket: values.ticket ?? null,
    device: values.device ?? null,
    tools: values.tools === undefined ? null : listOf(values.tools),
    fingerprint: values.fingerprint ?? null,
    https: values.https === true || values.fingerprint !== undefined,
    yes: values.yes === true,
    dryRun: values['dry-run'] === true,
    revoke: values.revoke === true,
    json: values.json === true,
  };
  if (words.code !== null && words.ticket !== null)
    throw new UsageError('Give --code or --ticket, not both.');
  if (words.revoke && !isUndo) throw new UsageError('--revoke belongs to undo.');
  return words;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: joined(argv), options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node adds a hint about `--` after the first sentence.
    const { message } = error as Error;
    throw new UsageError(`${message.split(/\.\s/)[0]?.replace(/\.$/, '')}.`);
  }
}

/** One ticket in 64 begins with a dash, and would be taken for another option. */
function joined(argv: readonly string[]): string[] {
  const at = argv.indexOf('--ticket');
  const ticket = argv[at + 1];
  if (at === -1 || ticket === undefined || !/^-[\w-]{21}$/.test(ticket)) return [...argv];
  return [...argv.slice(0, at), `--ticket=${ticket}`, ...argv.slice(at + 2)];
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
}
