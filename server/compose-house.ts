import { join } from 'node:path';
import type { Config } from './config.ts';
import { systemClock, systemTimers } from './core/clock.ts';
import { createCrowd } from './core/crowd.ts';
import { passKeyId } from './core/pass.ts';
import { openChecks, openSuccessor } from './compose-checks.ts';
import { commandsFor, openEngines } from './compose-engines.ts';
import { openDownloads, openSupply, type Foundation } from './compose-foundation.ts';
import { openNetwork } from './compose-network.ts';
import type { HouseOptions } from './compose-options.ts';
import { openTrials } from './compose-trials.ts';
import { openOut } from './compose-out.ts';
import { openOwner } from './compose-owner.ts';
import { openRecord } from './compose-record.ts';
import { openUpdates } from './compose-updates.ts';
import { describeGraphics } from './doctor/graphics.ts';
import { createGate } from './gate/gate.ts';
import { ensureAdminToken } from './http/admin-token.ts';
import { createAdminRouter } from './http/admin.ts';
import { createApp } from './http/app.ts';
import { createBrowserTickets } from './http/browser-tickets.ts';
import { watchedGate } from './http/edge-door.ts';
import { isLoopbackName } from './http/host-check.ts';
import { openDoctor } from './http/open-doctor.ts';
import { pairRouter } from './http/pair.ts';
import { createPairing } from './lan/pairing.ts';
import { endKey } from './http/drain.ts';
import type { Exchange, ServeServices } from './http/exchange.ts';
import { metricsRoute } from './http/metrics.ts';
import { outsideGate } from './http/outside-door.ts';
import { createPlayground } from './http/playground.ts';
import { createSetupCode } from './http/setup-code.ts';
import { lastOfEngine } from './record/engine-log.ts';
import { keepResponsesPruned } from './record/prune-responses.ts';
import { createPeople } from './record/people.ts';
import { createStatusBoard } from './record/status.ts';
import { createLedger } from './record/settle.ts';
import { createAnswerCache } from './routing/answer-cache.ts';
import { keepProbed } from './routing/health.ts';
import { createRouter } from './routing/run.ts';
import { cacheBounds } from './store/cache-settings.ts';
import { createAudit } from './store/audit.ts';
import { keepAuditPurged } from './store/audit-retention.ts';
import { createBackups } from './store/backup/backups.ts';
import { isOutsideName } from './store/outside.ts';
import { retries } from './store/retries.ts';
import type { LivePacket } from './wire/events.ts';

