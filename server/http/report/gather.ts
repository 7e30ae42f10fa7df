import { lstat, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { keptLogFiles } from '../../record/server-log.ts';
import { auditKeepDays } from '../../store/audit-retention.ts';
import { verifyAudit } from '../../store/audit-verify.ts';
import { getSchedule } from '../../store/backup/schedule-settings.ts';
import { listKeys } from '../../store/keys.ts';
import { ownerPasswordHash } from '../../store/owner.ts';
import { responseHours } from '../../store/responses.ts';
import { keepDays } from '../../store/retention.ts';
import { longestSnapshotDays } from '../../store/snapshots.ts';
import { listTeams } from '../../store/teams.ts';
import { officeTracing, traceKeepDays } from '../../store/tracing.ts';
import { hasUpstreamKey, listUpstreams } from '../../store/upstreams.ts';
import type { SecurityReport } from '../../wire/report.ts';
import type { AdminContext } from '../admin-services.ts';
import { listSettings } from '../admin-settings.ts';

/** How far the report looks back where it counts. */
const lookBackMs = 30 * 86_400_000;
/** More refused sign-ins than this are told as so many. */
const mostCounted = 1000;

/** Everything the security report says, as it is now. Reads only; no key, token or prompt is among it. */
export async function gatherReport(context: AdminContext): Promise<SecurityReport> {
  const { store, clock, status } = context;
  const nowMs = clock.nowMs();
  const sinceMs = nowMs - lookBackMs;
  const { version, dataDir, timeZone } = status();
  const { schedule, last, lastSuccessAt } = await context.backups.state();
  const keys = listKeys(store, nowMs).filter(({ status: state }) => state !== 'revoked');
  return {
    madeAt: new Date(nowMs).toISOString(),
    timeZone,
    version,
    computer: hostname(),
    dataDir,
    data: await describeFolder(dataDir),
    access: describeAccess(context, sinceMs),
    keys,
    teams: listTeams(store),
    upstreams: listUpstreams(store).map(({ id, name, kind, url, mayLeave }) => ({
      name,
      kind,
      url,
      mayLeave,
      hasKey: hasUpstreamKey(store, id),
    })),
    leftOffice: [...(await context.reader.read('leftOffice', sinceMs))],
    exports: describeExports(context),
    tracing: {
      office: officeTracing(store),
      tracedKeys: keys.filter(({ trace }) => trace).length,
      keepDays: traceKeepDays(store),
      kept: await describeTraces(context),
    },
    retention: describeRetention(context),
    settings: listSettings(context),
    backups: { on: schedule.on, folder: schedule.folder, lastSuccessAt, lastError: last?.error ?? null },
    audit: await verifyAudit(store, { secret: context.serverSecret, nowMs }),
  };
}

function describeAccess(context: AdminContext, sinceMs: number): SecurityReport['access'] {
  const { on, address } = context.office.state();
  const settings = context.https.settings();
  const { isOn, issuer, validUntilMs } = context.https.brief();
  const since = new Date(sinceMs).toISOString();
  const refused = context.audit.list({ act: 'session.begin', outcome: 'refused', since, limit: mostCounted });
  return {
    passwordSet: ownerPasswordHash(context.store) !== null,
    adminOnThisComputerOnly: !settings.networkConsole,
    officeLetIn: on,
    officeAddress: address,
    transport: !isOn ? 'http' : settings.only ? 'https' : 'http-and-https',
    certificate:
      issuer === null || validUntilMs === null
        ? null
        : { issuer, validUntil: new Date(validUntilMs).toISOString() },
    refusedSignIns: refused.length,
  };
}

function describeExports({ exports }: AdminContext): SecurityReport['exports'] {
  return exports
    .list()
    .map(({ name, kind, url, mayLeave, people, prompts, state, problem, backlog, sent, lastSuccessAt }) => ({
      name,
      kind,
      host: new URL(url).host,
      mayLeave,
      people,
      prompts,
      state,
      problem,
      backlog,
      sent,
      lastSuccessAt,
    }));
}

async function describeTraces({ traces }: AdminContext): Promise<SecurityReport['tracing']['kept']> {
  // Asking would make the file.
  if (!traces.isThere()) return { requests: 0, oldest: null };
  const sum = await traces.ask('sum', traces.sinceMs()).catch(() => null);
  if (sum === null) return null;
  const { count, oldestMs } = sum;
  return { requests: count, oldest: oldestMs === null ? null : new Date(oldestMs).toISOString() };
}

/** Every kind of data that goes by itself, and after what time. */
function describeRetention({ store }: AdminContext): SecurityReport['retention'] {
  const auditDays = auditKeepDays(store);
  return [
    { kind: 'requests', amount: keepDays(store, 'requests'), unit: 'days' },
    { kind: 'usage', amount: keepDays(store, 'usage'), unit: 'days' },
    { kind: 'prompts', amount: traceKeepDays(store), unit: 'days' },
    { kind: 'responses', amount: responseHours(store), unit: 'hours' },
    { kind: 'audit', amount: auditDays === 0 ? null : auditDays, unit: 'days' },
    { kind: 'serverLog', amount: keptLogFiles, unit: 'files' },
    { kind: 'snapshots', amount: longestSnapshotDays, unit: 'days' },
    { kind: 'backups', amount: getSchedule(store).keep, unit: 'files' },
  ];
}

type DataItem = SecurityReport['data'][number];

const kinds: readonly (readonly [RegExp, DataItem['kind']])[] = [
  [/^inglenook\.db(?:-wal|-shm)?$/, 'database'],
  [/^traces\.db(?:-wal|-shm)?$/, 'traces'],
  [/^requests\.journal$/, 'journal'],
  [/^cloud-prices\.json$/, 'prices'],
  [/^server\.key$/, 'secret'],
  [/^admin\.token$/, 'token'],
  [/^logs$/, 'logs'],
  [/^models$/, 'models'],
  [/^snapshots$/, 'snapshots'],
  [/^(?:before-restore-.*|restore(?:\.new)?)$/, 'kept'],
  [/^(?:server\.json|server\.lock(?:-journal)?|backup\.new)$/, 'running'],
];

async function describeFolder(dir: string): Promise<DataItem[]> {
  const names = await readdir(dir).catch(() => []);
  return await Promise.all(
    names
      .toSorted((one, other) => one.localeCompare(other))
      .map(async (name): Promise<DataItem> => {
        const path = join(dir, name);
        const mode = await lstat(path).then(
          (found) => found.mode,
          () => null,
        );
        return {
          kind: kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'other',
          name,
          bytes: await sizeOf(path),
          othersMayRead: mode === null || process.platform === 'win32' ? null : (mode & 0o077) !== 0,
        };
      }),
  );
}

/** Of a folder, with all that lies in it; links are not followed. What has just gone counts nothing. */
async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.size;
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
