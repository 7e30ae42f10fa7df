import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  noGraphics,
  type CardFacts,
  type CardClaim,
  type GraphicsFacts,
} from '../../../server/core/graphics.ts';
import { gpuCheck } from '../../../server/doctor/computer.ts';
import { describeGraphics } from '../../../server/doctor/graphics.ts';
import type { Edition } from '../../../server/doctor/graphics-remarks.ts';
import { createBuiltinEngine } from '../../../server/engines/builtin/builtin-engine.ts';
import { together } from '../../../server/engines/builtin/graphics/inspect.ts';
import { parseCudaVersion, readNvidia } from '../../../server/engines/builtin/graphics/nvidia-smi.ts';
import { readPciCards } from '../../../server/engines/builtin/graphics/pci-cards.ts';
import { graphics } from '../../../server/wire/graphics.ts';
import { startComposed } from '../../fakes/composed.ts';

/** What the tool prints, by its own manual's formats (`nvidia-smi --help-query-gpu`). */
const twoCards = `GPU-1f2e, NVIDIA GeForce RTX 4090, 24564, 3120, 550.54.15
GPU-9a8b, NVIDIA RTX A4000, 16376, 16001, 550.54.15
`;
const holders = `GPU-1f2e, 4711, /usr/bin/node, 9216
GPU-1f2e, 815, /opt/games/a, fine/game.bin, 12000
GPU-9a8b, 816, [Not Found], [N/A]
`;
const front = '| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |';
const mebibyte = 1024 ** 2;

const tool =
  (answers: { readonly cards: string; readonly holders?: string; readonly front?: string }) =>
  async (args: readonly string[]): Promise<string> => {
    const [first = ''] = args;
    if (first.startsWith('--query-gpu')) return answers.cards;
    if (first.startsWith('--query-compute-apps')) return answers.holders ?? '';
    return answers.front ?? '';
  };

describe('NVIDIA’s own tool', () => {
  it('tells the cards one by one, and who holds their memory', async () => {
    const { nvidia, cards } = await readNvidia(tool({ cards: twoCards, holders, front }));
    expect(nvidia).toEqual({ tool: 'ok', driver: '550.54.15', cuda: '12.4', words: '' });
    expect(cards).toEqual([
      {
        name: 'NVIDIA GeForce RTX 4090',
        vendor: 'nvidia',
        kernelDriver: 'nvidia',
        totalBytes: 24_564 * mebibyte,
        freeBytes: 3_120 * mebibyte,
        holders: [
          { pid: 4711, program: '/usr/bin/node', bytes: 9_216 * mebibyte },
          { pid: 815, program: '/opt/games/a, fine/game.bin', bytes: 12_000 * mebibyte },
        ],
      },
      {
        name: 'NVIDIA RTX A4000',
        vendor: 'nvidia',
        kernelDriver: 'nvidia',
        totalBytes: 16_376 * mebibyte,
        freeBytes: 16_001 * mebibyte,
        holders: [{ pid: 816, program: '[Not Found]', bytes: null }],
      },
    ]);
  });

  it('may be missing, or fail in words of its own', async () => {
    const missing = Object.assign(new Error('spawn nvidia-smi ENOENT'), { code: 'ENOENT' });
    expect((await readNvidia(() => Promise.reject(missing))).nvidia.tool).toBe('missing');
    const words = 'Failed to initialize NVML: Driver/library version mismatch';
    const failed = Object.assign(new Error('exit 18'), {
      code: 18,
      stdout: `${words}\nNVML library version: 550.90`,
      stderr: '',
    });
    expect((await readNvidia(() => Promise.reject(failed))).nvidia).toMatchObject({
      tool: 'failed',
      words: `${words} NVML library version: 550.90`,
    });
  });

  it('may not tell the memory of cards that share it, nor a CUDA version', async () => {
    const { cards, nvidia } = await readNvidia(tool({ cards: 'GPU-1, NVIDIA GB10, [N/A], [N/A], 580.95\n' }));
    expect([cards[0]?.totalBytes, cards[0]?.freeBytes, nvidia.cuda]).toEqual([null, null, null]);
    expect(parseCudaVersion('CUDA UMD Version: 13.1')).toBe('13.1');
  });
});

