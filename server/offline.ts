import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { join, resolve } from 'node:path';
import { readConfig, type Config } from './config.ts';
import type { AuditEntry } from './core/audit.ts';
import { systemClock, systemTimers } from './core/clock.ts';
import { AppError } from './core/errors.ts';
import type { Logger } from './core/logger.ts';
import { bad, ok, type Check } from './doctor/check.ts';
import { clockCheck, databaseCheck, diskCheck, memoryCheck } from './doctor/computer.ts';
import { createDoctor } from './doctor/doctor.ts';
import { renderReport } from './doctor/report.ts';
import { portCheck } from './doctor/port.ts';
import { backupsCheck } from './doctor/service.ts';
import { versionAgeCheck } from './doctor/version.ts';
import { lastTroubles } from './doctor/troubles.ts';
import { claimDataDir } from './store/claim.ts';
import { createAudit, type Audit } from './store/audit.ts';
import { verifyAudit } from './store/audit-verify.ts';
import { createBackups } from './store/backup/backups.ts';
import { finishRestore, prepareRestore } from './store/backup/restore.ts';
import { noteRestored } from './store/backup/restored.ts';
import { closeStore, openStore, type Store } from './store/open.ts';
import { privateNames } from './store/private-names.ts';
import { ensureServerSecret } from './store/server-secret.ts';
import { newestRowMs, quickCheck } from './store/whole.ts';
import type { DoctorFindings } from './wire/doctor.ts';
import { language as languageOf, type Language } from './wire/text.ts';

/**
 * What the command line does on the data folder while no server runs on it: `restore FILE`, `backup FILE`,
 * `audit-verify [SEQ:HASH]`, `doctor LANGUAGE`, `doctor-report LANGUAGE`. The passphrase comes on stdin; the answer goes to stdout as JSON, a refusal to stderr.
 */

const databaseFile = 'inglenook.db';
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
        return await withData(config, (data) => lookAround(config, data, languageOf.parse(argument)));
      case 'doctor-report':
        return await withData(config, (data) => report(config, data, languageOf.parse(argument)));
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
function lookAround(config: Config, data: Data, language: Language): Promise<DoctorFindings> {
  const { dataDir, version } = config;
  const checks = [
    serverStopped(),
    portCheck(config.port),
    memoryCheck(async () => process.availableMemory()),
    diskCheck(dataDir),
    versionAgeCheck(config, Date.now()),
    ...aboutData(config, data),
  ];
  return createDoctor({ ...offlineTimes, version, checks }).look(language);
}

/** Where the names cannot be read, they cannot be taken out of the log's lines either, and those stay out. */
async function report(config: Config, data: Data, language: Language): Promise<string> {
  const findings = await lookAround(config, data, language);
  if (data === null || 'error' in data) return renderReport({ findings, privateNames: [], troubles: null });
  return renderReport({
    findings,
    privateNames: privateNames(data.opened.store, Date.now()),
    troubles: await lastTroubles(config.dataDir),
  });
}

function aboutData(config: Config, data: Data): readonly Check[] {
  if (data === null) return [nothingYet()];
  return 'opened' in data ? dataChecks(config, data.opened) : [databaseUnusable(data.error)];
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

/** A look must not begin what a first start begins. */
function nothingYet(): Check {
  return {
    id: 'database',
    title: { en: 'Database', de: 'Datenbank' },
    look: () =>
      ok({
        en: 'There is none yet: Inglenook has not been started with this data folder.',
        de: 'Es gibt noch keine: Inglenook wurde mit diesem Datenordner noch nicht gestartet.',
      }),
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

/** Null before the first start; a database that cannot be opened is one of the things to be told. */
type Data = { readonly opened: Opened } | { readonly error: unknown } | null;

async function withData<Result>(config: Config, work: (data: Data) => Promise<Result>): Promise<Result> {
  if (!existsSync(join(config.dataDir, databaseFile))) return await work(null);
  let begun = false;
  try {
    return await withStore(config, (opened) => {
      begun = true;
      return work({ opened });
    });
  } catch (error) {
    if (begun) throw error;
    return await work({ error });
  }
}

async function withStore<Result>(config: Config, work: (opened: Opened) => Result): Promise<Awaited<Result>> {
  finishRestore(config.dataDir);
  const store = openStore(join(config.dataDir, databaseFile));
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
