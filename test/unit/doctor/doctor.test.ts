import { appendFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { places } from '../../../renderer/commands.ts';
import { aboutChecks } from '../../../server/doctor/about.ts';
import { ok, type Check } from '../../../server/doctor/check.ts';
import { createDoctor } from '../../../server/doctor/doctor.ts';
import { renderReport } from '../../../server/doctor/report.ts';
import type { Network } from '../../../server/lan/addresses.ts';
import type { DoctorFindings } from '../../../server/wire/doctor.ts';
import { startComposed } from '../../fakes/composed.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { openModelDoor } from '../../fakes/model-door.ts';

const title = { en: 'A title', de: 'Ein Titel' };
const fine: Check = { id: 'fine', title, look: () => ok({ en: 'All well.', de: 'Alles gut.' }) };

describe('the doctor', () => {
  test('a check that throws, and one that never ends, fail alone', async () => {
    const time = createManualTime();
    let wasEnded = false;
    const doctor = createDoctor({
      version: '1.2.3',
      ...time,
      checks: [
        fine,
        {
          id: 'throws',
          title,
          look: () => {
            throw new Error('EACCES, with sk-ink_0123456789abcdefABCDEF0123456789abcdef in it');
          },
        },
        {
          id: 'hangs',
          title,
          look: (signal) => new Promise(() => signal.addEventListener('abort', () => void (wasEnded = true))),
        },
      ],
    });
    const looking = doctor.look('en');
    await new Promise((resolve) => setImmediate(resolve));
    time.advance(12_000);
    const { checks } = await looking;
    expect(checks).toEqual([
      {
        id: 'fine',
        title: 'A title',
        state: 'ok',
        sentence: 'All well.',
        fix: null,
        path: null,
        looked: null,
      },
      expect.objectContaining({
        id: 'throws',
        state: 'unknown',
        sentence: expect.stringContaining('EACCES'),
      }),
      expect.objectContaining({
        id: 'hangs',
        state: 'unknown',
        sentence: expect.stringContaining('too long'),
      }),
    ]);
    expect(wasEnded).toBe(true);
    expect(time.waiting()).toEqual([]);
  });

  test('two who ask at once share a look, each in their language', async () => {
    let looks = 0;
    const doctor = createDoctor({
      version: '1.2.3',
      ...createManualTime(),
      checks: [{ ...fine, look: () => ((looks += 1), fine.look(AbortSignal.abort())) }],
    });
    const [english, german] = await Promise.all([doctor.look('en'), doctor.look('de')]);
    expect([english.checks[0]?.sentence, german.checks[0]?.sentence, looks]).toEqual([
      'All well.',
      'Alles gut.',
      1,
    ]);
    await doctor.look('en');
    expect(looks).toBe(2);
  });
});

test('a report holds no key, no name and nothing of the internet, and keeps what helps', () => {
  const findings: DoctorFindings = {
    madeAt: '2026-11-23T12:00:00.000Z',
    version: '1.2.3',
    checks: [
      {
        id: 'upstreams',
        title: 'Other servers',
        state: 'warn',
        sentence: `gpu-box and Mo do not answer at 10.0.0.7 and 8.8.8.8 on DESK-1; Ann’s neither, Annual does`,
        fix: `Look into ${homedir()}/x.`,
      },
    ],
  };
  const report = renderReport({
    findings,
    computer: 'desk-1.example.org',
    user: 'm.mueller',
    privateNames: ['gpu-box', 'Ann', 'Mo', 'a+b(c', ''],
    troubles: [
      '{"level":"warn","message":"Bearer abcdefghijklmnop0123456789 from a+b(c"}',
      'C:\\\\Data\\\\M.Mueller is full.',
    ],
  });
  expect(report).toContain(
    'look    upstreams: [name] and Mo do not answer at 10.0.0.7 and [address] on [computer]; [name]’s neither, Annual does',
  );
  expect(report).toContain('→ Look into ~/x.');
  expect(report).not.toContain('abcdefghijklmnop');
  expect(report).not.toContain('a+b(c');
  expect(report).toContain('[user]');
  expect(report).not.toContain('m.mueller');
});

// 127.0.0.0/8 is this computer's on Linux only.
describe.runIf(process.platform === 'linux')('the doctor of a whole server', () => {
  const officeNetwork: Network = {
    addresses: [{ address: '127.0.0.2', adapter: 'wlan0', kind: 'network' }],
    routes: [],
  };
  const byId = (findings: unknown) =>
    new Map((findings as DoctorFindings).checks.map((check) => [check.id, check]));

  test('everything is looked at; the office closed, no side door, no backup', async () => {
    const server = await startComposed({
      readNetwork: async () => officeNetwork,
      doctor: { sideDoorPorts: () => [] },
    });
    const checks = byId(await server.admin('GET', '/doctor'));
    expect([...checks.keys()]).toEqual([
      'last-request',
      'firewall',
      'mdns',
      'address',
      'certificate',
      'side-doors',
      'gpu',
      'memory',
      'disk',
      'engines',
      'upstreams',
      'log',
      'backup',
      'version',
      'database',
      'clock',
    ]);
    const states = Object.fromEntries([...checks].map(([id, { state }]) => [id, state]));
    expect(states).toMatchObject({
      'last-request': 'ok',
      'side-doors': 'ok',
      certificate: 'ok',
      engines: 'ok',
      upstreams: 'ok',
      log: 'ok',
      database: 'ok',
      clock: 'ok',
      backup: 'warn',
    });
    const known = new Set<string>(places.map(({ path }) => path));
    for (const { sentence, fix, state, path, looked } of checks.values()) {
      expect(sentence).toMatch(/^\S.*\.$/u);
      expect(looked).toMatch(/^\S.*\.$/u);
      if (path !== null && path !== undefined) expect(known).toContain(path);
      if (state === 'bad' || state === 'warn') expect(fix).toMatch(/\S/u);
    }
    expect(checks.get('backup')).toMatchObject({ path: '/settings/backup' });
    for (const about of Object.values(aboutChecks))
      if (about?.path != null) expect(known).toContain(about.path);
    const german = byId(await server.admin('GET', '/doctor?language=de'));
    for (const [id, { sentence }] of checks) expect(german.get(id)?.sentence).not.toBe(sentence);
  });

  test('an Ollama of somebody’s at the office address is found: the limits can be walked around there', async () => {
    const { port } = await openModelDoor('ollama', '127.0.0.2');
    const server = await startComposed({
      readNetwork: async () => officeNetwork,
      doctor: { sideDoorPorts: (product) => (product === 'Ollama' ? [port] : []) },
    });
    expect(byId(await server.admin('GET', '/doctor')).get('side-doors')).toMatchObject({
      state: 'bad',
      sentence: expect.stringContaining(`Your limits can be walked around here: Ollama (127.0.0.2:${port})`),
      fix: expect.stringContaining('OLLAMA_HOST'),
    });
  });

  test('the report holds no key, token, prompt, name, nor the path of home, with all of them in the server', async () => {
    const server = await startComposed({
      readNetwork: async () => officeNetwork,
      doctor: { sideDoorPorts: () => [] },
      engine: { models: ['fake-model'] },
    });
    await server.admin('POST', '/upstreams', {
      name: 'secret-lab',
      url: 'http://127.0.0.1:9/v1',
      apiKey: 'sk-not-to-be-seen-0123456789',
    });
    const created = await server.admin('POST', '/keys', { name: 'Annabel’s laptop', person: 'Annabel Lee' });
    const { key } = created as { readonly key: string };
    const asked = await fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fake-model',
        messages: [{ role: 'user', content: 'canary-of-a-prompt' }],
      }),
    });
    expect(asked.status).toBe(200);
    await asked.text();
    // What a careless line of the log would have said.
    const [model] = server.engine.models();
    const careless = `canary ${homedir()}/models ${key} Bearer ${server.adminToken} for Annabel Lee at 8.8.8.8`;
    server.engine.models = () => [{ ...model!, state: 'failed', reason: careless }];
    const line = JSON.stringify({ level: 'error', message: careless });
    appendFileSync(join(server.dataDir, 'logs', 'server.log'), `${line}\n`);

    const findings = byId(await server.admin('GET', '/doctor'));
    expect(findings.get('upstreams')).toMatchObject({ state: 'warn' });
    const response = await fetch(`${server.address}/api/doctor/report`, {
      headers: { authorization: `Bearer ${server.adminToken}` },
    });
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/u);
    expect(text).toMatch(/upstreams: Not there just now: \[name\]/u);
    // Both places were in it.
    expect(text.match(/canary ~\/models/gu)).toHaveLength(2);
    for (const secret of [
      key,
      server.adminToken,
      'sk-not-to-be-seen',
      'canary-of-a-prompt',
      homedir(),
      'secret-lab',
      'Annabel',
      '8.8.8.8',
      ...(hostname().length < 3 ? [] : [hostname()]),
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});