describe('the cards that Linux lists', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'inglenook-pci-'));
    await card('0000:01:00.0', { class: '0x030000', vendor: '0x10de', device: '0x2684', driver: 'nouveau' });
    await card('0000:02:00.0', {
      class: '0x038000',
      vendor: '0x1002',
      device: '0x744c',
      driver: 'amdgpu',
      mem_info_vram_total: '25753026560',
      mem_info_vram_used: '753026560',
    });
    await card('0000:00:02.0', { class: '0x030000', vendor: '0x1234', device: '0x1111' });
    await card('0000:00:1f.0', { class: '0x060100', vendor: '0x8086', device: '0x7a04' });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function card(name: string, { driver, ...files }: Record<string, string>): Promise<void> {
    const path = join(folder, name);
    await mkdir(path);
    for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), `${text}\n`);
    if (driver !== undefined) await symlink(`../../../bus/pci/drivers/${driver}`, join(path, 'driver'));
  }

  it('are those of makers that compute, with what their driver tells', async () => {
    const found = await readPciCards(folder);
    expect(found.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      {
        name: 'AMD (744c)',
        vendor: 'amd',
        kernelDriver: 'amdgpu',
        totalBytes: 25_753_026_560,
        freeBytes: 25e9,
        holders: null,
      },
      {
        name: 'NVIDIA (2684)',
        vendor: 'nvidia',
        kernelDriver: 'nouveau',
        totalBytes: null,
        freeBytes: null,
        holders: null,
      },
    ]);
    expect(await readPciCards('/nowhere')).toEqual([]);
  });

  it('are not listed twice, and where nobody lists any they are those the library names', () => {
    const [nvidia, amd] = [cardOf({ name: 'RTX 4090' }), cardOf({ name: 'AMD (744c)', vendor: 'amd' })];
    const none = { devices: [], memory: null };
    expect(together([nvidia], [cardOf({ name: 'NVIDIA (2684)' }), amd], none)).toEqual([nvidia, amd]);
    const memory = { freeBytes: 1e9, totalBytes: 2e9, isShared: true };
    expect(together([], [], { devices: ['Apple M4'], memory })).toMatchObject([
      { name: 'Apple M4', vendor: 'other', totalBytes: 2e9 },
    ]);
    // What the library adds up belongs to none of several.
    expect(together([], [], { devices: ['Intel Arc A770', 'AMD Radeon'], memory })).toMatchObject([
      { vendor: 'intel', totalBytes: null },
      { vendor: 'amd', totalBytes: null },
    ]);
  });
});

function cardOf(change: Partial<CardFacts> = {}): CardFacts {
  return {
    name: 'NVIDIA GeForce RTX 4090',
    vendor: 'nvidia',
    kernelDriver: 'nvidia',
    totalBytes: 24e9,
    freeBytes: 20e9,
    holders: [],
    ...change,
  };
}
const driver = { tool: 'ok', driver: '550.54.15', cuda: '12.4', words: '' } as const;
const parts = ['cuda', 'vulkan', 'cpu'] as const;
/** A computer on which all is well. */
const well: GraphicsFacts = {
  platform: 'linux',
  backend: 'cuda',
  supported: parts,
  parts,
  devices: ['NVIDIA GeForce RTX 4090'],
  memory: { freeBytes: 20e9, totalBytes: 24e9, isShared: false },
  failures: [],
  nvidia: driver,
  cards: [cardOf()],
};
const amd = cardOf({ name: 'AMD (744c)', vendor: 'amd', kernelDriver: 'amdgpu' });
const withoutTool = { tool: 'missing', driver: null, cuda: null, words: '' } as const;
const onAmd: Partial<GraphicsFacts> = { nvidia: withoutTool, cards: [amd], supported: ['vulkan', 'cpu'] };

