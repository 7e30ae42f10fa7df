import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../server/core/clock.ts';
import { newKeyText } from '../../../server/core/key-format.ts';
import type { KeyRecord } from '../../../server/wire/admin.ts';
import type { TracesFound, TracesPage } from '../../../server/wire/traces.ts';
import { startComposed } from '../../fakes/composed.ts';
import { gate } from '../http/harness.ts';
import {
  answers,
  ask,
  audited,
  canary,
  filesWith,
  idOf,
  list,
  makeKey,
  newDataDir,
  read,
} from './helpers.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('without tracing', () => {
  it('attack 63: no file of the data folder, no export and no audit holds a word of a prompt or answer', async () => {
    const dataDir = newDataDir();
    const server = await startComposed({ dataDir, engine: { answer: answers } });
    const { key } = await makeKey(server);
    const whole = await ask(server, { key, text: `${canary.asked} ${newKeyText()}` });
    expect(whole.headers.get('x-inglenook-traced')).toBeNull();
    await whole.text();
    await (await ask(server, { key, body: { stream: true } })).text();
    await (await ask(server, { key, body: { model: 'nobody' } })).text();
    expect(await list(server)).toEqual([]);
    const exported = JSON.stringify([
      await server.admin('GET', '/people/Mia/export'),
      await server.admin('GET', '/log'),
      await server.admin('GET', '/audit'),
    ]);
    await server.stop(0);
    for (const word of [canary.asked, canary.answered, key]) {
      expect([word, filesWith(dataDir, word), exported.includes(word)]).toEqual([word, [], false]);
    }
  });
});

