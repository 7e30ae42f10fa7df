import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Machine } from '../../../server/core/download.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import type { Check, Finding } from '../../../server/doctor/check.ts';
import {
  clockCheck,
  databaseCheck,
  diskCheck,
  gpuCheck,
  memoryCheck,
} from '../../../server/doctor/computer.ts';
import {
  addressCheck,
  certificateCheck,
  firewallCheck,
  lastRequestCheck,
  type CertificateView,
  type NetworkSources,
} from '../../../server/doctor/network.ts';
import {
  backupsCheck,
  enginesCheck,
  logCheck,
  upstreamsCheck,
  type ServiceSources,
} from '../../../server/doctor/service.ts';
import { openStore } from '../../../server/store/open.ts';
import { quickCheck } from '../../../server/store/whole.ts';
import type { LanState } from '../../../server/wire/lan.ts';
import { closedOffice } from '../../fakes/closed-office.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { missingOllama } from '../../fakes/no-ollama.ts';

const time = createManualTime();
const day = 86_400_000;

/** Whatever is found is said in German too, and what is wrong has its way out. */
async function look(check: Check): Promise<Finding> {
  const found = await check.look(new AbortController().signal);
  expect(found.sentence.de).not.toBe(found.sentence.en);
  if (found.state === 'warn' || found.state === 'bad') expect(found.fix?.de).toMatch(/\S/u);
  return found;
}
const finding = (state: string, words: RegExp) =>
  expect.objectContaining({ state, sentence: { en: expect.stringMatching(words), de: expect.any(String) } });

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-doctor-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('the network', () => {
  const certificate: CertificateView = {
    isOn: true,
    problems: [],
    validUntilMs: time.clock.nowMs() + 300 * day,
    addresses: ['192.168.1.20'],
  };
  const open: Partial<LanState> = { on: true, phase: 'waiting', address: 'http://192.168.1.20:11500' };
  function sources(lan: Partial<LanState>, change: Partial<NetworkSources> = {}): NetworkSources {
    return {
      clock: time.clock,
      office: closedOffice(lan).state,
      lastRequest: () => null,
      addressChanges: () => [],
      readNetwork: async () => ({ addresses: [], routes: [] }),
      port: () => 11500,
      certificate: () => certificate,
      firewall: { platform: 'linux', ufwFile: '/nowhere/ufw.conf', firewalldMark: '/nowhere/firewalld' },
      ...change,
    };
  }
  const seen = () => ({ address: '192.168.1.44', atMs: time.clock.nowMs() - 3 * 60_000 });

  test('only a request from another computer is a good sign', async () => {
    const at = (lan: Partial<LanState>, change?: Partial<NetworkSources>) =>
      look(lastRequestCheck(sources(lan, change)));
    expect(await at({})).toEqual(finding('ok', /not let in/u));
    expect(await at(open)).toEqual(finding('warn', /no request has come/u));
    expect(await at({ on: true, phase: 'no-network' })).toEqual(finding('bad', /no network address/u));
    expect(await at(open, { lastRequest: seen })).toEqual(finding('ok', /192\.168\.1\.44, 3 min ago/u));
  });

  test('a firewall that is on is named with the command for the port, unless somebody has come through', async () => {
    const dir = temporaryDir();
    const ufwFile = join(dir, 'ufw.conf');
    const firewall = { platform: 'linux', ufwFile, firewalldMark: join(dir, 'firewalld') } as const;
    const at = (lan: Partial<LanState>, change: Partial<NetworkSources> = {}) =>
      look(firewallCheck(sources(lan, { firewall, ...change })));
    expect(await at(open)).toEqual(finding('unknown', /cannot be seen/u));
    writeFileSync(ufwFile, '# comment\nENABLED=yes\n');
    expect(await at(open)).toMatchObject({
      state: 'warn',
      fix: { en: 'Run: sudo ufw allow 11500/tcp; sudo ufw allow 5353/udp' },
    });
    expect(await at(open, { lastRequest: seen })).toEqual(finding('ok', /one has been here/u));
    expect(await at({})).toEqual(finding('ok', /not let in/u));
    writeFileSync(ufwFile, 'ENABLED=no\n');
    writeFileSync(firewall.firewalldMark, '');
    expect(await at(open)).toMatchObject({ fix: { en: expect.stringContaining('--add-port=11500/tcp') } });
  });

  test('on systems whose program for it cannot be run, the hint is theirs all the same', async () => {
    for (const [platform, words] of [
      ['win32', 'netsh advfirewall'],
      ['darwin', 'System Settings'],
    ] as const) {
      if (platform === process.platform) continue;
      const found = await look(firewallCheck(sources(open, { firewall: { platform } })));
      expect(found).toMatchObject({ state: 'unknown', fix: { en: expect.stringContaining(words) } });
    }
  });

  test('an address that has changed is told with the old and the new one', async () => {
    expect(await look(addressCheck(sources(open)))).toEqual(finding('ok', /has been http:/u));
    const change = {
      from: '192.168.1.20',
      to: '192.168.1.31',
      atMs: time.clock.nowMs() - 5 * 3_600_000,
    };
    const found = await look(addressCheck(sources(open, { addressChanges: () => [change] })));
    expect(found).toEqual(finding('warn', /once .* 5 h ago from 192\.168\.1\.20 to 192\.168\.1\.31/u));
    expect(found.fix?.en).toMatch(/DHCP reservation/u);
  });

  test.each([
    ['good', {}, 'ok', /good until 2027-09-18/u],
    ['none', { isOn: false, validUntilMs: null }, 'warn', /only plain http/u],
    ['soon over', { validUntilMs: time.clock.nowMs() + 2 * day }, 'warn', /ends on 2026-11-24/u],
    ['over', { validUntilMs: time.clock.nowMs() - day }, 'bad', /ends on 2026-11-21/u],
    ['of another address', { addresses: ['192.168.1.9'] }, 'warn', /does not name 192\.168\.1\.20/u],
    ['with a problem', { problems: ['The key does not fit.'] }, 'warn', /The key does not fit/u],
  ] as const)('a certificate that is %s', async (_name, change, state, words) => {
    const view = { ...certificate, ...change };
    expect(await look(certificateCheck(sources(open, { certificate: () => view })))).toEqual(
      finding(state, words),
    );
  });
});