describe('why nothing better', () => {
  it.each<[string, Partial<GraphicsFacts>, Edition, readonly string[]]>([
    ['all is well', {}, null, []],
    ['all is well', {}, 'cuda', []],
    ['no card at all', { ...noGraphics, backend: 'cpu', supported: ['cpu'], parts }, null, ['no-card']],
    ['no part of the engine', noGraphics, null, ['no-engine']],
    [
      'the wrong edition',
      { backend: 'vulkan', parts: ['vulkan', 'cpu'], supported: ['cuda', 'vulkan', 'cpu'] },
      'standard',
      ['standard-edition'],
    ],
    [
      'optional packages left out',
      { backend: 'vulkan', parts: ['vulkan', 'cpu'] },
      null,
      ['cuda-part-missing'],
    ],
    [
      'a driver without runtime libraries',
      { backend: 'vulkan', supported: ['vulkan', 'cpu'] },
      null,
      ['cuda-runtime-missing'],
    ],
    [
      'the same without Vulkan',
      { backend: 'cpu', supported: ['cpu'], devices: [] },
      'cuda',
      ['cuda-runtime-missing', 'vulkan-missing'],
    ],
    [
      'a driver that is too old',
      { backend: 'vulkan', nvidia: { ...driver, cuda: '12.2' } },
      null,
      ['driver-too-old'],
    ],
    [
      'a newer driver that fails',
      { backend: 'vulkan', nvidia: { ...driver, cuda: '13.0' } },
      null,
      ['cuda-failed'],
    ],
    [
      'a card without driver',
      {
        backend: 'cpu',
        supported: ['cpu'],
        devices: [],
        nvidia: withoutTool,
        cards: [cardOf({ kernelDriver: 'nouveau' })],
      },
      null,
      ['nvidia-driver-missing'],
    ],
    [
      'a driver after an update',
      {
        backend: 'cpu',
        supported: ['cpu'],
        devices: [],
        nvidia: { ...withoutTool, tool: 'failed', words: 'version mismatch' },
        cards: [],
      },
      null,
      ['nvidia-driver-failed'],
    ],
    [
      'AMD without Vulkan',
      { ...onAmd, backend: 'cpu', supported: ['cpu'], devices: [] },
      null,
      ['vulkan-missing'],
    ],
    [
      'AMD with a Vulkan that finds nothing',
      { ...onAmd, backend: 'cpu', devices: [] },
      null,
      ['vulkan-failed'],
    ],
    [
      'AMD without the part',
      { ...onAmd, backend: 'cpu', parts: ['cpu'], devices: [] },
      null,
      ['vulkan-part-missing'],
    ],
    ['AMD with Vulkan', { ...onAmd, backend: 'vulkan', devices: ['AMD Radeon RX 7900 XTX'] }, 'standard', []],
    [
      'the CUDA edition for AMD',
      { ...onAmd, backend: 'vulkan', devices: ['AMD Radeon RX 7900 XTX'] },
      'cuda',
      ['cuda-edition-unneeded'],
    ],
    [
      'a program that imitates a card',
      { ...onAmd, cards: [], backend: 'vulkan', devices: ['llvmpipe (LLVM 19.1.7, 256 bits)'] },
      null,
      ['software-renderer'],
    ],
    ['memory that others hold', { cards: [cardOf({ freeBytes: 2e9 })] }, null, ['memory-taken']],
    [
      'Apple’s own',
      {
        ...onAmd,
        platform: 'darwin',
        backend: 'metal',
        cards: [cardOf({ name: 'Apple M4', vendor: 'other' })],
        devices: ['Apple M4'],
      },
      null,
      [],
    ],
  ])('%s (%#)', (_what, change, edition, codes) => {
    const told = describeGraphics({ facts: { ...well, ...change }, claims: [] }, edition);
    expect(graphics.parse(told).remarks.map(({ code }) => code)).toEqual(codes);
    for (const { sentence, fix } of told.remarks) {
      for (const text of [sentence, fix]) if (text !== null) expect(text.de).not.toBe(text.en);
    }
  });

  it('says what to install, and what works meanwhile', () => {
    const facts = { ...well, backend: 'vulkan', parts: ['vulkan', 'cpu'] } as const;
    const { sentence, remarks } = describeGraphics({ facts, claims: [] }, 'standard');
    expect(sentence.en).toBe('Models are computed on the graphics card by Vulkan (NVIDIA GeForce RTX 4090).');
    expect(remarks[0]?.sentence.en).toContain('The card is used through Vulkan meanwhile');
    expect(remarks[0]?.fix?.en).toContain('Install the CUDA edition of Inglenook over this one');
    expect(
      describeGraphics({ facts: { ...facts, backend: 'cpu' }, claims: [] }, 'standard').sentence.de,
    ).toBe('Modelle rechnen auf dem Prozessor, obwohl es eine Grafikkarte gibt (NVIDIA GeForce RTX 4090).');
  });
});

