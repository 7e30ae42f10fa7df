import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that was dropped on the console: browsers tell its name and size, but not where it lies. */
export type DroppedFile = { readonly name: string; readonly sizeBytes: number };

const mostFolders = 300;

/**
 * Looks for it in these folders and, one level deep, in `home`, where desktops and downloads lie by whatever name. Null
 * where no file of that name and size is there.
 */
export async function locateFile(
  { name, sizeBytes }: DroppedFile,
  { home, folders }: { readonly home: string; readonly folders: readonly string[] },
): Promise<string | null> {
  // Only a name: never a way out of the folder.
  if (/[\\/\0]/.test(name) || name === '.' || name === '..') return null;
  for (const folder of [...folders, home, ...(await visibleFoldersOf(home))]) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    if (info?.isFile() === true && info.size === sizeBytes) return path;
  }
  return null;
}

async function visibleFoldersOf(home: string): Promise<string[]> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .slice(0, mostFolders)
    .map((entry) => join(home, entry.name));
}
