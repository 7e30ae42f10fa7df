import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KeyRecord } from '../../../server/wire/admin.ts';
import type { ErasedPerson, TraceRecord } from '../../../server/wire/traces.ts';
import type { UsageAnswer } from '../../../server/wire/usage.ts';
import { startComposed } from '../../fakes/composed.ts';
import { gate } from '../http/harness.ts';
import { answers, ask, canary, filesWith, list, makeKey, newDataDir } from './helpers.ts';

describe('one person', () => {
  it('gets everything that is held of them', async () => {
    const server = await startComposed({ engine: { answer: answers } });
    const { key, id } = await makeKey(server, { trace: true });
    const shared = await makeKey(server, {
      name: 'shared',
      person: 'Tom',
      speaksForOthers: true,
      trace: true,
    });
    await (await ask(server, { key })).text();
    await (await ask(server, { key: shared.key, body: { user: 'Mia' } })).text();
    await (await ask(server, { key: shared.key })).text();
    const held = (await server.admin('GET', '/people/Mia/export')) as {
      notes: string[];
      keys: KeyRecord[];
      requests: { keyId: string; endUser: string | null }[];
      traces: TraceRecord[];
    };
    expect(held.keys.map((one) => one.id)).toEqual([id]);
    // What stays elsewhere, for how long, and why.
    expect(held.notes.join(' ')).toMatch(
      /audit that name this person or their keys are kept for ever.*sealed/,
    );
    await server.admin('PUT', '/settings/audit.keepDays', { value: 120 });
    const later = (await server.admin('GET', '/people/Mia/export')) as { notes: string[] };
    expect(later.notes.join(' ')).toContain('are kept for 120 days');
    expect(held.requests.map(({ keyId, endUser }) => [keyId, endUser])).toEqual([
      [id, null],
      [shared.id, 'Mia'],
    ]);
    // Also what others have asked for them.
    expect(held.traces.map(({ person, endUser }) => [person, endUser])).toEqual([
      ['Tom', 'Mia'],
      ['Mia', null],
    ]);
    expect(held.traces[0]?.answered[0]?.text).toBe(`The ${canary.answered} says it.`);
    await expect(server.admin('GET', '/people/Nobody/export')).rejects.toThrow(/404/);
  });

  it('is erased: keys end, prompts go, the log forgets the name, sums stay', async () => {
    const dataDir = newDataDir();
    const held = gate();
    const name = 'Mirabelle-Persönlich';
    const server = await startComposed({
      dataDir,
      engine: {
        answer: answers,
        beforePart: (index, { messages }) =>
          index === 2 && JSON.stringify(messages).includes('hold') ? held.opened : undefined,
      },
    });
    const mine = await makeKey(server, {
      name: `${name} laptop`,
      person: name,
      device: `${name} phone`,
      team: 'design',
      trace: true,
      labels: { who: name },
    });
    const tom = await makeKey(server, { name: 'tom', person: 'Tom', team: 'design', speaksForOthers: true });
    for (const key of [mine.key, mine.key, tom.key]) await (await ask(server, { key })).text();
    await (await ask(server, { key: tom.key, body: { user: name } })).text();
    // One is still running.
    const running = await ask(server, { key: mine.key, text: 'hold', body: { stream: true } });
    const usage = async (by: string): Promise<UsageAnswer['rows']> =>
      ((await server.admin('GET', `/usage?by=${by}&order=requests`)) as UsageAnswer).rows;
    const erased = server.admin('DELETE', `/people/${encodeURIComponent(name)}`) as Promise<ErasedPerson>;
    expect(await running.text()).toContain('revoked');
    expect(await erased).toMatchObject({ person: name, keys: 1, traces: 3, requests: 4 });
    held.open();
    const teams = await usage('team');
    expect(teams.map(({ team, requests }) => [team, requests])).toEqual([['design', 5]]);
    const tokens = teams[0]?.promptTokens;
    expect((await usage('person')).map(({ person, requests }) => [person, requests])).toEqual([
      [null, 3],
      ['Tom', 2],
    ]);
    expect((await usage('key')).map(({ keyId, requests }) => [keyId, requests])).toEqual([
      [mine.id, 3],
      [tom.id, 2],
    ]);
    expect((await ask(server, { key: mine.key })).status).toBe(401);
    expect(tokens).toBe(5 * 12);
    await expect(server.admin('DELETE', `/people/${encodeURIComponent(name)}`)).rejects.toThrow(/404/);
    expect((await list(server)).map(({ person }) => person)).toEqual([]);
    expect(JSON.stringify(await server.admin('GET', '/log'))).not.toContain('Mirabelle');
    await server.stop(0);
    // The audit tells what was done with the keys, and the server's log names them.
    const database = readFileSync(join(dataDir, 'inglenook.db'));
    expect(filesWith(dataDir, `${name} phone`)).toEqual(['inglenook.db']);
    expect(database.includes(canary.asked)).toBe(false);
    expect(filesWith(dataDir, canary.asked)).toEqual([]);
  });
});
