import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, afterEach, expect, it } from 'vitest';
import { findModels, usualStores } from '../../../server/engines/builtin/supply/import-found.ts';
import { scanLibrary } from '../../../server/engines/builtin/life/library.ts';
import { ggufBytes, writeGguf } from '../../fakes/gguf-file.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'inglenook-import-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const digest = (character: string): string => character.repeat(64);

function manifest(path: string, layers: unknown): string {
  const whole = join(home, '.ollama', 'models', 'manifests', path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, typeof layers === 'string' ? layers : JSON.stringify({ schemaVersion: 2, layers }));
  return whole;
}

const weights = (digestText: string) => ({
  mediaType: 'application/vnd.ollama.image.model',
  digest: digestText,
  size: 1,
});

it('finds the models of Ollama by their manifests and calls them as Ollama does', async () => {
  const blobs = join(home, '.ollama', 'models', 'blobs');
  mkdirSync(blobs, { recursive: true });
  for (const name of ['a', 'b']) writeFileSync(join(blobs, `sha256-${digest(name)}`), ggufBytes());
  const template = { mediaType: 'application/vnd.ollama.image.template', digest: `sha256:${digest('f')}` };
  manifest('registry.ollama.ai/library/llama3.2/3b', [template, weights(`sha256:${digest('a')}`)]);
  manifest('registry.ollama.ai/anna/coder/latest', [weights(`sha256:${digest('b')}`)]);
  const linked = manifest('hf.co/user/repo/Q4_K_M', [weights(`sha256:${digest('c')}`)]);
  mkdirSync(join(home, '.ollama', 'models', 'manifests-v2', 'ollama.com', 'library', 'new'), {
    recursive: true,
  });
  symlinkSync(
    linked,
    join(home, '.ollama', 'models', 'manifests-v2', 'ollama.com', 'library', 'new', 'latest'),
  );
  // What is no model, or tries to lead elsewhere.
  manifest('registry.ollama.ai/library/bad/json', '{');
  manifest('registry.ollama.ai/library/bad/path', [weights('sha256:../../../../etc/passwd')]);
  manifest('registry.ollama.ai/library/bad/short', [weights('sha256-abc')]);
  manifest('registry.ollama.ai/library/bad/two', [
    weights(`sha256:${digest('a')}`),
    weights(`sha256:${digest('b')}`),
  ]);
  manifest('registry.ollama.ai/library/bad/huge', ' '.repeat(2_000_000));

  const found = await findModels(await usualStores(null, home));
  const own = found.filter(({ path }) => path.startsWith(home));
  expect(own.map(({ name, path, reason }) => [name, path.slice(-3), reason === null])).toEqual([
    ['hf.co/user/repo:Q4_K_M', 'ccc', false],
    ['anna/coder:latest', 'bbb', true],
    ['llama3.2:3b', 'aaa', true],
  ]);
  expect(own[0]?.reason).toContain('was not found');

  // Added, they are called by that name, not by their digest.
  const path = join(blobs, `sha256-${digest('a')}`);
  const [model] = await scanLibrary({
    starterDir: home,
    folders: [],
    addedFiles: () => [path],
    nameOf: () => 'llama3.2:3b',
  });
  expect(model).toMatchObject({ id: 'llama3.2-3b', source: 'added', path, reason: null });
});

it('finds the models of LM Studio, each once, also where it was moved to', async () => {
  const moved = join(home, 'elsewhere');
  const repo = join(moved, 'models', 'publisher', 'repo');
  const old = join(home, '.cache', 'lm-studio', 'models', 'p', 'r');
  for (const folder of [repo, old]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, '.lmstudio-home-pointer'), `${moved}\n`);
  writeGguf(join(repo, 'One-Q4_K_M.gguf'));
  writeGguf(join(repo, 'mmproj-model-f16.gguf'));
  for (const part of [1, 2]) writeGguf(join(old, `Two-0000${part}-of-00002.gguf`));
  const found = await findModels(await usualStores(null, home));
  expect(
    found
      .filter(({ program }) => program === 'lm-studio')
      .map(({ name, sizeBytes }) => [name, sizeBytes / ggufBytes().length]),
  ).toEqual([
    ['One-Q4_K_M', 1],
    ['Two-00001-of-00002', 2],
  ]);
});

it('finds nothing where there is nothing', async () => {
  const stores = await usualStores(join(home, 'told'), home);
  expect(stores.ollama[0]).toBe(join(home, 'told'));
  expect(await findModels({ ollama: stores.ollama.slice(0, 2), lmStudio: stores.lmStudio })).toEqual([]);
});
