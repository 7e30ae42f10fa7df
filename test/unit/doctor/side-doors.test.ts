import { describe, expect, test } from 'vitest';
import { findSideDoors } from '../../../server/doctor/side-doors.ts';
import { openModelDoor, type DoorKind } from '../../fakes/model-door.ts';

const address = '127.0.0.1';
const never = new AbortController().signal;

/** Every product is looked for at the ports of these doors, as if they were its usual ones. */
async function find(kinds: readonly DoorKind[], change: { ownPort?: number; addresses?: string[] } = {}) {
  const doors = await Promise.all(kinds.map((kind) => openModelDoor(kind, address)));
  const ports = doors.map(({ port }) => port);
  const found = await findSideDoors({
    addresses: [address],
    ownPort: 1,
    portsOf: () => ports,
    signal: never,
    ...change,
  });
  return { found, doors, ports };
}

describe('side doors', () => {
  test.each([
    ['ollama', 'Ollama', 'OLLAMA_HOST'],
    ['vllm', 'vLLM', '--host 127.0.0.1'],
    ['llama-server', 'llama-server', '--host 127.0.0.1'],
  ] as const)('%s that answers without a key is named, with its fix', async (kind, product, fix) => {
    const doors = [await openModelDoor(kind, address)];
    const [port = 0] = doors.map((door) => door.port);
    // At the ports that are its own, and those of whatever speaks this language.
    const found = await findSideDoors({
      addresses: [address],
      ownPort: 1,
      portsOf: (name) => (name === product || name.startsWith('OpenAI') ? [port] : []),
      signal: never,
    });
    expect(found).toEqual([
      { product, address, port, fix: expect.objectContaining({ en: expect.stringContaining(fix) }) },
    ]);
  });

  test('LM Studio is known by its port, anything else by its answer', async () => {
    const { port } = await openModelDoor('lmstudio', address);
    const at = (product: string) =>
      findSideDoors({
        addresses: [address],
        ownPort: 1,
        portsOf: (name) => (name === product ? [port] : []),
        signal: never,
      });
    expect(await at('LM Studio')).toMatchObject([{ product: 'LM Studio' }]);
    expect(await at('OpenAI-compatible server')).toMatchObject([{ product: 'OpenAI-compatible server' }]);
    expect(await at('vLLM')).toEqual([]);
  });

  test('each door is named once, whoever could be behind it', async () => {
    const { found, ports } = await find(['ollama', 'vllm']);
    expect(found.map(({ product, port }) => [product, port])).toEqual([
      ['Ollama', ports[0]],
      ['LM Studio', ports[1]],
    ]);
  });

  test('what wants a key, shows a page, or answers nonsense is no door', async () => {
    const { found, doors } = await find(['locked', 'web-page', 'broken']);
    expect(found).toEqual([]);
    for (const { asked } of doors) expect(asked).toContain('/v1/models');
  });

  test('one that never answers, or never ends, holds nobody up', async () => {
    const { found } = await find(['silent', 'endless', 'ollama']);
    expect(found.map(({ product }) => product)).toEqual(['Ollama']);
  });

  test('only lists of models are asked for, and each once', async () => {
    const { doors } = await find(['locked']);
    expect(doors[0]?.asked.toSorted()).toEqual(['/api/tags', '/v1/models']);
  });

  test('our own port is not asked, nor any address that is not given', async () => {
    const door = await openModelDoor('ollama', address);
    const ask = (change: { ownPort: number; addresses: string[] }) =>
      findSideDoors({ portsOf: () => [door.port], signal: never, ...change });
    expect(await ask({ ownPort: door.port, addresses: [address] })).toEqual([]);
    expect(await ask({ ownPort: 1, addresses: [] })).toEqual([]);
    expect(door.asked).toEqual([]);
  });

  // 127.0.0.0/8 is this computer's on Linux only.
  test.runIf(process.platform === 'linux')(
    'an Ollama that listens on loopback alone is no door at the office address',
    async () => {
      const { found } = await find(['ollama'], { addresses: ['127.0.0.2'] });
      expect(found).toEqual([]);
    },
  );
});
