import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fieldOf } from './ask.ts';
import { Refused } from './failures.ts';
import type { World } from './world.ts';
import { writeWhole } from './write.ts';

/** What the tool remembers of itself, so that it can take everything back: a folder only this user can read. */
export type State = {
  readonly version: 1;
  /** Null before it was let in. */
  readonly office: Membership | null;
  /** Oldest first. */
  readonly files: readonly FileEntry[];
};

export type Membership = {
  readonly name: string;
  readonly origin: string;
  readonly authority: string | null;
  readonly key: string;
  readonly keyName: string;
};

/** A file that was written, and how it was before. */
export type FileEntry = {
  readonly tool: string;
  readonly path: string;
  readonly before: { readonly copy: string; readonly sha256: string; readonly mode: number } | null;
  readonly afterSha256: string;
  /** The same without what tools write of themselves: see `essenceOf`. */
  readonly afterEssence: string;
  /** Folders that had to be made for it, the outermost first. */
  readonly folders: readonly string[];
};

export const emptyState: State = { version: 1, office: null, files: [] };

function stateFolder({ platform, environment, home }: World): string {
  const name = 'inglenook-connect';
  switch (platform) {
    case 'win32':
      return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), name);
    case 'darwin':
      return join(home, 'Library', 'Application Support', name);
    default:
      return join(environment['XDG_STATE_HOME'] || join(home, '.local', 'state'), name);
  }
}

/** The authority's certificate, for tools that are told a file. */
export function authorityFile(world: World): string {
  return join(stateFolder(world), 'inglenook-ca.pem');
}

function manifest(world: World): string {
  return join(stateFolder(world), 'manifest.json');
}

/** @throws Refused for one that is broken or of a newer version: without it nothing could be taken back rightly */
export function readState(world: World): State {
  const path = manifest(world);
  if (!existsSync(path)) return emptyState;
  try {
    const state: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (fieldOf(state, 'version') === 1 && Array.isArray(fieldOf(state, 'files'))) return state as State;
  } catch {
    // Told below.
  }
  throw new Refused(
    `${path} cannot be read by this version. The copies of your settings are in the folder beside it; nothing was changed.`,
  );
}

/** Nothing to remember leaves nothing behind. */
export function writeState(world: World, state: State): void {
  const folder = stateFolder(world);
  if (state.office === null && state.files.length === 0) {
    rmSync(folder, { recursive: true, force: true });
    return;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(manifest(world), `${JSON.stringify(state, null, 2)}\n`, 0o600);
  const authority = state.office?.authority ?? null;
  if (authority !== null) writeWhole(authorityFile(world), authority, 0o600);
}

/** Keeps what a file was, under a name of its own. */
export function keepCopy(world: World, bytes: Buffer): { readonly copy: string; readonly sha256: string } {
  const folder = join(stateFolder(world), 'before');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sha256 = hashOf(bytes);
  const copy = join(folder, sha256);
  writeWhole(copy, bytes, 0o600);
  return { copy, sha256 };
}

/** Whether a file is as it was written, but for what its tool has noted by itself. */
export function isAsWritten({ afterSha256, afterEssence }: FileEntry, bytes: Buffer): boolean {
  return hashOf(bytes) === afterSha256 || essenceOf(bytes) === afterEssence;
}

/** Cline notes the time at each start; that is nobody's work that could be lost. */
export function essenceOf(content: Buffer | string): string {
  return hashOf(
    content
      .toString('utf8')
      .replaceAll(/("updatedAt"\s*:\s*)"[^"]*"/g, '$1""')
      .trim(),
  );
}

export function hashOf(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
