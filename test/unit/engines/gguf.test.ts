import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../../server/engines/builtin/gguf/gguf-header.ts';
import {
  checkModelFile,
  createLibraryMemory,
  scanLibrary,
} from '../../../server/engines/builtin/life/library.ts';
import { quantisationOf, slugOf } from '../../../server/engines/builtin/life/model-names.ts';
import { ggufBytes, text, u32, u64, usualEntries, usualTensor, writeGguf } from '../../fakes/gguf-file.ts';
import type { GgufFile } from '../../fakes/gguf-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'inglenook-gguf-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;
function file(bytes: Buffer): string {
  count += 1;
  const path = join(dir, `file-${count}.gguf`);
  writeFileSync(path, bytes);
  return path;
}

describe('header of a GGUF file', () => {
  it('tells what the model is', async () => {
    expect(await readGgufHeader(file(ggufBytes()))).toEqual({
      architecture: 'llama',
      name: 'Tiny',
      contextTokens: 2048,
      hasChatTemplate: true,
      canUseTools: false,
      quantisation: null,
      contextBytesPerToken: null,
      embeddingLength: null,
      vocabularySize: 3,
      task: 'generate',
      activeShare: 1,
      tensorCount: 1,
      partCount: 1,
    });
  });

  it('tells which part of the weights each token reads', async () => {
    const tensor = (name: string, rows: number, offset: number) => ({
      name,
      dimensions: [32, rows],
      type: 0,
      offset,
    });
    const share = async (entries: GgufFile['entries'], tensors: NonNullable<GgufFile['tensors']>) => {
      const dataBytes = tensors.reduce((sum, { dimensions }) => sum + 4 * 32 * Number(dimensions[1] ?? 0), 0);
      const bytes = ggufBytes({ entries: { ...usualEntries, ...entries }, tensors, dataBytes });
      return (await readGgufHeader(file(bytes))).activeShare;
    };
    const words = tensor('token_embd.weight', 2, 0);
    const output = tensor('output.weight', 2, 256);
    const experts = tensor('blk.0.ffn_up_exps.weight', 8, 512);
    const few = { 'llama.expert_count': 8, 'llama.expert_used_count': 2 };
    // One table for both is read whole, as it scores the next word.
    expect(await share({}, [words])).toBe(1);
    expect(await share({}, [words, output])).toBe(0.5);
    expect(await share(few, [words, output, experts])).toBeCloseTo(4 / 12);
    // Who has experts and does not say how many are used cannot be reckoned.
    expect(await share({}, [words, output, experts])).toBeNull();
  });

  it('tells what a token of a conversation takes, for each way of attention', async () => {
    const i32List = (numbers: readonly number[]) => ({
      type: 9,
      bytes: Buffer.concat([u32(5), u64(numbers.length), ...numbers.map(u32)]),
    });
    const base = { 'general.architecture': 'llama', 'llama.block_count': 4 };
    const heads = { ...base, 'llama.attention.head_count': 8, 'llama.embedding_length': 512 };
    const cost = async (entries: GgufFile['entries']) =>
      (await readGgufHeader(file(ggufBytes({ entries: entries ?? {} })))).contextBytesPerToken;
    expect([
      await cost(base),
      // Every head has keys and values of its own: 4 layers, 8 heads, 64 + 64 numbers of 2 bytes.
      await cost(heads),
      await cost({ ...heads, 'llama.attention.head_count_kv': 2 }),
      await cost({ ...heads, 'llama.attention.head_count_kv': i32List([2, 0, 0, 2]) }),
      await cost({ ...heads, 'llama.attention.key_length': 192, 'llama.attention.value_length': 128 }),
      await cost({ ...base, 'llama.attention.kv_lora_rank': 512, 'llama.rope.dimension_count': 64 }),
      await cost({ ...heads, 'llama.block_count': 2 ** 31 }),
    ]).toEqual([null, 8192, 2048, 1024, 20_480, 4608, null]);
  });

  it('tells quantisation and tools', async () => {
    const header = await readGgufHeader(
      file(
        ggufBytes({
          entries: {
            ...usualEntries,
            'general.file_type': 15,
            'tokenizer.chat_template': `${' '.repeat(100_000)}{% if tools %}`,
          },
        }),
      ),
    );
    expect([header.quantisation, header.canUseTools]).toEqual(['q4_k_m', true]);
  });

  it('reads lists that are longer than its buffer', async () => {
    const words = Array.from({ length: 100_000 }, (_, index) => `a token of some length ${index}`);
    const path = file(ggufBytes({ entries: { 'tokenizer.ggml.tokens': words, ...usualEntries } }));
    expect((await readGgufHeader(path)).architecture).toBe('llama');
  });

  const u8List = (claimed: bigint) => Buffer.concat([u32(0), u64(claimed), Buffer.alloc(16)]);
  const hostile: Record<string, readonly [file: GgufFile, reason: RegExp]> = {
    'another kind of file': [{ magic: '<htm' }, /is not a GGUF model/],
    'version 0': [{ version: 0 }, /version 0/],
    'version 99': [{ version: 99 }, /version 99/],
    '2^63 entries': [{ claimedEntries: 2n ** 63n }, /damaged \(9223372036854775808 entries\)/],
    '2^63 tensors': [{ claimedTensors: 2n ** 63n }, /damaged \(9223372036854775808 tensors\)/],
    'more entries than there are': [{ claimedEntries: 5000n }, /damaged/],
    'a text longer than the file': [
      { entries: { 'general.name': { type: 8, bytes: u64(2n ** 40n) } } },
      /damaged or cut off/,
    ],
    'a text of 2^64-1 bytes': [
      { entries: { 'general.name': { type: 8, bytes: u64(2n ** 64n - 1n) } } },
      /damaged/,
    ],
    'a list longer than the file': [{ entries: { list: { type: 9, bytes: u8List(2n ** 40n) } } }, /cut off/],
    'a list of texts longer than the file': [
      { entries: { list: { type: 9, bytes: Buffer.concat([u32(8), u64(2n ** 61n)]) } } },
      /cut off/,
    ],
    'lists of lists': [
      { entries: { list: { type: 9, bytes: Buffer.concat([u32(9), u64(1), u8List(1n)]) } } },
      /damaged \(a list of kind 9\)/,
    ],
    'an unknown kind of value': [{ entries: { x: { type: 77, bytes: u64(0) } } }, /unknown kind of value 77/],
    'an alignment of 0': [{ entries: { ...usualEntries, 'general.alignment': 0 } }, /alignment/],
    'a key of a megabyte': [{ entries: { ['k'.repeat(1_000_000)]: 1 } }, /impossible length/],
    'a tensor beyond the end': [{ tensors: [{ ...usualTensor, offset: 4096 }] }, /is cut off: it has/],
    'a tensor offset of 2^63': [{ tensors: [{ ...usualTensor, offset: 2n ** 63n }] }, /is cut off/],
    'an odd tensor offset': [{ tensors: [{ ...usualTensor, offset: 3 }] }, /impossible place/],
    'dimensions whose product overflows': [
      { tensors: [{ ...usualTensor, dimensions: [2n ** 32n, 2n ** 32n] }] },
      /impossible size/,
    ],
    'a dimension of zero': [{ tensors: [{ ...usualTensor, dimensions: [32, 0] }] }, /impossible size/],
    'nine dimensions': [
      { tensors: [{ ...usualTensor, dimensions: Array(9).fill(1) as number[] }] },
      /9 dimensions/,
    ],
    'half a block': [{ tensors: [{ ...usualTensor, type: 2, dimensions: [33, 1] }] }, /impossible size/],
  };
  for (const [name, [content, reason]] of Object.entries(hostile)) {
    it(`attack 59: refuses ${name}`, async () => {
      await expect(readGgufHeader(file(ggufBytes(content)))).rejects.toThrow(reason);
    });
  }

  it('attack 59: refuses every truncation of a file, and never hangs on one', async () => {
    const whole = ggufBytes();
    for (let length = 0; length < whole.length; length += 1) {
      await expect(readGgufHeader(file(whole.subarray(0, length)))).rejects.toThrow(
        /is empty|cut off|damaged|not a GGUF/,
      );
    }
  });

  it('is not mislead by a text that claims to go on', async () => {
    const bytes = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(1), text('a'), u32(8), u64(10)]);
    await expect(readGgufHeader(file(bytes))).rejects.toThrow(/cut off/);
  });
});

