import { join } from 'node:path';
import type { Config } from './config.ts';
import { systemClock, systemTimers, type Clock, type Timers } from './core/clock.ts';
import { createCrowd } from './core/crowd.ts';
import type { Logger } from './core/logger.ts';
import { usualStores } from './engines/builtin/supply/import-found.ts';
import { createModelSupply } from './engines/builtin/supply/pull-supply.ts';
import type { Network } from './lan/addresses.ts';
import { openEngines, requireOurs } from './compose-engines.ts';
import {
  giveUp,
  layFoundation,
  openDownloads,
  pulledModelsDir,
  type Foundation,
  type FoundationOptions,
} from './compose-foundation.ts';
import { openNetwork } from './compose-network.ts';
import { noteStart, openRecord } from './compose-record.ts';
import { createGate } from './gate/gate.ts';
import { ensureAdminToken } from './http/admin-token.ts';
import { createAdminRouter } from './http/admin.ts';
import { createApp } from './http/app.ts';
import { watchedGate } from './http/edge-door.ts';
import { isLoopbackName } from './http/host-check.ts';
import { listenOnLoopback } from './http/listen.ts';
import { openDoctor, type DoctorServices } from './http/open-doctor.ts';
import { pairRouter } from './http/pair.ts';
import { createPairing } from './lan/pairing.ts';
import { drain, endKey } from './http/drain.ts';
import type { Exchange } from './http/exchange.ts';
import { metricsRoute } from './http/metrics.ts';
import { createSetupCode } from './http/setup-code.ts';
import { tracedContents } from './out/content.ts';
import { createExports } from './out/exports.ts';
import { createMetrics } from './out/metrics/metrics.ts';
import { keepResponsesPruned } from './record/prune-responses.ts';
import { createPeople } from './record/people.ts';
import { createStatusBoard } from './record/status.ts';
import { createLedger } from './record/settle.ts';
import { createAnswerCache } from './routing/answer-cache.ts';
import { keepProbed } from './routing/health.ts';
import { createRouter } from './routing/run.ts';
import { cacheBounds } from './store/cache-settings.ts';
import { getDownloadSettings } from './store/downloads.ts';
import { countsEachKey } from './store/metrics-settings.ts';
import { createAudit } from './store/audit.ts';
import { keepAuditPurged } from './store/audit-retention.ts';
import { createBackups } from './store/backup/backups.ts';
import { noteRestored } from './store/backup/restored.ts';
import { openCloudPrices } from './store/savings/cloud-prices.ts';
import type { LivePacket } from './wire/events.ts';

/** The running server, as its entry and the tests see it. */
export type Inglenook = {
  readonly port: number;
  readonly address: string;
  /** The one-time link to set the owner's password; null when there is one already. */
  readonly setupLink: string | null;
  readonly log: Logger;
  /** Accepts nothing new, lets running answers end for `drainMs`, then ends everything. Never rejects. */
  readonly stop: (drainMs: number) => Promise<void>;
};

export type ComposeOptions = FoundationOptions & {
  /** What the app's own window shows; null when there is no window. */
  readonly windowToken?: string | null;
  readonly clock?: Clock;
  /** What the office switch waits by; for tests. */
  readonly timers?: Timers;
  /** Another picture of the network than this computer's; for tests. */
  readonly readNetwork?: () => Promise<Network>;
  /** What the doctor looks at in place of this computer’s usual ports and files; for tests. */
  readonly doctor?: DoctorServices['stands'];
  /** Fast password hashes and passphrases; for tests only. */
  readonly cheapPasswords?: boolean;
};

/**
 * Builds the server and starts listening: the only place where the parts are put together.
 * @throws AppError with the sentence for the owner when it cannot start; nothing is left running then.
 */
export async function compose(config: Config, options: ComposeOptions = {}): Promise<Inglenook> {
  const foundation = layFoundation(config, options);
  try {
    return await openHouse(config, options, foundation);
  } catch (error) {
    await giveUp(foundation);
    throw error;
  }
}

