import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FoundModel } from '../../../core/download.ts';
import { findOllamaModels } from './import-ollama.ts';
import { checkModelFile, listGguf } from '../life/library.ts';
import { splitPartOf } from '../life/model-names.ts';

/** Where other programs keep their models. */
export type ModelStores = { readonly ollama: readonly string[]; readonly lmStudio: readonly string[] };

/** The usual places of each system; `ollamaDir` is where Ollama was told to keep them, if it was. */
export async function usualStores(ollamaDir: string | null, home = homedir()): Promise<ModelStores> {
  // LM Studio's own note of where its home is, when it was moved.
  const moved = (await readFile(join(home, '.lmstudio-home-pointer'), 'utf8').catch(() => '')).trim();
  return {
    ollama: [
      ...(ollamaDir === null ? [] : [ollamaDir]),
      join(home, '.ollama', 'models'),
      '/usr/share/ollama/.ollama/models',
      '/var/lib/ollama/.ollama/models',
    ],
    lmStudio: [
      ...(moved === '' ? [] : [join(resolve(moved), 'models')]),
      join(home, '.lmstudio', 'models'),
      join(home, '.cache', 'lm-studio', 'models'),
    ],
  };
}

/** Models of other programs on this computer, with what stands against using them. Nothing is copied or changed. */
export async function findModels(stores: ModelStores): Promise<FoundModel[]> {
  const candidates = [
    ...(await findOllamaModels(stores.ollama)),
    ...(await findLmStudioModels(stores.lmStudio)),
  ];
  const found = new Map<string, FoundModel>();
  for (const candidate of candidates) {
    if (found.has(candidate.path)) continue;
    const { sizeBytes, reason } = await checkModelFile(candidate.path);
    found.set(candidate.path, { ...candidate, sizeBytes, reason });
  }
  return [...found.values()];
}

/** `publisher/repository/file.gguf`; of a model in several files, the first stands for all. */
async function findLmStudioModels(
  folders: readonly string[],
): Promise<Pick<FoundModel, 'program' | 'name' | 'path'>[]> {
  const paths = (await Promise.all(folders.map((folder) => listGguf(folder, 4)))).flat();
  return paths
    .filter((path) => isFirstPart(path) && !/[\\/]mmproj[^\\/]*$/i.test(path))
    .map((path) => ({
      program: 'lm-studio',
      name:
        path
          .split(/[\\/]/)
          .at(-1)
          ?.replace(/\.gguf$/i, '') ?? path,
      path,
    }));
}

function isFirstPart(path: string): boolean {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  const split = splitPartOf(name);
  return split === null || split.nameOf(1) === name;
}
