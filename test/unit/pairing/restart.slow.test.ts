import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { listKeys } from '../../../server/store/keys.ts';
import { byCode, byTicket, openDesk, visitor } from './desk.ts';

const run = promisify(execFile);

/** Another process with a desk of its own on the same database; prints what its redemptions came to. */
const redeemer = `
  import { createPairing } from './server/lan/pairing.ts';
  import { openStore } from './server/store/open.ts';
  const [path, nowMs, ticket, device, attempts] = process.argv.slice(1);
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const pairing = createPairing({
    store: openStore(path),
    clock: { nowMs: () => Number(nowMs), monotonicMs: () => 0 },
    log: quiet, audit: { append() {}, appendLate() {} }, timeZone: 'UTC', onChange() {}, onJoined() {},
  });
  const outcomes = Array.from({ length: Number(attempts) }, (_, number) => {
    const visitor = { ip: '10.0.0.1', device: attempts === '1' ? device : device + number, client: null };
    try { return pairing.redeem({ via: 'ticket', text: ticket }, visitor).status; } catch (error) { return error.status; }
  });
  console.log(JSON.stringify(outcomes));
`;

async function inAnotherProcess(...words: string[]): Promise<unknown[]> {
  const options = ['--input-type=module', '--eval', redeemer, '--', ...words];
  const { stdout } = await run(process.execPath, options, {
    cwd: join(import.meta.dirname, '..', '..', '..'),
  });
  return JSON.parse(stdout) as unknown[];
}

async function databasePath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'inglenook-pair-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return join(dir, 'inglenook.db');
}

it('goes on after a restart in the middle: who waited is known again, and fetches the key', async () => {
  const path = await databasePath();
  const before = openDesk({ path });
  const { ticket, code, record } = before.invite({ person: 'Anna' });
  const waiting = before.pairing.redeem(byCode(code), visitor('laptop', '10.0.0.1'));
  const after = openDesk({ path });
  expect(after.pairing.list()).toEqual([waiting.record]);
  expect(after.pairing.redeem(byTicket(ticket), visitor('laptop', '10.0.0.1')).status).toBe('waiting');
  after.pairing.approve(record.id);
  const now = String(after.time.nowMs);
  expect(await inAnotherProcess(path, now, ticket, 'laptop', '1')).toEqual(['joined']);
  expect(await inAnotherProcess(path, now, ticket, 'laptop', '1')).toEqual([410]);
  expect(listKeys(after.store, 0)).toMatchObject([{ name: 'Anna’s laptop', pairedFrom: '10.0.0.1' }]);
});

it('gives one key, whatever number of processes redeem at the same time', async () => {
  const path = await databasePath();
  const desk = openDesk({ path });
  const { ticket } = desk.invite({ autoApprove: true });
  const now = String(desk.time.nowMs);
  const outcomes = await Promise.all(
    ['a', 'b', 'c'].map((name) => inAnotherProcess(path, now, ticket, name, '20')),
  );
  expect(outcomes.flat().filter((outcome) => outcome === 'joined')).toHaveLength(1);
  expect(outcomes.flat().filter((outcome) => outcome === 410)).toHaveLength(59);
  expect(listKeys(desk.store, 0)).toHaveLength(1);
});