describe('model file', () => {
  const reason = async (path: string) => (await checkModelFile(path)).reason;

  it('attack 59: is refused with a sentence when it is empty, a folder, a pipe, a link to itself or not there', async () => {
    mkdirSync(join(dir, 'folder.gguf'));
    execFileSync('mkfifo', [join(dir, 'pipe.gguf')]);
    symlinkSync('loop.gguf', join(dir, 'loop.gguf'));
    writeFileSync(join(dir, 'empty.gguf'), '');
    const names = ['empty', 'folder', 'pipe', 'loop', 'missing'];
    const reasons = await Promise.all(names.map((name) => reason(join(dir, `${name}.gguf`))));
    expect(reasons).toEqual([
      'The file empty.gguf is empty.',
      'The file folder.gguf is a folder.',
      'The file pipe.gguf is not an ordinary file.',
      'The file loop.gguf is a link that leads back to itself.',
      'The file missing.gguf was not found; if it has been moved, add it again.',
    ]);
  });

  it('in parts is one model, and a missing part is named', async () => {
    const folder = mkdtempSync(join(dir, 'parts-'));
    const part = (number: number) => join(folder, `Big-Q8_0-0000${number}-of-00003.gguf`);
    for (const number of [1, 2, 3]) {
      writeGguf(part(number), { entries: { ...usualEntries, 'split.count': 3 } });
    }
    const [model, ...others] = await scanLibrary({
      starterDir: folder,
      folders: [],
      addedFiles: () => [part(2)],
    });
    expect([model?.id, model?.path, model?.reason, others.length]).toEqual(['big', part(1), null, 0]);
    expect(model?.sizeBytes).toBe(3 * ggufBytes({ entries: { ...usualEntries, 'split.count': 3 } }).length);

    rmSync(part(3));
    expect(await reason(part(1))).toBe(
      'The file Big-Q8_0-00001-of-00003.gguf cannot be used: part 3 of 3 is missing beside it.',
    );
  });

  it('without weights is listed and not served; one for embeddings is', async () => {
    const vocabulary = writeGguf(join(dir, 'vocabulary.gguf'), { tensors: [] });
    const bert = writeGguf(join(dir, 'bert.gguf'), { entries: { 'general.architecture': 'bert' } });
    expect([await reason(vocabulary), await reason(bert)]).toEqual([
      'The file vocabulary.gguf contains no weights.',
      null,
    ]);
  });
});