async function openHouse(
  config: Config,
  options: ComposeOptions,
  foundation: Foundation,
): Promise<Inglenook> {
  const { claim, log, live, engine } = foundation;
  const house = furnish(config, options, foundation);
  if (foundation.restored !== null) noteRestored({ ...foundation, ...house }, foundation.restored);
  await engine.rescan();
  await house.https.begin();
  const front = { admit: house.edge.connections.admit, certificates: house.https.served };
  const listener = await listenOnLoopback(house.app, config.port, front).catch(async (error: unknown) => {
    await house.https.stop();
    throw error;
  });
  const address = `http://127.0.0.1:${listener.port}`;
  house.setAddress(address);
  await house.office.begin({ handler: house.app, port: listener.port, letIn: config.lan, front });
  claim.announce({ pid: process.pid, port: listener.port });
  house.setReady(true);
  house.downloads.begin();
  house.others.begin();
  house.backups.begin();
  house.exports.begin();
  engine.preload();
  log.info('The server is ready.', { address, version: config.version });
  noteStart(house.audit, { version: config.version, address, officeLetIn: house.office.state().on });
  const { setup } = house;
  return {
    port: listener.port,
    address,
    setupLink: setup === null ? null : `${address}/console/setup#${setup.token}`,
    log,
    stop: async (drainMs) => {
      house.setReady(false);
      void house.office.withdraw();
      live.close();
      await house.downloads.stop();
      await house.backups.stop();
      await drain(listener, house.running, drainMs);
      house.ledger.close();
      await house.others.stop();
      house.neighbours.stop();
      await house.office.stop();
      await house.https.stop();
      house.board.stop();
      house.stopPruning();
      house.stopProbing();
      house.answers.forgetAll();
      await house.exports.close();
      await house.closeLedger();
      house.stopPurging();
      house.audit.appendLate({ actor: 'server', act: 'server.stop', outcome: 'done' });
      await giveUp(foundation);
    },
  };
}

