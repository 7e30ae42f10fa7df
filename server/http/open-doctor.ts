import type { Clock, Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import type { OllamaControl } from '../core/ollama.ts';
import type { Machine } from '../core/download.ts';
import type { Upstreams } from '../core/upstream.ts';
import { clockCheck, databaseCheck, diskCheck, gpuCheck, memoryCheck } from '../doctor/computer.ts';
import { createDoctor, type Doctor } from '../doctor/doctor.ts';
import { networkChecks, type NetworkSources } from '../doctor/network.ts';
import { serviceChecks, type UpstreamView } from '../doctor/service.ts';
import { versionCheck } from '../doctor/version.ts';
import { readNetwork, type Network } from '../lan/addresses.ts';
import type { Ledger } from '../record/settle.ts';
import type { EngineStanding } from '../routing/run.ts';
import type { Audit } from '../store/audit.ts';
import type { Backups } from '../store/backup/backups.ts';
import type { Store } from '../store/open.ts';
import type { Reader } from '../store/threads/reader.ts';
import { listUpstreams } from '../store/upstreams.ts';
import type { Https } from '../tls/https.ts';
import type { Updates } from '../updates/updates.ts';
import type { Graphics } from '../wire/graphics.ts';
import type { OpenedOffice } from './open-office.ts';

/** The doctor, tied to this server's parts. */
export type DoctorServices = {
  readonly store: Store;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly version: string;
  readonly dataDir: string;
  readonly port: () => number;
  readonly office: OpenedOffice;
  readonly https: Https;
  /** All engines as one. */
  readonly engine: Engine;
  readonly machine: () => Promise<Machine>;
  readonly graphics: () => Promise<Graphics>;
  readonly ollama: OllamaControl;
  readonly upstreams: Upstreams;
  readonly standing: (engineId: string) => EngineStanding;
  readonly ledger: Pick<Ledger, 'state'>;
  readonly backups: Backups;
  readonly audit: Audit;
  readonly updates: Updates;
  readonly readNetwork?: (() => Promise<Network>) | undefined;
  /** Other ports and files than this computer's; for tests. */
  readonly stands?: Pick<NetworkSources, 'sideDoorPorts' | 'firewall' | 'mdnsPort'> | undefined;
};

export function openDoctor(services: DoctorServices): Doctor {
  const { store, reader, clock, timers, version, dataDir, office, ledger } = services;
  const models = services.engine.models;
  return createDoctor({
    version,
    clock,
    timers,
    checks: [
      ...networkChecks({
        clock,
        office: office.state,
        lastRequest: office.lastRequest,
        addressChanges: office.addressChanges,
        readNetwork: services.readNetwork ?? readNetwork,
        port: services.port,
        certificate: services.https.brief,
        ...services.stands,
      }),
      gpuCheck({ models, machine: services.machine, graphics: services.graphics }),
      memoryCheck(async () => (await services.machine()).freeBytes),
      diskCheck(dataDir),
      ...serviceChecks({
        clock,
        models,
        ollama: services.ollama.read,
        upstreams: (signal) => upstreamViews(services, signal),
        log: () => ledger.state(),
        backups: () => backupsOf(services),
      }),
      versionCheck(services.updates.state, clock.nowMs),
      databaseCheck({ path: store.db.name, quickCheck: () => reader.read('quickCheck') }),
      clockCheck({ clock, newestRowMs: () => reader.read('newestRowMs') }),
    ],
  });
}

async function upstreamViews(
  { store, upstreams, standing }: DoctorServices,
  signal: AbortSignal,
): Promise<readonly UpstreamView[]> {
  return Promise.all(
    listUpstreams(store).map(async ({ id, name }) => ({
      name,
      state: await upstreams.refresh(id, signal),
      isAway: standing(name).isAway,
    })),
  );
}

/** Those made by hand count as well; the audit remembers them. */
async function backupsOf({ backups, audit }: DoctorServices) {
  const { schedule, last, lastSuccessAt } = await backups.state();
  const [byHand] = audit.list({ act: 'backup.create', outcome: 'done', limit: 1 });
  const times = [lastSuccessAt, byHand?.time ?? null].filter((time) => time !== null);
  return { schedule, last, lastSuccessAt: times.toSorted().at(-1) ?? null };
}
