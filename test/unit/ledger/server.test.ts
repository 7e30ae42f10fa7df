import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, closeStore } from '../../../server/store/open.ts';
import { openReader } from '../../../server/store/threads/reader.ts';
import type { WireLogRow } from '../../../server/wire/admin.ts';
import type {
  RequestsCount,
  RequestsPage,
  RetentionState,
  UsageAnswer,
  UsageRow,
} from '../../../server/wire/usage.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { readCsv } from './read-csv.ts';

/** The whole server with a database on the disk, so that reads go through their thread. */
async function startOffice(): Promise<{
  readonly server: ComposedServer;
  readonly ask: (model?: string, body?: Record<string, unknown>, key?: string) => Promise<number>;
  readonly api: <Answer>(path: string) => Promise<Answer>;
  readonly text: (path: string) => Promise<string>;
}> {
  let asked = 0;
  const server = await startComposed({
    engine: {
      models: ['a', 'b'],
      beforePart: (index, request) => {
        if (index === 2 && asked % 5 === 0) throw new Error('the engine fell');
        // Held until its client has gone.
        if (index === 3 && JSON.stringify(request.messages).includes('leave')) return new Promise(() => {});
        return undefined;
      },
    },
  });
  const keys: string[] = [];
  for (const [name, person] of [
    ['one', 'Anna'],
    ['=two', '+Jonas'],
    ['three', null],
  ]) {
    const made = (await server.admin('POST', '/keys', { name, person })) as { key: string };
    keys.push(made.key);
  }
  const ask = async (model = 'a', body = {}, key = keys[asked % keys.length] ?? ''): Promise<number> => {
    asked += 1;
    const leaving = new AbortController();
    const isLeaving = 'leave' in body;
    try {
      const response = await fetch(`${server.address}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model,
          stream: isLeaving,
          messages: [{ role: 'user', content: isLeaving ? 'leave' : 'Hi' }],
          ...(isLeaving ? {} : body),
        }),
        signal: leaving.signal,
      });
      if (isLeaving) leaving.abort();
      await response.text().catch(() => '');
      return response.status;
    } catch {
      return 0;
    }
  };
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const text = async (path: string): Promise<string> => {
    const response = await fetch(`${server.address}/api${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([path, response.status]).toEqual([path, 200]);
    return await response.text();
  };
  return { server, ask, text, api: async (path) => (await server.admin('GET', path)) as never };
}

const total = (
  rows: readonly UsageRow[],
  name: 'requests' | 'promptTokens' | 'completionTokens' | 'errors',
): number => rows.reduce((sum, row) => sum + row[name], 0);

it('finds requests by a part of the program’s name and by why they were not answered, and counts both beforehand', async () => {
  const { server, ask, api } = await startOffice();
  await ask('a');
  await ask('no-such-model');
  const key = ((await server.admin('POST', '/keys', { name: 'curl' })) as { key: string }).key;
  const response = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'user-agent': 'Continue/1.3 (100% own_tool)',
    },
    body: JSON.stringify({ model: 'b', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await response.text();
  const found = async (filters: Record<string, string>): Promise<unknown> => {
    const search = new URLSearchParams(filters).toString();
    const { requests, next } = await api<RequestsPage>(`/requests?${search}`);
    const { count, isWhole } = await api<RequestsCount>(`/requests/count?${search}`);
    expect([count, isWhole, next]).toEqual([requests.length, true, null]);
    return requests.map(({ model }) => model);
  };
  expect(await found({})).toEqual(['b', 'no-such-model', 'a']);
  expect(await found({ client: 'CONTINUE' })).toEqual(['b']);
  // No pattern: what it holds is looked for as it is.
  expect(await found({ client: '0% own_t' })).toEqual(['b']);
  expect(await found({ client: '%' })).toEqual(['b']);
  expect(await found({ client: 'nobody' })).toEqual([]);
  expect(await found({ failure: 'unknown-model' })).toEqual(['no-such-model']);
  expect(await found({ failure: 'unknown-model', client: 'continue' })).toEqual([]);
  expect(await found({ model: 'no-such-model' })).toEqual(['no-such-model']);
  const { rows } = await api<UsageAnswer>('/usage?by=failure&failure=unknown-model');
  expect(rows.map(({ failure, requests }) => [failure, requests])).toEqual([['unknown-model', 1]]);
});

describe('after a workload with cancels, errors and refusals', () => {
  it('log, sums, usage and both exports tell the same', async () => {
    const { server, ask, api, text } = await startOffice();
    const wishes = Array.from({ length: 60 }, (_, index) => index);
    for (const index of wishes) {
      if (index % 7 === 3) await ask('a', { leave: true });
      else if (index % 11 === 5) await ask('no-such-model');
      else if (index % 13 === 6) await ask('a', {}, 'sk-ink_wrong');
      else await ask(index % 2 === 0 ? 'a' : 'b', { stream: index % 3 === 0 });
    }
    // A cancel is settled a moment after its client has gone.
    await expect
      .poll(async () => (await api<WireLogRow[]>('/log?limit=1000')).length, { timeout: 5_000 })
      .toBe(60);
    const log = await api<WireLogRow[]>('/log?limit=1000');
    const sum = (pick: (row: WireLogRow) => number): number =>
      log.reduce((before, row) => before + pick(row), 0);
    const wanted = {
      requests: 60,
      promptTokens: sum((row) => row.promptTokens),
      completionTokens: sum((row) => row.completionTokens),
      errors: log.filter(({ status }) => status === 'error').length,
    };
    expect(new Set(log.map(({ status }) => status))).toEqual(
      new Set(['ok', 'error', 'cancelled', 'refused']),
    );
    for (const by of ['', 'person', 'key', 'model', 'day', 'hour,person', 'person,model', 'status,engine']) {
      const { rows } = await api<UsageAnswer>(`/usage?by=${by}&zone=Asia/Kolkata`);
      const told = Object.fromEntries(
        (['requests', 'promptTokens', 'completionTokens', 'errors'] as const).map((name) => [
          name,
          total(rows, name),
        ]),
      );
      expect([by, told]).toEqual([by, wanted]);
    }
    expect((await api<{ today: object }>('/status')).today).toEqual({ ...wanted, devices: 3 });

    const json = JSON.parse(await text('/requests/export?format=json')) as WireLogRow[];
    expect(json).toEqual(log);
    const csv = readCsv(await text('/requests/export?format=csv'));
    expect(csv.map(({ id }) => id)).toEqual(log.map(({ id }) => id));
    expect(csv.map((row) => Number(row['completionTokens']))).toEqual(log.map((row) => row.completionTokens));
    // No cell is a formula; the apostrophe is all that was added.
    expect(new Set(csv.map(({ key }) => key))).toEqual(new Set(['one', "'=two", 'three', '']));
    expect(csv.flatMap((row) => Object.values(row)).filter((cell) => /^[=+@\t\r]/.test(cell))).toEqual([]);
    const usage = readCsv(await text('/usage?by=person&format=csv'));
    expect(usage.reduce((before, row) => before + Number(row['requests']), 0)).toBe(60);
    expect(new Set(usage.map(({ person }) => person))).toEqual(new Set(['', "'+Jonas", 'Anna']));

    const [newest] = log;
    expect(await api(`/requests/${newest?.id}`)).toEqual(newest);
    await expect(server.admin('GET', '/requests/req_none')).rejects.toThrow('404');
  });

  it('pages are complete and stay so while rows arrive', async () => {
    const { ask, api } = await startOffice();
    for (let index = 0; index < 12; index += 1) await ask();
    const before = (await api<WireLogRow[]>('/log')).map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: RequestsPage = await api(`/requests?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...page.requests.map(({ id }) => id));
      cursor = page.next;
      await ask();
    }
    expect(paged).toEqual(before);
  });
});

describe('for whom a key speaks', () => {
  it('is logged only where the key may speak for others', async () => {
    const { server, ask, api } = await startOffice();
    const may = (await server.admin('POST', '/keys', { name: 'webui', speaksForOthers: true })) as {
      key: string;
    };
    await ask('b', { user: 'ignored' });
    await ask('b', { user: 'older', safety_identifier: 'Lena' }, may.key);
    await ask('b', { user: 'Max' }, may.key);
    const log = await api<WireLogRow[]>('/log');
    expect(log.map(({ endUser }) => endUser)).toEqual(['Max', 'Lena', null]);
    const page = await api<RequestsPage>('/requests?endUser=Lena');
    expect(page.requests.map(({ key }) => key)).toEqual(['webui']);
  });
});

describe('a purge', () => {
  it('leaves no trace of removed requests in any file, and keeps the sums', async () => {
    const { server, ask, api } = await startOffice();
    const may = (await server.admin('POST', '/keys', { name: 'webui', speaksForOthers: true })) as {
      key: string;
    };
    const canary = 'canary-Zaunkönig-4711';
    await ask('b', { user: canary }, may.key);
    await ask('b');
    const holds = (): string[] =>
      readdirSync(server.dataDir, { withFileTypes: true })
        .filter((entry) => entry.isFile() && readFileSync(join(server.dataDir, entry.name)).includes(canary))
        .map(({ name }) => name);
    // Whoever reads the log has the rows brought into the database first.
    expect(await api('/log')).toHaveLength(2);
    expect(holds().length).toBeGreaterThan(0);
    const cut = new Date(Date.now() + 60_000).toISOString();
    const state = (await server.admin('POST', '/retention/purge', { requestsBefore: cut })) as RetentionState;
    expect(state.purge).toMatchObject({ running: false, removedRequests: 2, problem: null });
    expect(holds()).toEqual([]);
    expect(await api('/log')).toEqual([]);
    expect((await api<UsageAnswer>('/usage')).rows[0]?.requests).toBe(2);
    await ask('b');
    expect((await api<UsageAnswer>('/usage')).rows[0]?.requests).toBe(3);
  });
});

describe('the reading thread', () => {
  it('is begun anew after a question that took too long', async () => {
    const { server, ask } = await startOffice();
    await ask('b');
    const store = openStore(join(server.dataDir, 'inglenook.db'));
    const reader = openReader(store, { timeoutMs: 0, mostWaiting: 2 });
    onTestFinished(async () => {
      await reader.close();
      closeStore(store);
    });
    const page = { filters: {}, limit: 1, from: null };
    await expect(reader.read('page', page)).rejects.toMatchObject({ code: 'read_timeout' });
    const patient = openReader(store);
    onTestFinished(() => patient.close());
    expect((await patient.read('page', page)).rows).toHaveLength(1);
    await expect(patient.read('page', { ...page, from: 'req_none' })).rejects.toMatchObject({ status: 400 });
    expect((await patient.read('page', page)).rows).toHaveLength(1);
  });
});