/** Everything between the foundation and the street: who may come in, and what is behind each door. */
function furnish(config: Config, options: ComposeOptions, foundation: Foundation) {
  const { log, store, live, engine, showing } = foundation;
  const clock = options.clock ?? systemClock;
  const running = createCrowd<Exchange>();
  const rendererDir = join(config.rootDir, 'dist', 'renderer');
  let isReady = false;
  let address = '';
  const { readNetwork, timers = systemTimers } = options;
  const router = createRouter(clock, { timers });
  const answers = createAnswerCache({ clock, timers, bounds: () => cacheBounds(store) });
  const others = openEngines({
    config,
    store,
    log,
    builtin: engine,
    clock: options.clock,
    timers: options.timers,
    onChange: () => {
      if (live.isWatched()) live.publish({ type: 'models', models: [...showing.models()] });
    },
  });
  const { engines } = others;
  showing.models = others.all.models;
  const { dataDir, version } = config;
  const secret = others.serverSecret;
  const audit = createAudit({ store, clock, log, secret });
  const stopPurging = keepAuditPurged({ store, audit, clock, timers, log });
  const adminToken = ensureAdminToken(dataDir);
  const windowToken = options.windowToken ?? null;
  const { office, https, neighbours, edge } = openNetwork({
    store,
    live,
    log,
    audit,
    clock,
    timers,
    version,
    serverSecret: secret,
    ownSecrets: [adminToken, windowToken],
    readNetwork,
  });
  const record = openRecord({ store, dataDir, clock, timers, log });
  const { reader, retention, traces } = record;
  const board = createStatusBoard({
    store,
    ledger: () => ledger.state(),
    router,
    clock,
    timers: systemTimers,
    live,
    version,
    dataDir,
    address: () => address,
    lanAddress: () => office.state().address,
  });
  const publish = (packet: LivePacket): void => {
    live.publish(packet);
    if (packet.type === 'request-finished') metrics.add(packet.row);
    board.publishSoon();
  };
  const ledger = createLedger({
    store,
    clock,
    log,
    publish,
    timers: systemTimers,
    journalFile: join(dataDir, 'requests.journal'),
    running: () => running.size,
    traces,
  });
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const backups = createBackups({
    dataDir,
    store,
    clock,
    timers,
    log,
    audit,
    secret,
    version,
    timeZone,
    ...(options.cheapPasswords === true ? { workFactor: 8 } : {}),
  });
  const exports = createExports({
    store,
    reader,
    clock,
    timers,
    log,
    version,
    serverSecret: secret,
    offline: config.offline,
    port: () => Number(new URL(address).port),
    contents: tracedContents({ store, traces }),
  });
  const metrics = createMetrics({
    version,
    inFlight: () => running.size,
    queues: router.queues,
    ledger,
    exports: exports.list,
    perKey: () => countsEachKey(store),
  });
  const cloudPrices = openCloudPrices({
    bundledFile: join(config.rootDir, 'resources', 'cloud-prices.json'),
    ownFile: join(dataDir, 'cloud-prices.json'),
    log,
  });
  void cloudPrices.check();
  const gate = watchedGate(createGate({ store, clock, timeZone }), edge);
  const pairing = createPairing({
    store,
    clock,
    log,
    audit,
    timeZone,
    onChange: () => live.publish({ type: 'pairings-changed' }),
    onJoined: () => live.publish({ type: 'keys-changed' }),
    onGuess: (ip) => edge.strike(ip, 'codes'),
  });
  const stopProbing = keepProbed({
    engines: () => engines,
    timers,
    onResult: router.noteReachable,
  });
  const setup = createSetupCode(store);
  const stopPruning = keepResponsesPruned({ store, clock, timers, log });
  const onKeyRevoked = (keyId: string): void => endKey(running, keyId);
  const people = createPeople({
    store,
    clock,
    traces,
    retention,
    ledger,
    onKeyRevoked,
    isRunning: (keyId) => [...running].some(({ entry }) => entry.principal?.keyId === keyId),
    keptFolders: () => backups.restoreState().keptFolders,
  });
  const downloads = openDownloads(config, foundation, clock);
  const doctor = openDoctor({
    store,
    reader,
    clock,
    office,
    https,
    ledger,
    backups,
    audit,
    readNetwork,
    timers: systemTimers,
    version,
    dataDir,
    port: () => Number(new URL(address).port),
    engine: others.all,
    machine: engine.machine,
    ollama: others.ollama,
    upstreams: others.upstreams,
    standing: router.standing,
    stands: options.doctor,
  });
  const admin = createAdminRouter(
    {
      store,
      reader,
      retention,
      office,
      https,
      neighbours,
      doctor,
      pairing,
      engine: others.all,
      upstreams: others.upstreams,
      ollama: others.ollama,
      serverSecret: secret,
      live,
      log,
      clock,
      status: board.read,
      queues: router.queues,
      standing: router.standing,
      noteReachable: router.noteReachable,
      supply: createModelSupply({
        downloads,
        modelsDir: pulledModelsDir(config),
        catalogueFile: join(config.rootDir, 'resources', 'catalogue.json'),
        settings: () => getDownloadSettings(store),
        offline: config.offline,
        timers: systemTimers,
        machine: engine.machine,
        stores: () => usualStores(config.ollamaDir),
      }),
      rescanModels: () => engine.rescan(),
      configureModel: (modelId, change) => {
        requireOurs(engine, others.all, modelId);
        engine.configure(modelId, change);
      },
      adminToken,
      windowToken,
      edge,
      setup,
      onKeyRevoked,
      answers,
      gate,
      catchUp: ledger.catchUp,
      audit,
      backups,
      traces,
      people,
      cloudPrices,
      exports,
    },
    { cheapPasswords: options.cheapPasswords ?? false },
  );
  const app = createApp({
    store,
    gate,
    engines,
    router,
    answers,
    ledger,
    clock,
    timers,
    log,
    running,
    onBegin: board.publishSoon,
    edge,
    https,
    isOwnName: (name) => isLoopbackName(name) || office.isOwnName(name) || https.isOwnName(name),
    sawRequestFrom: office.sawRequestFrom,
    isReady: () => isReady,
    metrics: metricsRoute({ metrics, gate, adminToken, catchUp: ledger.catchUp }),
    admin,
    pair: pairRouter({ store, engines, pairing, https, officeName: office.name, rendererDir }),
    rendererDir,
  });
  return {
    app,
    answers,
    edge,
    ledger,
    office,
    https,
    neighbours,
    board,
    running,
    setup,
    downloads,
    others,
    audit,
    backups,
    exports,
    stopPurging,
    stopPruning,
    stopProbing,
    /** After the last request has ended. */
    closeLedger: async () => {
      ledger.close();
      await record.close();
    },
    setAddress: (own: string) => void (address = own),
    setReady: (ready: boolean) => void (isReady = ready),
  };
}