describe('library', () => {
  it('finds models in all sources, each once, with readable ids that stay', async () => {
    const root = mkdtempSync(join(dir, 'library-'));
    const starterDir = join(root, 'starter');
    const nested = join(root, 'folder', 'publisher', 'model');
    mkdirSync(starterDir);
    mkdirSync(nested, { recursive: true });
    writeGguf(join(starterDir, 'SmolLM2-135M-Instruct.Q4_1.gguf'));
    writeGguf(join(nested, 'SmolLM2-135M-Instruct-Q8_0.gguf'));
    writeGguf(join(nested, 'smollm2-135m-instruct.q8_0.gguf'));
    writeFileSync(join(nested, 'notes.txt'), 'no model');
    const added = writeGguf(join(root, 'Qwen2.5 Coder (7B) UD-IQ4_XS.gguf'));
    const broken = file(ggufBytes());
    truncateSync(broken, 300);
    symlinkSync(added, join(nested, 'link.gguf'));

    const sources = {
      starterDir,
      folders: [join(root, 'folder'), join(root, 'nowhere')],
      addedFiles: () => [added, broken],
    };
    const memory = createLibraryMemory();
    const models = await scanLibrary(sources, memory);
    expect(models.map(({ id, source, reason: why }) => [id, source, why === null])).toEqual([
      ['smollm2-135m-instruct', 'starter', true],
      ['smollm2-135m-instruct-q8_0', 'folder', true],
      ['link', 'folder', true],
      ['smollm2-135m-instruct-q8_0-2', 'folder', true],
      [expect.stringMatching(/^file-\d+$/), 'added', false],
    ]);

    // What comes later before the others in the alphabet takes no id away.
    writeGguf(join(starterDir, 'A-SmolLM2.gguf'));
    writeGguf(join(starterDir, 'AA.gguf'));
    const again = await scanLibrary(sources, memory);
    for (const { path, id } of models) expect(again.find((model) => model.path === path)?.id).toBe(id);
  });

  it('gives no id that the admin API means something else by', async () => {
    const folder = mkdtempSync(join(dir, 'words-'));
    for (const name of ['found', 'inspect']) writeGguf(join(folder, `${name}.gguf`));
    const models = await scanLibrary({ starterDir: folder, folders: [], addedFiles: () => [] });
    expect(models.map(({ id }) => id)).toEqual(['found-2', 'inspect-2']);
  });

  it('makes slugs of file names', () => {
    const names = [
      'SmolLM2-135M-Instruct.Q4_1.gguf',
      'Qwen3-Coder-30B-A3B-Instruct-UD-Q4_K_XL.gguf',
      'gpt-oss-20b-MXFP4.gguf',
      'Llama-3.2-3B-Instruct-f16.gguf',
      'Über Modell (v2).gguf',
      '....gguf',
      'deepseek-v3-Q2_K-00001-of-00009.gguf',
    ];
    expect(names.map((name) => [slugOf(name), quantisationOf(name)])).toEqual([
      ['smollm2-135m-instruct', 'q4_1'],
      ['qwen3-coder-30b-a3b-instruct', 'q4_k_xl'],
      ['gpt-oss-20b', 'mxfp4'],
      ['llama-3.2-3b-instruct', 'f16'],
      ['uber-modell-v2', null],
      ['model', null],
      ['deepseek-v3', 'q2_k'],
    ]);
  });
});