/** Everything between the foundation and the street: who may come in, and what is behind each door. */
export function furnish(config: Config, options: HouseOptions, foundation: Foundation) {
  const { log, store, live, online, engine, showing } = foundation;
  const clock = options.clock ?? systemClock;
  const running = createCrowd<Exchange>();
  const rendererDir = join(config.rootDir, 'dist', 'renderer');
  let isReady = false;
  let address = '';
  const { readNetwork, timers = systemTimers } = options;
  const router = createRouter(clock, {
    timers,
    retries: () => retries(store),
    held: {
      refusalOf: (one) => owner.pauses.refusalOf(one),
      concerns: (engine) => owner.pauses.concerns(engine),
      onTaken: (listener) => owner.pauses.onTaken(listener),
    },
  });
  const answers = createAnswerCache({ clock, timers, bounds: () => cacheBounds(store) });
  const others = openEngines({
    config,
    store,
    log,
    builtin: engine,
    keychain: options.keychain,
    isOffline: online.isOffline,
    clock: options.clock,
    timers: options.timers,
    onChange: () => {
      if (live.isWatched()) live.publish({ type: 'models', models: [...showing.models()] });
    },
  });
  const { engines, serverSecret: secret } = others;
  showing.models = others.all.models;
  const commands = commandsFor(engine, others.all);
  const { dataDir, version } = config;
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
  const { trials, ports } = openTrials({
    config,
    store,
    clock,
    timers,
    log,
    audit,
    live,
    https,
    officeAddress: () => {
      const shown = office.state().address;
      return shown === null ? null : new URL(shown).hostname;
    },
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
    pauses: () => owner.pauses.state(),
  });
  const publish = (packet: LivePacket): void => {
    live.publish(packet);
    if (packet.type === 'request-finished') {
      metrics.add(packet.row);
      if (packet.row.keyId !== passKeyId) checks.noteRequest();
    }
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
  const owner = openOwner({
    store,
    clock,
    timers,
    timeZone,
    log,
    live,
    audit,
    builtin: engine,
    others,
    running,
    office,
    hasApp: windowToken !== null,
    inhibitor: options.inhibitor,
    onChange: board.publishSoon,
  });
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
  const { exports, metrics, cloudPrices } = openOut({
    config,
    store,
    record,
    clock,
    timers,
    log,
    serverSecret: secret,
    isOffline: online.isOffline,
    port: () => Number(new URL(address).port),
    inFlight: () => running.size,
    queues: router.queues,
    ledger,
  });
  const gate = watchedGate(createGate({ store, clock, timeZone }), edge);
  const checks = openChecks({
    store,
    clock,
    timers,
    log,
    live,
    running,
    engines: () => engines,
    engineVersion: others.versionOf,
    address: () => address,
    issuePass: gate.issuePass,
  });
  const pairing = createPairing({
    store,
    clock,
    log,
    audit,
    timeZone,
    onChange: () => live.publish({ type: 'pairings-changed' }),
    onJoined: () => live.publish({ type: 'keys-changed' }),
    onReplaced: (keyId) => endKey(running, keyId),
    onLeft: (keyId) => {
      endKey(running, keyId);
      answers.forgetKey(keyId);
      live.publish({ type: 'keys-changed' });
    },
    onGuess: (ip) => edge.strike(ip, 'codes'),
  });
  const successor = openSuccessor({
    live,
    store,
    clock,
    timers,
    log,
    audit,
    downloads: () => downloads.list(),
    models: engine.models,
    address: () => address,
    issuePass: gate.issuePass,
  });
  const stopProbing = keepProbed({
    engines: () => engines,
    timers,
    onResult: router.noteReachable,
  });
  const setup = createSetupCode(store);
  const browserTickets = createBrowserTickets(clock.monotonicMs);
  const stopPruning = keepResponsesPruned({ store, clock, timers, log });
  const onKeyRevoked = (keyId: string, which?: 'former'): void => endKey(running, keyId, which);
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
  const updates = openUpdates({ config, foundation, clock, timers, stands: options.updates });
  const graphics = async () => describeGraphics(await engine.graphics(), config.edition);
  const downloads = openDownloads(config, foundation, clock, () => successor.look());
  const doctor = openDoctor({
    graphics,
    updates,
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
    // The one that a firewall has to let through.
    port: () => Number(new URL(office.state().address ?? address).port),
    engine: others.all,
    machine: engine.machine,
    ollama: others.ollama,
    upstreams: others.upstreams,
    standing: router.standing,
    stands: options.doctor,
  });
  /** What it takes to answer, whoever asks. */
  const serving: ServeServices = {
    store,
    gate,
    engines,
    router,
    answers,
    pauses: owner.pauses,
    ledger,
    clock,
    timers,
    log,
    running,
    isOffline: online.isOffline,
    onBegin: board.publishSoon,
  };
  const admin = createAdminRouter(
    {
      store,
      online,
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
      supply: openSupply(config, foundation, downloads),
      rescanModels: () => engine.rescan(),
      configureModel: commands.configure,
      loadAnyway: commands.loadAnyway,
      engineLog: () => lastOfEngine(dataDir),
      engineVersion: config.engineVersion,
      trials,
      ports,
      adminToken,
      windowToken,
      edge,
      setup,
      browserTickets,
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
      checks,
      updates,
      owner,
      graphics,
      playground: createPlayground(serving),
      successor,
      restart: options.restart ?? null,
    },
    { cheapPasswords: options.cheapPasswords ?? false },
  );
  const app = createApp({
    ...serving,
    gate: outsideGate(gate),
    edge,
    https,
    isOwnName: (name) =>
      isLoopbackName(name) || office.isOwnName(name) || https.isOwnName(name) || isOutsideName(store, name),
    sawRequestFrom: office.sawRequestFrom,
    isReady: () => isReady,
    metrics: metricsRoute({ metrics, gate, adminToken, catchUp: ledger.catchUp }),
    admin,
    pair: pairRouter({ store, clock, engines, gate, pairing, https, officeName: office.name, rendererDir }),
    me: {
      reader,
      officeName: office.name,
      badgesOf: ({ id, engine: whose }) => checks.find(id, whose)?.badges ?? [],
    },
    updateFeed: updates.seen,
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
    browserTickets,
    pairing,
    router,
    downloads,
    others,
    audit,
    backups,
    exports,
    checks,
    updates,
    owner,
    successor,
    trials,
    ports,
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
