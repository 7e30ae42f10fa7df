import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { locateFile } from '../../../server/engines/builtin/supply/locate.ts';
import { lookAtFile } from '../../../server/engines/builtin/supply/local-look.ts';
import { ggufBytes } from '../../fakes/gguf-file.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'inglenook-look-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it('tells what a file is by its header, and adds nothing', async () => {
  const path = join(folder(), 'Tiny-Q4_K_M.gguf');
  const bytes = ggufBytes({ dataBytes: 4096 });
  writeFileSync(path, bytes);
  expect(await lookAtFile(path)).toMatchObject({
    uri: path,
    name: 'Tiny',
    fileCount: 1,
    sizeBytes: bytes.length,
    architecture: 'llama',
    contextTokens: 2048,
    quantisation: 'q4_k_m',
    hasChatTemplate: true,
  });
});

it('refuses with the reason what is no model, and what is not there', async () => {
  const path = join(folder(), 'a.gguf');
  writeFileSync(path, 'GIF89a');
  await expect(lookAtFile(path)).rejects.toMatchObject({ status: 400, param: 'path' });
  await expect(lookAtFile(`${path}.nothing`)).rejects.toMatchObject({ status: 400, param: 'path' });
});

it('finds a dropped file by name and size, one level below the home folder, and no other', async () => {
  const home = folder();
  const models = folder();
  mkdirSync(join(home, 'Downloads', 'deep'), { recursive: true });
  mkdirSync(join(home, '.hidden'));
  writeFileSync(join(home, 'Downloads', 'a.gguf'), '12345');
  writeFileSync(join(home, 'Downloads', 'deep', 'b.gguf'), '12345');
  writeFileSync(join(home, '.hidden', 'c.gguf'), '12345');
  writeFileSync(join(models, 'd.gguf'), '12345');
  const find = (name: string, sizeBytes = 5) => locateFile({ name, sizeBytes }, { home, folders: [models] });
  expect(await find('a.gguf')).toBe(join(home, 'Downloads', 'a.gguf'));
  expect(await find('d.gguf')).toBe(join(models, 'd.gguf'));
  expect(await Promise.all([find('a.gguf', 6), find('b.gguf'), find('c.gguf'), find('../d.gguf')])).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(await find('..')).toBeNull();
});