describe('the computer', () => {
  const [plain] = createFakeEngine().models() as [ModelDescription];
  const loaded = (change: Partial<ModelDescription>): ModelDescription => ({
    ...plain,
    state: 'ready',
    backend: 'cpu',
    ...change,
  });
  const attempt = { backend: 'cuda', gpuShare: 1, slots: 4, contextTokens: 8192, cause: null } as const;
  const machine = (gpuFreeBytes: number | null) => async (): Promise<Machine> => ({
    freeBytes: 8e9,
    gpuFreeBytes,
    isGpuShared: false,
  });

  const gpuCases: readonly {
    readonly name: string;
    readonly models: readonly ModelDescription[];
    readonly gpuBytes: number | null;
    readonly found: readonly [string, RegExp];
  }[] = [
    {
      name: 'a model runs on it',
      models: [loaded({ backend: 'cuda' })],
      gpuBytes: 6e9,
      found: ['ok', /runs on the graphics card \(CUDA/u],
    },
    { name: 'there is none', models: [loaded({})], gpuBytes: null, found: ['ok', /No graphics card/u] },
    {
      name: 'nothing is loaded',
      models: [loaded({ backend: null })],
      gpuBytes: 6e9,
      found: ['ok', /6 GB free.*No model is loaded/u],
    },
    {
      name: 'a model had to go without',
      models: [loaded({ attempts: [{ ...attempt, reason: 'Its memory was taken.' }] })],
      gpuBytes: 6e9,
      found: ['warn', /runs on the processor although .* Its memory was taken\./u],
    },
  ];
  test.each(gpuCases)('the graphics card: $name', async ({ models, gpuBytes, found }) => {
    expect(await look(gpuCheck({ models: () => models, machine: machine(gpuBytes) }))).toEqual(
      finding(...found),
    );
  });

  test('memory gets scarce, then is gone', async () => {
    const at = (bytes: number) => look(memoryCheck(async () => bytes));
    expect(await at(8e9)).toEqual(finding('ok', /^8 GB are free/u));
    expect(await at(1e9)).toEqual(finding('warn', /Only 1 GB/u));
    expect(await at(0.2e9)).toEqual(finding('bad', /Only 200 MB/u));
    expect((await at(1.25e9)).sentence.de).toContain('Nur 1,3 GB');
  });

  test('the disk of the data folder is asked; a folder that is gone is no answer', async () => {
    expect(['ok', 'warn', 'bad']).toContain((await look(diskCheck(temporaryDir()))).state);
    await expect(look(diskCheck('/nowhere/at/all'))).rejects.toThrow('ENOENT');
  });

  test('a clock that is behind what has happened, or was put back', async () => {
    const own = createManualTime();
    let newest: number | null = null;
    const check = clockCheck({
      clock: own.clock,
      newestRowMs: async () => newest,
      synchronizedFile: '/nowhere',
    });
    expect(await look(check)).toEqual(finding('ok', /2026-11-22 12:00 UTC, and keeps time/u));
    own.advance(3_600_000);
    newest = own.clock.nowMs();
    expect(await look(check)).toEqual(finding('ok', /13:00 UTC/u));
    own.setBack(30 * 60_000);
    expect(await look(check)).toEqual(finding('bad', /earlier than what has happened/u));
    newest = null;
    expect(await look(check)).toEqual(finding('warn', /put back by 30 min/u));
    const dead = createManualTime(Date.parse('2020-01-01T00:00:00Z'));
    expect(await look(clockCheck({ clock: dead.clock, newestRowMs: async () => null }))).toEqual(
      finding('bad', /2020-01-01/u),
    );
  });

  test('a whole database, and one that is damaged', async () => {
    const path = join(temporaryDir(), 'inglenook.db');
    const store = openStore(path);
    onTestFinished(() => void store.db.close());
    const check = databaseCheck({ path, quickCheck: async () => quickCheck(store) });
    expect(await look(check)).toEqual(finding('ok', /It is intact: /u));
    // What a table says of itself does not hold any more, as after a fault of the disk.
    store.db.exec(`
      CREATE TABLE torn (a TEXT NOT NULL CHECK (a = 'y'));
      PRAGMA ignore_check_constraints = ON;
      INSERT INTO torn VALUES ('x');
      PRAGMA ignore_check_constraints = OFF;
    `);
    expect(await look(check)).toEqual(finding('bad', /damaged: .*torn/u));
  });
});

describe('who answers, and what is kept', () => {
  const [model] = createFakeEngine().models() as [ModelDescription];
  const schedule = {
    on: true,
    folder: '/backups',
    hour: 2,
    timeZone: 'UTC',
    keep: 7,
    hasPassphrase: true,
    nextAt: null,
  };
  function sources(change: Partial<ServiceSources> = {}): ServiceSources {
    return {
      clock: time.clock,
      models: () => [model],
      ollama: async () => missingOllama,
      upstreams: async () => [],
      log: () => ({ problem: null, unwritten: 0 }),
      backups: async () => ({ schedule, last: null, lastSuccessAt: null }),
      ...change,
    };
  }

  test.each([
    ['one that can answer', {}, 'ok', /1 can answer/u],
    ['none', { models: () => [] }, 'bad', /no model/u],
    [
      'one that failed beside one that works',
      { models: () => [model, { ...model, id: 'torn', state: 'failed', reason: 'Its file is cut off.' }] },
      'warn',
      /Cannot be used: torn\. Its file is cut off\./u,
    ],
    ['only failed ones', { models: () => [{ ...model, state: 'failed' }] }, 'bad', /Cannot be used/u],
    [
      'one that crashes',
      { models: () => [{ ...model, crashes: 2, lastCrash: 'The engine broke off (SIGSEGV).' }] },
      'warn',
      /crashed 2 times .* The engine broke off\.$/u,
    ],
    [
      'an Ollama that does not come up',
      { ollama: async () => ({ ...missingOllama, state: 'failed', reason: 'Its port is taken.' }) },
      'warn',
      /Its port is taken/u,
    ],
  ] as const)('models: %s', async (_name, change, state, words) => {
    expect(await look(enginesCheck(sources(change as Partial<ServiceSources>)))).toEqual(
      finding(state, words),
    );
  });

  test('upstreams that are away, or refuse, are named', async () => {
    const ready = { name: 'gpu-box', state: { state: 'ready', reason: null }, isAway: false } as const;
    const at = (upstreams: Awaited<ReturnType<ServiceSources['upstreams']>>) =>
      look(upstreamsCheck(sources({ upstreams: async () => upstreams })));
    expect(await at([])).toEqual(finding('ok', /None/u));
    expect(await at([ready])).toEqual(finding('ok', /gpu-box answers/u));
    expect(await at([ready, { ...ready, name: 'lab' }])).toEqual(finding('ok', /All 2 answer/u));
    // What it has answered just now counts more than the last probe.
    expect(await at([{ ...ready, isAway: true }])).toEqual(finding('ok', /gpu-box answers/u));
    expect(await at([ready, { name: 'lab', state: null, isAway: true }])).toEqual(
      finding('warn', /Not there just now: lab/u),
    );
    const refused = {
      name: 'cloud',
      state: { state: 'failed', reason: 'The key is wrong.' },
      isAway: false,
    } as const;
    expect(await at([refused])).toEqual(finding('warn', /cloud\. The key is wrong/u));
  });

  test('rows that the disk does not take', async () => {
    expect(await look(logCheck(sources()))).toEqual(finding('ok', /being written/u));
    const log = () => ({ problem: 'The disk is full.', unwritten: 12 });
    expect(await look(logCheck(sources({ log })))).toEqual(finding('bad', /The disk is full\. 12 requests/u));
  });

  test.each([
    ['none at all', { schedule: { ...schedule, on: false } }, 'warn', /There is none/u],
    ['set up, never made', {}, 'warn', /There is none/u],
    ['of last night', { lastSuccessAt: iso(0.4) }, 'ok', /less than a day old/u],
    ['two weeks old', { lastSuccessAt: iso(14) }, 'warn', /14 days old/u],
    [
      'by hand only',
      { schedule: { ...schedule, on: false }, lastSuccessAt: iso(3) },
      'warn',
      /No nightly backup is set up.* 3 days/u,
    ],
    [
      'failed',
      {
        last: { at: iso(0), ok: false, file: null, bytes: null, error: 'The folder is gone.' },
        lastSuccessAt: iso(2),
      },
      'bad',
      /The folder is gone/u,
    ],
  ] as const)('a backup: %s', async (_name, change, state, words) => {
    const backups = async () => ({ schedule, last: null, lastSuccessAt: null, ...change });
    expect(await look(backupsCheck(sources({ backups })))).toEqual(finding(state, words));
  });
});

function iso(daysAgo: number): string {
  return new Date(time.clock.nowMs() - daysAgo * day).toISOString();
}
