import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { aroundHour } from '../../../server/core/local-time.ts';
import { createAudit, type Audit } from '../../../server/store/audit.ts';
import { createBackups, type Backups } from '../../../server/store/backup/backups.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { testSecret } from '../../fakes/audit.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';

const hourMs = 3_600_000;
const passphrase = 'a passphrase nobody guesses';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let dir: string;
let folder: string;
let store: Store;
let time: ManualTime;
let audit: Audit;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-schedule-'));
  folder = join(dir, 'share');
  mkdirSync(folder);
  store = openStore(join(dir, 'data', 'inglenook.db'));
  time = createManualTime(Date.parse('2026-11-22T12:00:00Z'));
  audit = createAudit({ store, clock: time.clock, log: silent, secret: testSecret });
  onTestFinished(() => {
    closeStore(store);
    rmSync(dir, { recursive: true, force: true });
  });
});

function open(secret = testSecret): Backups {
  const backups = createBackups({
    store,
    clock: time.clock,
    timers: time.timers,
    log: silent,
    audit,
    secret,
    dataDir: join(dir, 'data'),
    version: '0.1.0',
    timeZone: 'Europe/Berlin',
    workFactor: 4,
  });
  onTestFinished(() => backups.stop());
  return backups;
}

/** Lets time pass, and the backup that may have begun then come to its end. */
async function pass(backups: Backups, ms: number): Promise<void> {
  time.advance(ms);
  await vi.waitUntil(async () => !(await backups.state()).running, { timeout: 20_000, interval: 5 });
}

const files = (): string[] => readdirSync(folder).toSorted();

describe('a scheduled backup', () => {
  it('is made at its hour on the clocks of the zone, is kept so often, and leaves other files alone', async () => {
    writeFileSync(join(folder, 'inglenook-other-computer-2020-01-01T00-00-00Z.age'), 'x');
    const backups = open();
    await backups.setSchedule({ on: true, folder, hour: 3, keep: 2, passphrase });
    // The last 03:00 lies in the past and nobody has tried it.
    backups.begin();
    await pass(backups, 0);
    expect(await backups.state()).toMatchObject({
      schedule: {
        on: true,
        hasPassphrase: true,
        nextAt: '2026-11-23T02:00:00.000Z',
        timeZone: 'Europe/Berlin',
      },
      last: { ok: true, error: null },
    });
    await pass(backups, 13 * hourMs);
    expect((await backups.state()).files).toHaveLength(1);
    await pass(backups, hourMs + 60_000);
    expect((await backups.state()).files).toHaveLength(2);
    await pass(backups, 24 * hourMs);
    expect((await backups.state()).files).toHaveLength(2);
    expect(files()).toHaveLength(3);
    expect((await backups.state()).lastSuccessAt).toBe('2026-11-24T02:00:00.000Z');
    expect(audit.list({ act: 'backup', limit: 9 }).map(({ outcome }) => outcome)).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(JSON.stringify(store.db.prepare('SELECT * FROM settings').all())).not.toContain(passphrase);
  });

  it('whose folder is away says so, is tried again after an hour, and deletes nothing', async () => {
    const backups = open();
    await backups.setSchedule({ on: true, folder, passphrase });
    backups.begin();
    await pass(backups, 0);
    const [first] = files();
    rmSync(folder, { recursive: true });
    await pass(backups, 14 * hourMs);
    expect(await backups.state()).toMatchObject({
      last: { ok: false, file: null, error: expect.stringContaining('Is the disk or share connected?') },
      lastSuccessAt: '2026-11-22T12:00:00.000Z',
      files: [],
    });
    const failures = audit.list({ act: 'backup', outcome: 'failed', limit: 99 });
    expect(failures[0]).toMatchObject({ object: folder, code: 'backup_folder_missing', actor: 'server' });
    mkdirSync(folder);
    await pass(backups, 30 * 60_000);
    expect(files()).toEqual([]);
    await pass(backups, 31 * 60_000);
    expect((await backups.state()).last).toMatchObject({ ok: true });
    expect(files()).not.toEqual([first]);
    expect(files()).toHaveLength(1);
  });

  it('needs a folder that is there and a passphrase that can be opened', async () => {
    const backups = open();
    await expect(backups.setSchedule({ on: true, passphrase })).rejects.toMatchObject({ param: 'folder' });
    await expect(backups.setSchedule({ on: true, folder })).rejects.toMatchObject({ param: 'passphrase' });
    await expect(backups.setSchedule({ folder: join(dir, 'nowhere') })).rejects.toMatchObject({
      code: 'backup_folder_missing',
    });
    await expect(backups.setSchedule({ folder: 'relative' })).rejects.toMatchObject({ status: 400 });
    expect((await backups.state()).schedule).toMatchObject({ on: false, folder: null, hasPassphrase: false });
    await backups.setSchedule({ on: true, folder, passphrase });
    await expect(open('another secret').runNow()).rejects.toMatchObject({ param: 'passphrase' });
    expect((await backups.state()).last).toMatchObject({ ok: false });
    await backups.runNow();
    expect(files()).toHaveLength(1);
  });
});

describe('the hours of a zone', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia'];

  it('lie around every moment: the last at most a day and an hour before, the next as much after', () => {
    const from = Date.parse('2025-01-01T00:00:00Z');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 3 * 366 * 24 * 60 }),
        (zone, hour, minutes) => {
          const nowMs = from + minutes * 60_000;
          const { lastMs, nextMs } = aroundHour(hour, nowMs, zone);
          expect(lastMs).toBeLessThanOrEqual(nowMs);
          expect(nextMs).toBeGreaterThan(nowMs);
          expect(nextMs - lastMs).toBeGreaterThanOrEqual(23 * hourMs);
          expect(nextMs - lastMs).toBeLessThanOrEqual(25 * hourMs);
          expect(aroundHour(hour, nextMs, zone).lastMs).toBe(nextMs);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are shown by its clocks, and where one is skipped it is the moment of the leap', () => {
    const at = (iso: string, hour: number, zone = 'Europe/Berlin'): string =>
      new Date(aroundHour(hour, Date.parse(iso), zone).nextMs).toISOString();
    expect([
      at('2026-11-23T00:00:00Z', 3),
      at('2026-03-28T12:00:00Z', 2),
      at('2026-10-24T12:00:00Z', 2),
      at('2026-11-23T00:00:00Z', 3, 'Asia/Kolkata'),
    ]).toEqual([
      '2026-11-23T02:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-10-25T00:00:00.000Z',
      '2026-11-23T21:30:00.000Z',
    ]);
  });
});
