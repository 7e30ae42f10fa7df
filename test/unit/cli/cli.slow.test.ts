import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKey } from '../../../server/store/keys.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { logRow, startAdminServer, type AdminServer } from '../admin/admin-server.ts';

// Some tests start the program twenty times.
vi.setConfig({ testTimeout: 60_000 });

let server: AdminServer;
let dir: string;
beforeEach(async () => {
  server = await startAdminServer();
  server.time.nowMs = Date.now();
  dir = await mkdtemp(join(tmpdir(), 'inglenook-cli-'));
  await writeFile(join(dir, 'server.json'), JSON.stringify({ pid: process.pid, port: server.port }));
  await writeFile(join(dir, 'admin.token'), `${server.adminToken}\n`);
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

function start(words: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dir, TZ: 'UTC', ...environment },
  });
}

/** The real program as a child process. */
async function cli(...words: string[]): Promise<Result> {
  return await resultOf(start(words));
}

async function resultOf(child: ChildProcess): Promise<Result> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

// oxlint-disable-next-line typescript/no-explicit-any
async function json(...words: string[]): Promise<any> {
  const { code, stdout, stderr } = await cli(...words, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('savings', () => {
  it('prints the word, the assumptions and the rows; in a pipe nothing about tokens below', async () => {
    insertRequest(
      server.store,
      logRow({ id: 'req_1', time: new Date().toISOString(), person: 'Anna', promptTokens: 8_000_000 }),
    );
    const { code, stdout } = await cli('savings', '--by', 'person');
    expect([code, stdout.split(' in ')[0]]).toEqual([0, 'ESTIMATE']);
    expect(stdout).toMatch(/^Anna +1 +8000000 +5 +1\.20 /m);
    for (const { id } of (await json('savings')).assumptions) expect(stdout).toContain(`- ${id}: `);
    expect(stdout).not.toContain('Tokens are counted as each model cuts text');
    expect((await cli('usage')).stdout).not.toContain('Tokens are counted');
  });

  it('set takes one number or three, from the worst case to the best', async () => {
    const words = [
      '--rate',
      '0.9',
      '--rate-date',
      '2026-11-20',
      '--kwh',
      '0.4,0.3,0.2',
      '--compare',
      'gpt-4o',
    ];
    expect(await json('savings', 'set', ...words)).toMatchObject({
      currency: 'EUR',
      exchangeRate: { perUsd: 0.9, asOf: '2026-11-20' },
      pricePerKwh: { best: 0.2, likely: 0.3, worst: 0.4 },
      compareWith: { default: 'gpt-4o' },
    });
    for (const wrong of [['--kwh', '0.4,0.3'], ['--watts-idle', '5'], ['--measured'], []]) {
      expect([wrong, (await cli('savings', 'set', ...wrong)).code]).toEqual([wrong, 2]);
    }
    expect((await cli('savings', 'set', '--compare', 'nothing-like-it')).code).toBe(1);
    expect((await cli('savings', '--by', 'key')).code).toBe(2);
  });
});

describe('key', () => {
  it('create prints the key alone on stdout, and warnings on stderr', async () => {
    const result = await cli('key', 'create', '--name', 'Anna', '--models', 'fake-model, not-yet');
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/^sk-ink_[0-9A-Za-z]{38}\n$/);
    expect(result.stderr).toContain('“not-yet”');
    expect(await json('key', 'show', 'Anna')).toMatchObject({ models: ['fake-model', 'not-yet'] });
  });

  it('create --json prints the whole record, in the contract’s names', async () => {
    const words = 'key create --name=A --person P --team T --role ops --expires 30d'.split(' ');
    const created = await json(...words);
    expect(created).toMatchObject({ name: 'A', person: 'P', team: 'T', role: 'ops', status: 'active' });
    expect(created.key).toMatch(/^sk-ink_/);
    const days = (Date.parse(created.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.99);
    expect(days).toBeLessThanOrEqual(30);
    expect(await json('key', 'list')).toEqual([expect.objectContaining({ id: created.id })]);
  });

  it('update changes what is named and clears by an empty value', async () => {
    await cli('key', 'create', '--name', 'A', '--models', 'fake-model', '--person', 'P', '--expires', '90s');
    const changed = await json('key', 'update', 'A', '--name', 'B', '--models', '', '--expires', 'never');
    expect(changed).toMatchObject({ name: 'B', models: null, expiresAt: null, person: 'P' });
    const dated = await json('key', 'update', changed.id, '--expires', '2999-01-31', '--person', '');
    expect(dated).toMatchObject({ expiresAt: '2999-01-31T23:59:59.999Z', person: null });
  });

  it('create and update set every limit; budgets replace those of their unit, an empty value lifts', async () => {
    const created = await json(
      ...'key create --name A --rpm 10 --burst 3 --tpm 5000 --max-parallel 2 --budget-tokens 1000'.split(' '),
      ...'--budget-period week --label a=1 --label b=x=y --ip 10.0.0.0/8,192.168.1.5'.split(' '),
      ...'--trace --priority low'.split(' '),
    );
    const limits = { requestsPerMinute: 10, burst: 3, tokensPerMinute: 5000, maxParallel: 2 };
    const weekly = { unit: 'tokens', amount: 1000, period: 'week' };
    expect(created).toMatchObject({
      limits: { ...limits, budgets: [weekly] },
      labels: { a: '1', b: 'x=y' },
      ips: ['10.0.0.0/8', '192.168.1.5'],
      trace: true,
      priority: 'low',
    });
    const changed = await json(
      'key',
      'update',
      'A',
      '--budget-money',
      '7.5',
      '--rpm',
      '',
      '--no-trace',
      '--ip',
      '',
    );
    expect(changed).toMatchObject({
      limits: {
        ...limits,
        requestsPerMinute: null,
        budgets: [weekly, { unit: 'money', amount: 7.5, period: 'month' }],
      },
      ips: null,
      trace: false,
    });
    await cli('key', 'update', 'A', '--for-model', 'fake-model', '--rpm', '1');
    expect(await json('key', 'show', 'A')).toMatchObject({
      modelLimits: { 'fake-model': { requestsPerMinute: 1 } },
      spending: { accounts: [{ model: null }, { model: 'fake-model' }] },
    });
    expect(await json('key', 'pause', 'A')).toMatchObject({ status: 'paused' });
    expect(await json('key', 'resume', 'A')).toMatchObject({ status: 'active' });
    const shown = await cli('key', 'show', 'A');
    expect(shown.stdout).toContain('3 at once, 5000 tokens/min, 2 in parallel, 1000 tokens per week');
    for (const words of [
      '--rpm 0',
      '--budget-period month',
      '--budget-money x',
      '--label x',
      '--priority top',
    ]) {
      const refused = await cli('key', 'create', '--name', 'B', ...words.split(' '));
      expect([words, refused.code]).toEqual([words, 2]);
    }
    expect((await cli('key', 'create', '--name', 'B', '--ip', '10.0.0.0/40')).code).toBe(1);
  });

  it('revoke ends a key by name or id', async () => {
    await cli('key', 'create', '--name', 'a/b c');
    expect(await json('key', 'revoke', 'a/b c')).toMatchObject({ status: 'revoked' });
    const result = await cli('key', 'list');
    expect(result.stdout).toMatch(/^NAME +KEY +STATUS[^\n]*\na\/b c +sk-ink_….{4} +revoked/);
  });

  it('names that hold control characters cannot steer the terminal', async () => {
    createKey(server.store, { name: '\u001b[31mred\r\nnext \u202e' }, server.time.nowMs);
    const { stdout } = await cli('key', 'list');
    expect(stdout).toContain(String.raw`\u001b[31mred\u000d\u000anext`);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('team and price', () => {
  it('set, list, show, pause and remove', async () => {
    expect(await json('team', 'set', 'Support', '--budget-tokens', '500', '--rpm', '9')).toMatchObject({
      limits: { requestsPerMinute: 9, budgets: [{ unit: 'tokens', amount: 500, period: 'month' }] },
    });
    expect((await cli('team', 'list')).stdout).toMatch(/Support +0 +9 requests\/min, 500 tokens per month/);
    expect((await cli('team', 'pause', 'Support')).stdout).toContain('since');
    expect(await json('team', 'show', 'Support')).toMatchObject({ spending: { currency: 'EUR' } });
    expect((await cli('team', 'remove', 'Support')).code).toBe(0);
    expect(await json('team', 'list')).toEqual([]);
    expect(await json('price', 'set', '*', '--in', '0.5', '--out', '1.5')).toMatchObject({ notional: true });
    expect((await cli('price', 'list')).stdout).toMatch(/\* +0\.5 +1\.5/);
    expect((await cli('price', 'remove', '*')).code).toBe(0);
    expect((await cli('price', 'set', 'm', '--in', 'x', '--out', '1')).code).toBe(2);
  });
});

describe('model', () => {
  it('list, load, unload, add and remove work by id and by path', async () => {
    const path = join(dir, 'mine.gguf');
    await writeFile(path, 'GGUF');
    expect(await json('model', 'add', path)).toMatchObject({ path, source: 'added' });
    expect((await json('model', 'list')).map(({ id }: { id: string }) => id)).toEqual([
      'fake-model',
      'folder-model',
      'added-1',
    ]);
    expect((await cli('model', 'load', 'fake-model')).stdout).toBe('fake-model  ready\n');
    expect(await json('model', 'unload', 'fake-model')).toMatchObject({ state: 'off' });
    expect((await cli('model', 'remove', path)).code).toBe(0);
    const { stdout } = await cli('model', 'list');
    expect(stdout).toMatch(/^MODEL +STATE +SIZE/);
    expect(stdout).not.toContain('added-1');
  });
});

describe('log', () => {
  it('prints rows newest first as a JSON array, with filters', async () => {
    const { record } = createKey(server.store, { name: 'A' }, server.time.nowMs);
    for (let index = 0; index < 5; index++) {
      insertRequest(
        server.store,
        logRow({
          id: `req_${index}`,
          time: new Date(server.time.nowMs - (5 - index) * 3_600_000).toISOString(),
          status: index === 3 ? 'error' : 'ok',
          ...(index < 2 ? { key: 'A', keyId: record.id } : {}),
        }),
      );
    }
    const ids = async (...words: string[]): Promise<string[]> =>
      (await json('log', ...words)).map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual(['req_4', 'req_3', 'req_2', 'req_1', 'req_0']);
    expect(await ids('--limit', '2')).toEqual(['req_4', 'req_3']);
    expect(await ids('--key', 'A')).toEqual(['req_1', 'req_0']);
    expect(await ids('--key', record.id)).toEqual(['req_1', 'req_0']);
    expect(await ids('--status', 'error', '--model', 'office')).toEqual(['req_3']);
    expect(await ids('--since', '150m')).toEqual(['req_4', 'req_3']);
    const { stdout } = await cli('log', '--limit', '1');
    expect(stdout).toMatch(
      /^TIME +KEY +MODEL[^\n]*\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +– +fake-model +ok +200 +10 +5/,
    );
  });

  it('--follow shows the past, then each row as it ends, one JSON object a line', async () => {
    insertRequest(server.store, logRow({ id: 'req_1' }));
    const child = start(['log', '--follow', '--json', '--status', 'ok']);
    const lines = readLines(child);
    expect(JSON.parse(await lines.next())).toMatchObject({ id: 'req_1' });
    const publish = (row: ReturnType<typeof logRow>) =>
      server.live.publish({
        type: 'request-finished',
        row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
      });
    publish(logRow({ id: 'req_2', status: 'error' }));
    publish(logRow({ id: 'req_3' }));
    expect(JSON.parse(await lines.next())).toMatchObject({ id: 'req_3' });
    child.kill('SIGINT');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  it('survives a reader that leaves early, like | head', async () => {
    for (let index = 0; index < 3000; index++) insertRequest(server.store, logRow({ id: `req_${index}` }));
    const child = start(['log', '--limit', '100000', '--json']);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
    child.stdout?.destroy();
    const [code] = await once(child, 'close');
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('usage', () => {
  it('sums the log by what is named, as a table, JSON and CSV', async () => {
    const people = ['Anna', 'Anna', 'Jonas'];
    for (const [index, person] of people.entries()) {
      insertRequest(server.store, logRow({ id: `req_${index}`, person, time: '2026-11-22T23:30:00.000Z' }));
    }
    expect(await json('usage', '--by', 'person')).toMatchObject([
      { person: 'Anna', requests: 2, promptTokens: 20 },
      { person: 'Jonas', requests: 1, promptTokens: 10 },
    ]);
    const byDay = await cli('usage', '--by', 'day', '--zone', 'Asia/Kolkata', '--format', 'csv');
    expect(byDay.stdout).toContain('2026-11-23,2026-11-22T18:30:00.000Z,3,3,0,0,0,30,0,15');
    expect((await cli('usage', '--from', '2026-11-22T23:30Z')).stdout).toMatch(/REQUESTS[^]*\b3\b/);
    expect((await cli('usage', '--by', 'weather')).code).toBe(2);
  });
});

describe('status', () => {
  it('says what the server is doing', async () => {
    expect(await json('status')).toMatchObject({ version: '0.1.0', address: server.origin });
    const { stdout } = await cli('status');
    expect(stdout).toMatch(/^Inglenook +0\.1\.0\nAddress +http/);
  });
});

describe('exit codes', () => {
  it('are 1 with the reason on stderr when the server refuses', async () => {
    await cli('key', 'create', '--name', 'A');
    for (const [words, reason] of [
      [['key', 'create', '--name', 'A'], 'exists already'],
      [['key', 'show', 'nobody'], '“nobody”'],
      [['key', 'revoke', '../../etc'], 'no key'],
      [['model', 'load', 'nothing'], 'no model'],
      [['model', 'add', '/no/such.gguf'], 'no file'],
      [['model', 'remove', 'fake-model'], 'starter model'],
    ] as const) {
      const result = await cli(...words);
      expect([words, result.code, result.stdout]).toEqual([words, 1, '']);
      expect(result.stderr).toContain(reason);
    }
  });

  it('are 2 when the words are wrong, and nothing is done', async () => {
    for (const [words, reason] of [
      [[], 'No command'],
      [['nonsense'], 'no command "nonsense"'],
      [['key'], 'needs one of: create, list'],
      [['key', 'create'], '--name is missing'],
      [['key', 'create', '--name', 'A', '--colour', 'red'], '--colour'],
      [['key', 'create', '--name', 'A', '--expires', 'soon'], '30d'],
      [['key', 'create', '--name', 'A', '--expires', '2027-02-30'], '30d'],
      [['key', 'create', '--name', 'A', '--expires', '2020-01-01'], 'past'],
      [['key', 'create', '--name', 'A', '--role', 'admin'], 'inference or ops'],
      [['key', 'create', '--name', 'A', 'extra'], '"extra"'],
      [['key', 'show'], 'KEY is missing'],
      [['key', 'update', 'A'], 'nothing to change'],
      [['log', '--limit', '0'], '1 to 100000'],
      [['log', '--status', 'bad'], 'refused'],
      [['log', '--since', 'yesterday'], '2h'],
      [['toString'], 'no command'],
    ] as const) {
      const result = await cli(...words);
      expect([words, result.code, result.stdout]).toEqual([words, 2, '']);
      expect(result.stderr).toContain(reason);
    }
    expect(await json('key', 'list')).toEqual([]);
  });

  it('are 2 for what comes with a later version, never ignored in silence', async () => {
    for (const words of ['model check x']) {
      const result = await cli(...words.split(' '));
      expect([words, result.code]).toEqual([words, 2]);
      expect(result.stderr).toContain('later version');
    }
    expect(await json('key', 'list')).toEqual([]);
  });

  it('are 0 for help, which every command has', async () => {
    const { stdout } = await cli('--help');
    const names = [...stdout.matchAll(/^ {2}((?:key|model|admin-token) [\w-]+|[\w-]+)/gm)].map(
      ([, name = '']) => name,
    );
    expect(names).toContain('key create');
    for (const name of names) {
      const help = await cli(...name.split(' '), '--help');
      expect([name, help.code, help.stderr]).toEqual([name, 0, '']);
      expect(help.stdout).toContain(`npx inglenook ${name}`);
    }
  });
});

describe('a server that is not there', () => {
  const sentence = 'Inglenook is not running';

  it.each([
    ['no server.json', null],
    ['the file of a crashed server', { pid: 2 ** 22 + 1, port: 1 }],
    ['a damaged file', 'nonsense'],
  ])('is said so: %s', async (_what, content) => {
    if (content === null) await rm(join(dir, 'server.json'));
    else await writeFile(join(dir, 'server.json'), JSON.stringify(content));
    const result = await cli('status');
    expect([result.code, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toContain(sentence);
    expect(result.stderr).toContain('npm start');
  });

  it('is said so when nobody listens at the port', async () => {
    await server.close();
    expect((await cli('key', 'list')).stderr).toContain(sentence);
    server = await startAdminServer();
  });

  it('is looked for in the platform’s data folder when none is named', async () => {
    const result = await resultOf(
      start(['status'], { INGLENOOK_DATA_DIR: '', XDG_DATA_HOME: dir, HOME: dir, LOCALAPPDATA: dir }),
    );
    expect(result.stderr).toContain(dir);
  });
});

function readLines(child: ChildProcess): { readonly next: () => Promise<string> } {
  let text = '';
  const { stdout } = child;
  stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    async next() {
      while (!text.includes('\n')) await once(stdout as NonNullable<typeof stdout>, 'data');
      const [line = ''] = text.split('\n');
      text = text.slice(line.length + 1);
      return line;
    },
  };
}
