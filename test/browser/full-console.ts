import { createdPairing } from '../../server/wire/pairing.ts';
import { startFakeOllama } from '../fakes/fake-ollama.ts';
import { startFakeUpstream } from '../fakes/fake-upstream.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { monthClock, seedMonth } from './month-of-requests.ts';
import { canPlayOffice, networks, playNetwork } from './office-network.ts';

/** A server on which every page and dialog of the console has something to show, good and bad. */
export async function startFullConsole(): Promise<ConsoleUnderTest> {
  const upstream = await startFakeUpstream({ models: ['large-one', 'larger-one'] });
  const ollama = await startFakeOllama({ pull: [{ status: 'pulling manifest' }] });
  const network = playNetwork(canPlayOffice ? networks.many : networks.none);
  const server = await startConsole(
    { models: ['fake-model', 'broken-model', 'big-model'] },
    { ...network, clock: monthClock },
    { ollama: { host: ollama.address }, seed: seedMonth, offline: false },
  );
  await server.admin('PUT', '/lan', { on: true });
  network.pass(60_000);
  const { key } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna', models: ['fake-model'] });
  const guest = { name: 'Guest', team: 'Support', expiresAt: '2999-01-01T00:00:00Z' };
  await server.createKey({ ...guest, limits: { budgets: [{ unit: 'money', amount: 5, period: 'month' }] } });
  await server.admin('PUT', '/teams/Support', {
    limits: { budgets: [{ unit: 'tokens', amount: 1000, period: 'day' }] },
  });
  await (await server.chat(key)).text();
  await (await server.chat(key, { model: 'nobody-knows-this' })).text();
  await (await server.chat('sk-ink_wrong')).text();
  server.engine.show('broken-model', {
    state: 'failed',
    reason: 'It needs about 22.0 GB of memory, and 12.0 GB are free.',
    isTooBig: true,
  });
  await server.admin('PUT', '/aliases/gpt-4o-mini', { model: 'not-there-yet', fallback: ['fake-model'] });
  await server.admin('PUT', '/aliases/careful', {
    model: 'fake-model',
    shares: ['fake-model', 'big-model'].map((model) => ({ model, weight: 1 })),
    settings: { temperature: 0.2, systemPrompt: 'Answer in one sentence.' },
  });
  await server.admin('POST', '/upstreams', { name: 'gpu-box', url: upstream.url, kind: 'vllm' });
  await server.admin('POST', '/upstreams', { name: 'broken-box', url: 'http://127.0.0.1:9/v1' });
  await server.admin('PATCH', '/ollama', { use: 'theirs' });
  // It ends at once, and says why.
  await server.admin('POST', '/ollama/pulls', { model: 'no-such-model' });
  // Only that Ollama was to be asked for a model; from here on nobody is.
  await server.admin('PUT', '/settings/online.never', { value: true });
  await server.admin('PUT', '/exports/office-db', {
    kind: 'postgres',
    url: 'postgres://ink@127.0.0.1:9/office',
  });
  await server.admin('POST', '/exports/office-db/test');
  await server.admin('PUT', '/exports/traces', { kind: 'otlp', url: 'http://127.0.0.1:9' });
  await server.admin('PATCH', '/keys/Guest', { trace: true });
  await server.admin('POST', '/keys/Guest/replace', {});
  await server.admin('POST', '/tickets', { name: 'Build machines', uses: 20, from: ['192.168.1.0/24'] });
  await someoneAsks(server, 'Jonas');
  server.engine.show('big-model', { state: 'loading', progressPercent: 42, source: 'added', ...troubled });
  return {
    ...server,
    async stop() {
      await server.stop();
      await Promise.all([upstream.close(), ollama.close()]);
    },
  };
}

/** Everything a model can have to say about itself. */
const troubled = {
  waitingFor: 'memory',
  memory: { estimatedBytes: 5_400_000_000, measuredBytes: null },
  attempts: [
    {
      backend: 'cuda',
      gpuShare: 1,
      slots: 4,
      contextTokens: 16_384,
      reason: 'The GPU’s memory was too small.',
      cause: 'cudaMalloc failed: out of memory',
    },
  ],
  crashes: 2,
  lastCrash: 'The engine broke off (SIGSEGV).',
} as const;

/** A device that waits for the owner's word: it is asked about on every page. */
async function someoneAsks(server: ConsoleUnderTest, person: string): Promise<void> {
  const { ticket } = createdPairing.parse(await server.admin('POST', '/pairings', { person }));
  await fetch(`${server.url}/pair/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket, device: 'Firefox on Windows' }),
  });
}
