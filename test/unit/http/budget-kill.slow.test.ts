import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import type { WireLogRow } from '../../../server/wire/admin.ts';
import type { WireSpending } from '../../../server/wire/limits.ts';
import { startFakeUpstream } from '../../fakes/fake-upstream.ts';

type Process = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly admin: <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;
};

/** The program as `npm start` runs it, on this data folder. */
async function startProgram(dataDir: string): Promise<Process> {
  const child = spawn(process.execPath, ['server/main.ts'], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let trouble = '';
  child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => [`It did not start: ${trouble}`]),
  ])) as [string];
  expect(line).toContain('Inglenook is ready at http://127.0.0.1:');
  const url = /http:\S+/.exec(line)?.[0] ?? '';
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  return {
    child,
    url,
    async admin(method, path, body) {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect([path, response.ok]).toEqual([path, true]);
      return (await response.json()) as never;
    },
  };
}

/** Tokens of an answer that has reached its client whole; 0 for every other end. */
async function tokensAnswered(url: string, key: string, isStream: boolean): Promise<number> {
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fake-large',
        messages: [{ role: 'user', content: 'Hi' }],
        ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
      }),
    });
    const text = await response.text();
    const isWhole = response.ok && (!isStream || text.includes('[DONE]'));
    return isWhole ? Number(/"total_tokens":(\d+)/.exec(text)?.[1] ?? 0) : 0;
  } catch {
    return 0;
  }
}

test(
  'killed in the middle of its work: nothing stays put aside, and all that was answered is counted',
  { timeout: 60_000 },
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'inglenook-kill-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const upstream = await startFakeUpstream({ mode: 'holds' });
    onTestFinished(() => upstream.close());
    const first = await startProgram(dataDir);
    await first.admin('POST', '/upstreams', { name: 'lab', url: upstream.url, kind: 'vllm', slots: 16 });
    await first.admin('PUT', '/prices/fake-large', { input: 1, output: 2 });
    await first.admin('PUT', '/teams/T', {
      limits: { budgets: [{ unit: 'money', amount: 5, period: 'month' }] },
    });
    const { key, id } = await first.admin<{ key: string; id: string }>('POST', '/keys', {
      name: 'a',
      team: 'T',
      limits: { budgets: [{ unit: 'tokens', amount: 1e6, period: 'total' }] },
    });
    const spending = ({ admin }: Process) => admin<WireSpending>('GET', `/keys/${id}/spending`);

    // Some streams are in their middle when it happens …
    const held = Array.from({ length: 4 }, () => tokensAnswered(first.url, key, true));
    await expect.poll(() => upstream.seen.length).toBe(4);
    upstream.mode = 'ok';
    // … and others begin and end all the time.
    let answered = 0;
    let tokens = 0;
    let isOver = false;
    const enough = Promise.withResolvers<void>();
    const clients = Array.from({ length: 8 }, async (_, client) => {
      while (!isOver) {
        const told = await tokensAnswered(first.url, key, client % 2 === 0);
        if (told === 0) continue;
        tokens += told;
        answered += 1;
        if (answered === 60) enough.resolve();
      }
    });
    await enough.promise;
    const before = (await spending(first)).accounts[0];
    expect(before?.running).toBeGreaterThanOrEqual(4);
    expect(before?.reserved.tokens).toBeGreaterThan(4_000);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    isOver = true;
    expect(await Promise.all(held)).toEqual([0, 0, 0, 0]);
    await Promise.all(clients);

    const second = await startProgram(dataDir);
    const after = (await spending(second)).accounts[0];
    const rows = await second.admin<WireLogRow[]>('GET', '/log?limit=10000');
    const logged = rows.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0);
    expect([after?.running, after?.reserved]).toEqual([0, { tokens: 0, money: 0 }]);
    // A row is written before the last byte leaves: more may be counted than has arrived, never less.
    expect(answered).toBeGreaterThanOrEqual(60);
    expect(rows.length).toBeGreaterThanOrEqual(answered);
    expect(after?.spent.total.tokens).toBe(logged);
    expect(logged).toBeGreaterThanOrEqual(tokens);
    expect(rows.length - answered).toBeLessThanOrEqual(8);
    const cost = rows.reduce((sum, row) => sum + (row.costNanos ?? 0), 0);
    const [team] = (await second.admin<WireSpending>('GET', '/teams/T/spending')).accounts;
    expect([team?.running, team?.reserved.money]).toEqual([0, 0]);
    expect(Math.round((team?.spent.total.money ?? 0) * 1e9)).toBe(cost);
    expect(cost).toBeGreaterThan(0);
    // And it goes on from there.
    expect(await tokensAnswered(second.url, key, false)).toBeGreaterThan(0);
    expect((await spending(second)).accounts[0]?.spent.total.tokens).toBeGreaterThan(logged);
  },
);
