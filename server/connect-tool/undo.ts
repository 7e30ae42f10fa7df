import { readFileSync, rmdirSync, rmSync } from 'node:fs';
import { codeOf, Refused } from './failures.ts';
import { revokeKey } from './settings.ts';
import {
  emptyState,
  hashOf,
  isAsWritten,
  readState,
  writeState,
  type FileEntry,
  type State,
} from './state.ts';
import type { Words } from './words.ts';
import type { World } from './world.ts';
import { writeWhole } from './write.ts';

/** What became of one file. */
export type Restored =
  | { readonly outcome: 'restored' | 'removed' | 'unchanged' }
  /** Somebody has changed it since: it stays as it is. */
  | { readonly outcome: 'left'; readonly why: string };

export type UndoResult = {
  readonly files: readonly {
    readonly path: string;
    readonly tool: string;
    readonly outcome: Restored['outcome'];
  }[];
  readonly keyRevoked: boolean;
};

/** Puts every file back as it was, byte for byte, but for those that were changed since. @throws Refused */
export async function undo(world: World, words: Words): Promise<UndoResult> {
  const state = readState(world);
  if (state.office === null && state.files.length === 0)
    throw new Refused('There is nothing to take back here.');
  for (const { path, before, tool } of state.files) {
    world.say(`${tool}: ${before === null ? 'remove' : 'put back'} ${path}`);
  }
  const isWanted = words.yes ? true : await world.confirm('Go on?');
  if (isWanted !== true)
    throw new Refused(isWanted === null ? 'Nobody has said yes; --yes does.' : 'Nothing was changed.');
  const left: FileEntry[] = [];
  const files: UndoResult['files'][number][] = [];
  for (const entry of state.files.toReversed()) {
    const restored = restore(entry);
    files.push({ path: entry.path, tool: entry.tool, outcome: restored.outcome });
    if (restored.outcome === 'left') {
      left.unshift(entry);
      world.say(`Left as it is: ${entry.path}, ${restored.why}`);
    }
  }
  const keyRevoked = await giveKeyBack(world, state, words);
  writeState(world, { ...emptyState, files: left });
  world.say(left.length === 0 ? 'Everything is as it was.' : 'The rest is as it was.');
  return { files, keyRevoked };
}

async function giveKeyBack(world: World, { office }: State, words: Words): Promise<boolean> {
  if (office === null) return false;
  const { name, keyName, origin, authority, key } = office;
  const isWanted =
    words.revoke ||
    (!words.yes && (await world.confirm(`Give the key “${keyName}” back to “${name}” too?`)) === true);
  if (!isWanted) {
    world.say(`The key “${keyName}” goes on until the owner of “${name}” revokes it.`);
    return false;
  }
  const problem = await revokeKey({ origin, authority }, key);
  world.say(
    problem === null
      ? `The key “${keyName}” does not count any more.`
      : `The key could not be given back: ${problem} Ask the owner to revoke “${keyName}”.`,
  );
  return problem === null;
}

/** One file, from its copy. What somebody has changed since is never touched. */
export function restore(entry: FileEntry): Restored {
  const { path, before, folders } = entry;
  try {
    const current = readOrNull(path);
    const sha256 = current === null ? null : hashOf(current);
    if (sha256 === (before?.sha256 ?? null)) {
      if (before === null) removeFolders(folders);
      return { outcome: 'unchanged' };
    }
    if (current === null || !isAsWritten(entry, current)) {
      return { outcome: 'left', why: whyLeft(sha256, before) };
    }
    if (before === null) {
      rmSync(path);
      removeFolders(folders);
      return { outcome: 'removed' };
    }
    writeWhole(path, readFileSync(before.copy), before.mode);
    return { outcome: 'restored' };
  } catch (error) {
    return {
      outcome: 'left',
      why: `${error instanceof Error ? error.message : String(error)}.${copyAt(before)}`,
    };
  }
}

function whyLeft(sha256: string | null, before: FileEntry['before']): string {
  return `${sha256 === null ? 'which was removed since.' : 'which was changed since.'}${copyAt(before)}`;
}

function copyAt(before: FileEntry['before']): string {
  return before === null ? '' : ` As it was before: ${before.copy}`;
}

/** Those that it has made and that hold nothing else by now. */
function removeFolders(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}
