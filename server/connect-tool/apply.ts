import { codeOf, Refused } from './failures.ts';
import type { Change } from './plan.ts';
import { essenceOf, hashOf, isAsWritten, keepCopy, writeState, type FileEntry, type State } from './state.ts';
import { restore } from './undo.ts';
import type { World } from './world.ts';
import { makeFolderOf, prepareWhole, type Prepared } from './write.ts';

/**
 * Writes all changes, or none. What was there is copied and noted before, so that `undo` knows of everything that may have
 * been touched, whenever this ends. Returns the new state. @throws Refused
 */
export function applyChanges(world: World, state: State, changes: readonly Change[]): State {
  const prepared: Prepared[] = [];
  const made: FileEntry[] = [];
  let noted = state;
  let current = '';
  try {
    for (const { path, before, after, tool } of changes) {
      current = path;
      const folders = makeFolderOf(path);
      made.push({ tool, path, before: null, afterSha256: '', afterEssence: '', folders });
      const copy = before === null ? null : { ...keepCopy(world, before.bytes), mode: before.mode & 0o777 };
      made[made.length - 1] = { tool, path, before: copy, ...hashesOf(after), folders };
      // Keys stand in most of them: from now on they are for this user alone.
      prepared.push(prepareWhole(path, after, 0o600));
    }
    noted = { ...state, files: withEntries(state.files, made, changes) };
    writeState(world, noted);
    for (const [index, file] of prepared.entries()) {
      current = changes[index]?.path ?? '';
      file.finish();
    }
    return noted;
  } catch (error) {
    for (const file of prepared) file.drop();
    for (const entry of made.toReversed()) restore(entry);
    if (noted !== state) writeState(world, state);
    throw new Refused(whyNotWritten(error, current));
  }
}

function hashesOf(after: string): Pick<FileEntry, 'afterSha256' | 'afterEssence'> {
  return { afterSha256: hashOf(after), afterEssence: essenceOf(after) };
}

/** What was written before and not touched since keeps the older beginning, so that `undo` goes back to that. */
function withEntries(
  files: readonly FileEntry[],
  made: readonly FileEntry[],
  changes: readonly Change[],
): FileEntry[] {
  let all = [...files];
  for (const [index, entry] of made.entries()) {
    const at = all.findLastIndex(({ path }) => path === entry.path);
    const [earlier, before] = [all[at], changes[index]?.before];
    const isUntouched =
      earlier !== undefined && before !== null && before !== undefined && isAsWritten(earlier, before.bytes);
    const { afterSha256, afterEssence } = entry;
    all = isUntouched ? all.with(at, { ...earlier, afterSha256, afterEssence }) : [...all, entry];
  }
  return all;
}

function whyNotWritten(error: unknown, path: string): string {
  switch (codeOf(error)) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be written by this user, or lies on something read-only. Nothing was changed.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room left to write ${path}. Nothing was changed.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} cannot be made: something that is no folder is in the way. Nothing was changed.`;
    default:
      return `${path} could not be written: ${error instanceof Error ? error.message : String(error)}. Nothing was changed.`;
  }
}
