import { statement, write } from './open.ts';
import type { Store } from './open.ts';

export type ModelFile = {
  readonly path: string;
  /** What it is called where the file's own name says nothing. */
  readonly name: string | null;
  readonly addedMs: number;
};

/** Remembers a model file by its absolute path. Returns whether it was new. */
export function addModelFile(store: Store, path: string, nowMs: number, name: string | null = null): boolean {
  return write(
    store,
    () =>
      statement(
        store,
        'INSERT INTO model_files (path, name, added_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(path, name, nowMs).changes === 1,
  );
}

/** In the order they were added. */
export function listModelFiles(store: Store): ModelFile[] {
  return statement(
    store,
    'SELECT path, name, added_ms AS addedMs FROM model_files ORDER BY added_ms, path',
  ).all() as ModelFile[];
}

/** Forgets a model file; the file itself stays where it is. Returns whether it was known. */
export function removeModelFile(store: Store, path: string): boolean {
  return write(
    store,
    () => statement(store, 'DELETE FROM model_files WHERE path = ?').run(path).changes === 1,
  );
}

export type ModelFolder = Omit<ModelFile, 'name'>;

/** Remembers a folder by its absolute path. Returns whether it was new. */
export function addModelFolder(store: Store, path: string, nowMs: number): boolean {
  return write(
    store,
    () =>
      statement(store, 'INSERT INTO model_folders (path, added_ms) VALUES (?, ?) ON CONFLICT DO NOTHING').run(
        path,
        nowMs,
      ).changes === 1,
  );
}

/** In the order they were added. */
export function listModelFolders(store: Store): ModelFolder[] {
  return statement(
    store,
    'SELECT path, added_ms AS addedMs FROM model_folders ORDER BY added_ms, path',
  ).all() as ModelFolder[];
}

/** Forgets a folder; what lies in it stays. Returns whether it was known. */
export function removeModelFolder(store: Store, path: string): boolean {
  return write(
    store,
    () => statement(store, 'DELETE FROM model_folders WHERE path = ?').run(path).changes === 1,
  );
}