describe('with tracing', () => {
  it('attack 64, attack 65: keeps prompt and answer masked, tells the device, and is found; after erasing nothing is left in any file', async () => {
    const dataDir = newDataDir();
    const server = await startComposed({ dataDir, engine: { answer: answers } });
    const { key, traceUntil } = await makeKey(server, { trace: true });
    const secret = newKeyText();
    const other = await makeKey(server, { name: 'other', person: 'Tom', trace: true });
    const response = await ask(server, { key, text: `${canary.asked} uses ${secret} and ${key}` });
    expect(response.headers.get('x-inglenook-traced')).toBe(traceUntil);
    expect(response.headers.get('x-inglenook-traced-notice')).toMatch(
      /^Until 20.* prompts and answers of this key are kept/,
    );
    await response.text();
    await (await ask(server, { key: other.key, text: 'Tom asks about gardens' })).text();
    const models = await fetch(`${server.address}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(models.headers.get('x-inglenook-traced')).toBe(traceUntil);

    const trace = await read(server, idOf(response));
    expect(trace.asked).toEqual([
      {
        role: 'user',
        kind: 'text',
        name: null,
        choice: 0,
        cut: 0,
        text: `${canary.asked} uses [masked: inglenook key] and [masked: inglenook key]`,
      },
    ]);
    expect(trace.answered.map(({ role, kind, text }) => [role, kind, text])).toEqual([
      ['assistant', 'text', `The ${canary.answered} says it.`],
    ]);
    expect(trace).toMatchObject({ key: 'mia laptop', person: 'Mia', status: 'ok', masked: 2, why: 'key' });
    for (const words of [canary.asked, canary.answered.toLowerCase().slice(0, 6), `"says it"`]) {
      const found = (await server.admin('POST', '/traces/search', { words, person: 'Mia' })) as TracesFound;
      expect([words, found.hits, found.traces[0]?.requestId]).toEqual([words, 1, idOf(response)]);
      expect(found.traces[0]?.excerpt).not.toBe('');
    }
    expect(filesWith(dataDir, canary.asked).every((name) => name.startsWith('traces.db'))).toBe(true);
    expect(filesWith(dataDir, canary.asked)).not.toEqual([]);
    for (const never of [secret, key]) expect(filesWith(dataDir, never)).toEqual([]);

    expect(await server.admin('DELETE', '/traces?person=Mia')).toEqual({ erased: 1 });
    expect((await list(server)).map(({ person }) => person)).toEqual(['Tom']);
    const words = (text: string): Promise<unknown> => server.admin('POST', '/traces/search', { words: text });
    expect(await words(canary.asked)).toMatchObject({ hits: 0 });
    expect(await words('gardens')).toMatchObject({ hits: 1 });
    // While it runs: nothing waits for the server's end. The answer's words are Tom's, too.
    for (const word of [canary.asked, canary.asked.toLowerCase()]) {
      expect([word, filesWith(dataDir, word)]).toEqual([word, []]);
    }
    expect(await server.admin('DELETE', '/traces?all=true')).toEqual({ erased: 1 });
    for (const word of [canary.answered, canary.answered.toLowerCase().slice(0, 8), 'gardens', 'garden']) {
      expect([word, filesWith(dataDir, word)]).toEqual([word, []]);
    }
  });

  it('keeps what the model thought and called, pictures as a note, and cuts at the stated size', async () => {
    const server = await startComposed({
      engine: {
        answer: {
          words: [],
          reason: 'tool_calls',
          parts: [
            { type: 'reasoning-delta', text: 'I think.', tokens: 1 },
            { type: 'tool-call-start', index: 0, id: 'c1', name: 'look', tokens: 1 },
            { type: 'tool-call-delta', index: 0, arguments: '{"at":', tokens: 1 },
            { type: 'tool-call-delta', index: 0, arguments: '"x"}', tokens: 1 },
          ],
        },
      },
    });
    const { key } = await makeKey(server, { trace: true });
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const response = await ask(server, {
      key,
      body: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'early '.repeat(6_000) },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'See:' },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
            ],
          },
          { role: 'user', content: 'late '.repeat(6_000) },
        ],
        tools: [
          { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
        ],
      },
    });
    await response.text();
    const { asked, answered, leftOut } = await read(server, idOf(response));
    expect(
      asked.map(({ role, kind, text, cut }) => [role, kind, text.slice(0, 24), text.length + cut]),
    ).toEqual([
      ['user', 'text', 'early '.repeat(4), 36_000],
      ['user', 'text', 'See:', 4],
      ['user', 'media', '[image, image/png, 70 by', expect.any(Number)],
      ['user', 'text', 'late '.repeat(4).concat('late'), 30_000],
    ]);
    // The newest goes first: of the oldest only what there was room for, and two pieces not at all.
    expect(leftOut).toBe(2);
    expect(asked.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(40_000);
    expect(answered.map(({ kind, name, text }) => [kind, name, text])).toEqual([
      ['reasoning', null, 'I think.'],
      ['call', 'look', '{"at":"x"}'],
    ]);
  });

  it('keeps a stream that was cancelled as far as it came', async () => {
    const held = gate();
    const server = await startComposed({
      engine: { answer: answers, beforePart: (index) => (index === 3 ? held.opened : undefined) },
    });
    const { key } = await makeKey(server, { trace: true });
    const abort = new AbortController();
    const response = await ask(server, { key, body: { stream: true }, signal: abort.signal });
    const reader = response.body?.getReader();
    let seen = '';
    while (!seen.includes(canary.answered))
      seen += Buffer.from((await reader?.read())?.value ?? []).toString();
    abort.abort();
    await expect.poll(async () => (await list(server))[0]?.status).toBe('cancelled');
    held.open();
    const { answered } = await read(server, idOf(response));
    expect(answered.map(({ text }) => text)).toEqual([`The ${canary.answered}`]);
  });

  it('keeps nothing more once the key’s end has passed', async () => {
    const time = { nowMs: Date.now() };
    const clock = { ...systemClock, nowMs: () => time.nowMs };
    const server = await startComposed({ engine: { answer: answers }, clock });
    const { key, id, trace, traceUntil } = await makeKey(server, {
      traceUntil: new Date(time.nowMs + hourMs).toISOString(),
    });
    expect([trace, traceUntil]).toEqual([true, new Date(time.nowMs + hourMs).toISOString()]);
    await (await ask(server, { key })).text();
    time.nowMs += hourMs;
    const late = await ask(server, { key });
    await late.text();
    expect(late.headers.get('x-inglenook-traced')).toBeNull();
    expect((await list(server)).length).toBe(1);
    expect(await server.admin('GET', `/keys/${id}`)).toMatchObject({ trace: false, traceUntil: null });
  });

  it('shows nothing that is older than the owner keeps, and deletes it', async () => {
    const time = { nowMs: Date.now() };
    const clock = { ...systemClock, nowMs: () => time.nowMs };
    const looks: (() => void)[] = [];
    const { every, after } = { every: () => () => {}, after: () => () => {} };
    const timers = {
      after,
      every: (intervalMs: number, callback: () => void) => {
        if (intervalMs === hourMs) looks.push(callback);
        return every();
      },
    };
    const dataDir = newDataDir();
    const server = await startComposed({ dataDir, engine: { answer: answers }, clock, timers });
    const { key } = await makeKey(server, { trace: true });
    await server.admin('PUT', '/settings/tracing.keepDays', { value: 2 });
    const response = await ask(server, { key });
    await response.text();
    time.nowMs += 2 * dayMs + 1;
    expect(await list(server)).toEqual([]);
    await expect(read(server, idOf(response))).rejects.toThrow(/404/);
    time.nowMs += dayMs;
    for (const look of looks) look();
    await expect.poll(() => filesWith(dataDir, canary.asked)).toEqual([]);
  });

  it('of the whole office goes by the owner’s policy, with their own sentence', async () => {
    const server = await startComposed({ engine: { answer: answers } });
    const { key } = await makeKey(server);
    await server.admin('PUT', '/settings/tracing.office', { value: 'all' });
    const first = await ask(server, { key });
    await first.text();
    expect(first.headers.get('x-inglenook-traced')).toBe('office');
    expect(first.headers.get('x-inglenook-traced-notice')).toMatch(/^By the policy of this office/);
    await server.admin('PUT', '/settings/tracing.notice', {
      value: 'Wir heben alles auf: 30 Tage, für Prüfungen.',
    });
    const second = await ask(server, { key });
    await second.text();
    expect(decodeURI(second.headers.get('x-inglenook-traced-notice') ?? '')).toBe(
      'Wir heben alles auf: 30 Tage, für Prüfungen.',
    );
    await server.admin('PUT', '/settings/tracing.office', { value: 'off' });
    await (await ask(server, { key })).text();
    expect((await list(server)).map(({ why }) => why)).toEqual(['office', 'office']);
  });

  it('lasts 30 days unless said otherwise, a year at most', async () => {
    const server = await startComposed();
    const { id, traceUntil } = await makeKey(server, { trace: true });
    const days = (Date.parse(traceUntil ?? '') - Date.now()) / dayMs;
    expect(Math.round(days)).toBe(30);
    const patch = async (body: Record<string, unknown>): Promise<KeyRecord> =>
      (await server.admin('PATCH', `/keys/${id}`, body)) as KeyRecord;
    expect((await patch({ trace: true })).traceUntil).toBe(traceUntil);
    expect((await patch({ priority: 'low' })).traceUntil).toBe(traceUntil);
    expect(await patch({ trace: false })).toMatchObject({ trace: false, traceUntil: null });
    const end = new Date(Date.now() + 5 * dayMs).toISOString();
    expect(await patch({ traceUntil: end })).toMatchObject({ trace: true, traceUntil: end });
    expect(await patch({ traceUntil: null })).toMatchObject({ trace: false, traceUntil: null });
    const wrong = [
      { traceUntil: new Date(Date.now() - 1).toISOString() },
      { traceUntil: new Date(Date.now() + 400 * dayMs).toISOString() },
      { trace: false, traceUntil: end },
    ];
    for (const body of wrong) await expect(patch(body)).rejects.toThrow(/400.*traceUntil/s);
  });
});

describe('who reads kept prompts', () => {
  it('stands in the audit with every reading and every search, without the words', async () => {
    const server = await startComposed({ engine: { answer: answers } });
    const { key } = await makeKey(server, { trace: true });
    const response = await ask(server, { key });
    await response.text();
    await list(server);
    await read(server, idOf(response));
    await server.admin('POST', '/traces/search', { words: canary.asked, key: 'mia laptop' });
    await expect(read(server, 'req_unknown')).rejects.toThrow(/404/);
    await server.admin('GET', '/people/Mia/export');
    await server.admin('DELETE', `/traces/${idOf(response)}`);
    const rows = [...(await audited(server, 'trace')), ...(await audited(server, 'person'))];
    expect(rows.map(({ act, object, outcome, details }) => [act, object, outcome, details])).toEqual([
      ['trace.erase', idOf(response), 'done', {}],
      ['trace.read', 'req_unknown', 'refused', {}],
      ['trace.search', 'mia laptop', 'done', { fields: ['key', 'words', 'limit'], hits: 1 }],
      ['trace.read', idOf(response), 'done', { key: 'mia laptop', person: 'Mia' }],
      ['person.export', 'Mia', 'done', {}],
    ]);
    expect(JSON.stringify(rows)).not.toContain(canary.asked);
  });

  it('sees nothing when the audit cannot be written', async () => {
    const dataDir = newDataDir();
    const server = await startComposed({ dataDir, engine: { answer: answers } });
    const { key } = await makeKey(server, { trace: true });
    const response = await ask(server, { key });
    await response.text();
    const db = new Database(join(dataDir, 'inglenook.db'));
    db.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
    const attempts: readonly (readonly [string, string, unknown?])[] = [
      ['GET', `/traces/${idOf(response)}`],
      ['POST', '/traces/search', { words: canary.asked }],
      ['GET', '/people/Mia/export'],
    ];
    for (const attempt of attempts) {
      const told = await server.admin(...attempt).then(JSON.stringify, String);
      expect(told).toMatch(/: 500 /);
      expect(told).not.toContain(canary.answered);
    }
    db.exec('DROP TRIGGER full');
    db.close();
    expect((await read(server, idOf(response))).answered.length).toBe(1);
  });

  it('pages through what is kept, newest first', async () => {
    const server = await startComposed({ engine: { answer: answers } });
    const { key } = await makeKey(server, { trace: true });
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      const response = await ask(server, { key, text: `gardens number ${count}` });
      await response.text();
      ids.unshift(idOf(response));
    }
    const seen: string[] = [];
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = (await server.admin(
        'GET',
        `/traces?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )) as TracesPage;
      seen.push(...page.traces.map(({ requestId }) => requestId));
      cursor = page.next;
    }
    for (let cursor: string | null = ''; cursor !== null;) {
      const body = { words: 'gardens', limit: 2, ...(cursor === '' ? {} : { cursor }) };
      const page = (await server.admin('POST', '/traces/search', body)) as TracesFound;
      expect(page.hits).toBe(5);
      found.push(...page.traces.map(({ requestId }) => requestId));
      cursor = page.next;
    }
    expect([seen, found]).toEqual([ids, ids]);
    for (const words of ['"', '!!!', '* AND', 'a" OR "b']) {
      const answer = server.admin('POST', '/traces/search', { words }).then(
        (result) => (result as TracesFound).hits,
        (error: unknown) => String(error).includes('400'),
      );
      expect([true, 0]).toContain(await answer);
    }
  });
});
