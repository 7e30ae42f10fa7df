import { text } from 'node:stream/consumers';
import { join, resolve } from 'node:path';
import { readConfig, type Config } from './config.ts';
import type { AuditEntry } from './core/audit.ts';
import { systemClock, systemTimers } from './core/clock.ts';
import { AppError } from './core/errors.ts';
import type { Logger } from './core/logger.ts';
import { bad, type Check } from './doctor/check.ts';
import { clockCheck, databaseCheck, diskCheck, memoryCheck } from './doctor/computer.ts';
import { createDoctor } from './doctor/doctor.ts';
import { backupsCheck } from './doctor/service.ts';
import { claimDataDir } from './store/claim.ts';
import { createAudit, type Audit } from './store/audit.ts';
import { verifyAudit } from './store/audit-verify.ts';
import { createBackups } from './store/backup/backups.ts';
import { finishRestore, prepareRestore } from './store/backup/restore.ts';
import { noteRestored } from './store/backup/restored.ts';
import { closeStore, openStore, type Store } from './store/open.ts';
import { ensureServerSecret } from './store/server-secret.ts';
import { newestRowMs, quickCheck } from './store/whole.ts';
import { doctorLanguage, type DoctorLanguage } from './wire/doctor.ts';

/**
 * What the command line does on the data folder while no server runs on it: `restore FILE`, `backup FILE`,
 * `audit-verify [SEQ:HASH]`, `doctor LANGUAGE`. The passphrase comes on stdin; the answer goes to stdout as JSON, a refusal to stderr.
 */

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const offlineTimes = { clock: systemClock, timers: systemTimers } as const;

try {
  const [command = '', argument] = process.argv.slice(2);
  const answer = await run(command, argument);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function run(command: string, argument: string | undefined): Promise<unknown> {
  const config = readConfig();
  const claim = claimDataDir(config.dataDir);
  try {
    switch (command) {
      case 'restore':
        return await restore(config, resolve(argument ?? ''), await passphrase());
      case 'backup':
        return await backup(config, resolve(argument ?? ''), await passphrase());
      case 'doctor':
        return await lookAround(config, doctorLanguage.parse(argument));
      case 'audit-verify':
        return await verify(config, argument);
      default:
        throw new Error(`There is no offline command "${command}".`);
    }
  } finally {
    claim.release();
  }
}

async function restore(config: Config, file: string, words: string): Promise<unknown> {
  const { dataDir } = config;
  const prepared = await prepareRestore(dataDir, { file, passphrase: words, nowMs: Date.now() });
  finishRestore(dataDir);
  return await withStore(config, ({ store, audit }) => {
    noteRestored({ store, audit, log: silent }, prepared);
    return { ...prepared, dataDir };
  });
}

async function backup(config: Config, file: string, words: string): Promise<unknown> {
  return await withStore(config, async ({ store, audit, secret }) => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const { dataDir, version } = config;
    const backups = createBackups({
      dataDir,
      version,
      store,
      audit,
      secret,
      timeZone,
      clock: systemClock,
      timers: systemTimers,
      log: silent,
    });
    const made = await backups.create({ file, passphrase: words });
    audit.append(byHand('backup.create', file));
    return made;
  });
}

async function verify(config: Config, expected: string | undefined): Promise<unknown> {
  return await withStore(config, async ({ store, audit, secret }) => {
    const verification = await verifyAudit(store, { secret, nowMs: Date.now(), expected });
    audit.append(byHand('audit.verify', null));
    return verification;
  });
}

/** What can be seen without a server; that none runs stands first. */
async function lookAround(config: Config, language: DoctorLanguage): Promise<unknown> {
  const { dataDir } = config;
  const always = [serverStopped(), memoryCheck(async () => process.availableMemory()), diskCheck(dataDir)];
  const look = (checks: readonly Check[]): Promise<unknown> =>
    createDoctor({ ...offlineTimes, version: config.version, checks: [...always, ...checks] }).look(language);
  try {
    return await withStore(config, (opened) => look(dataChecks(config, opened)));
  } catch (error) {
    return await look([databaseUnusable(error)]);
  }
}

function dataChecks({ dataDir, version }: Config, { store, audit, secret }: Opened): readonly Check[] {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const services = { dataDir, version, store, audit, secret, timeZone, log: silent };
  const backups = createBackups({ ...services, ...offlineTimes });
  return [
    databaseCheck({ path: store.db.name, quickCheck: async () => quickCheck(store) }),
    clockCheck({ clock: systemClock, newestRowMs: async () => newestRowMs(store) }),
    backupsCheck({ clock: systemClock, backups: backups.state }),
  ];
}

function serverStopped(): Check {
  return {
    id: 'server',
    title: { en: 'Inglenook', de: 'Inglenook' },
    look: () =>
      bad(
        {
          en: 'It is not running, so nobody gets an answer. Only what needs no server was looked at.',
          de: 'Es läuft nicht, also bekommt niemand eine Antwort. Nur was keinen Server braucht, wurde geprüft.',
        },
        { en: 'Start it: npm start', de: 'Starten: npm start' },
      ),
  };
}

function databaseUnusable(error: unknown): Check {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    id: 'database',
    title: { en: 'Database', de: 'Datenbank' },
    look: () =>
      bad(
        { en: `It cannot be opened: ${reason}`, de: `Sie lässt sich nicht öffnen: ${reason}` },
        {
          en: 'Keep a copy of the data folder, and restore the newest backup: npx inglenook restore FILE',
          de: 'Den Datenordner kopieren und die neueste Sicherung zurückspielen: npx inglenook restore FILE',
        },
      ),
  };
}

/** Whoever may read the data folder is taken for the owner, as everywhere on this computer. */
function byHand(act: string, object: string | null): AuditEntry {
  return { actor: 'owner', act, object, outcome: 'done', client: 'inglenook (command line, server stopped)' };
}

type Opened = { readonly store: Store; readonly audit: Audit; readonly secret: string };

async function withStore<Result>(config: Config, work: (opened: Opened) => Result): Promise<Awaited<Result>> {
  finishRestore(config.dataDir);
  const store = openStore(join(config.dataDir, 'inglenook.db'));
  try {
    const secret = ensureServerSecret(config.dataDir);
    return await work({
      store,
      secret,
      audit: createAudit({ store, clock: systemClock, log: silent, secret }),
    });
  } finally {
    closeStore(store);
  }
}

async function passphrase(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}