describe('who holds a card’s memory', () => {
  const claims: CardClaim[] = [
    { model: 'large', pid: 4711, bytes: 9e9 },
    { model: 'embedder', pid: 4712, bytes: 0 },
  ];
  const cards = (facts: Partial<GraphicsFacts>) =>
    describeGraphics({ facts: { ...well, ...facts }, claims }, null).cards.map(
      ({ models, othersBytes, others }) => ({
        models,
        othersBytes,
        others,
      }),
    );

  it('is told by process, card by card', async () => {
    const read = await readNvidia(tool({ cards: twoCards, holders, front }));
    expect(cards({ cards: read.cards })).toEqual([
      {
        models: [{ model: 'large', bytes: 9_216 * mebibyte }],
        othersBytes: (24_564 - 3_120 - 9_216) * mebibyte,
        others: ['game.bin'],
      },
      // Nobody says that it is there, and so much that it holds nothing of ours.
      { models: [], othersBytes: 375 * mebibyte, others: ['[Not Found]'] },
    ]);
  });

  it('is ours by what the engine has taken, where processes have other numbers', () => {
    expect(cards({ cards: [cardOf({ freeBytes: 10e9 })] })).toEqual([
      { models: [{ model: 'large', bytes: 9e9 }], othersBytes: 5e9, others: [] },
    ]);
  });

  it('is not made up where a model is spread over several cards and nobody tells how', () => {
    const several = [cardOf({ holders: null }), cardOf({ name: 'NVIDIA RTX A4000', holders: null })];
    expect(cards({ cards: several })).toEqual(
      several.map(() => ({ models: [{ model: 'large', bytes: null }], othersBytes: null, others: [] })),
    );
  });

  it('is nobody of ours on a card that the engine does not use', () => {
    expect(cards({ cards: [cardOf(), amd] })[1]).toMatchObject({ models: [] });
  });
});

describe('looking', () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };

  it('asks a process of its own, which finds no graphics card here without an error, or tells what it is', async () => {
    const engine = createBuiltinEngine({
      sources: { starterDir: '/nowhere', folders: [], addedFiles: () => [] },
      log,
    });
    const view = await engine.graphics();
    const told = graphics.parse(describeGraphics(view, null));
    expect(view.facts.backend).not.toBeNull();
    expect(view.facts.parts).toContain(view.facts.backend);
    if (view.facts.cards.length === 0) expect(told.remarks.map(({ code }) => code)).toEqual(['no-card']);
    await engine.stop();
  });

  it('tells on Health, without a warning, that the CUDA edition is not needed here', async () => {
    const facts: GraphicsFacts = {
      ...well,
      backend: 'cpu',
      supported: ['cpu'],
      devices: [],
      cards: [],
      nvidia: { ...driver, tool: 'missing', driver: null, cuda: null },
    };
    const check = gpuCheck({
      models: () => [],
      machine: async () => ({ freeBytes: 8e9, gpuFreeBytes: null, isGpuShared: false }),
      graphics: async () => describeGraphics({ facts, claims: [] }, 'cuda'),
    });
    const { state, sentence, fix } = await check.look(new AbortController().signal);
    expect([state, fix?.en]).toEqual(['ok', expect.stringContaining('take the Standard edition')]);
    expect(sentence.en).toMatch(
      /^No graphics card .* This is the CUDA edition, and no NVIDIA card was found\./,
    );
  });

  it('tells the owner and the doctor the same', async () => {
    const facts: GraphicsFacts = { ...well, backend: 'vulkan', nvidia: { ...driver, cuda: '11.8' } };
    const server = await startComposed({
      engine: { graphics: { facts, claims: [] }, machine: { freeBytes: 8e9, gpuFreeBytes: 20e9 } },
      inhibitor: null,
    });
    const told = graphics.parse(await server.admin('GET', '/graphics'));
    const [remark] = told.remarks;
    const { checks } = (await server.admin('GET', '/doctor?language=de')) as {
      checks: { id: string; state: string; sentence: string; fix: string }[];
    };
    const check = checks.find(({ id }) => id === 'gpu');
    expect(check?.state).toBe('warn');
    expect(check?.sentence).toContain(remark?.sentence.de);
    expect(check?.fix).toBe(remark?.fix?.de);
  });
});
