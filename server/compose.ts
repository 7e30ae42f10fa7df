import type { Config } from './config.ts';
import type { Logger } from './core/logger.ts';
import { giveUp, layFoundation, type Foundation } from './compose-foundation.ts';
import { noteStart } from './compose-record.ts';
import { listenOnLoopback } from './http/listen.ts';
import { drain } from './http/drain.ts';
import { keptPort } from './store/port-setting.ts';
import { noteRestored } from './store/backup/restored.ts';
import { createHostSide } from './compose-host.ts';
import type { HostSide } from './host-news.ts';
import { furnish } from './compose-house.ts';
import type { HouseOptions } from './compose-options.ts';

/** The running server, as its entry and the tests see it. */
export type Inglenook = {
  readonly port: number;
  readonly address: string;
  /** The one-time link to set the owner's password; null when there is one already. */
  readonly setupLink: string | null;
  readonly log: Logger;
  /** What the app that started it sees of it. */
  readonly host: HostSide;
  /** Accepts nothing new, lets running answers end for `drainMs`, then ends everything. Never rejects. */
  readonly stop: (drainMs: number) => Promise<void>;
};

/**
 * Builds the server and starts listening: the only place where the parts are put together.
 * @throws AppError with the sentence for the owner when it cannot start; nothing is left running then.
 */
export async function compose(config: Config, options: HouseOptions = {}): Promise<Inglenook> {
  const foundation = layFoundation(config, options);
  try {
    return await openHouse(config, options, foundation);
  } catch (error) {
    await giveUp(foundation);
    throw error;
  }
}

async function openHouse(config: Config, options: HouseOptions, foundation: Foundation): Promise<Inglenook> {
  const { claim, log, live, engine } = foundation;
  const house = furnish(config, options, foundation);
  if (foundation.restored !== null) noteRestored({ ...foundation, ...house }, foundation.restored);
  await engine.rescan();
  await house.https.begin();
  const front = { admit: house.edge.connections.admit, certificates: house.https.served };
  await house.trials.recover();
  const listener = await listenOnLoopback(house.app, options.port ?? portOf(config, foundation), front).catch(
    async (error: unknown) => {
      await house.https.stop();
      throw error;
    },
  );
  const address = `http://127.0.0.1:${listener.port}`;
  house.setAddress(address);
  house.owner.begin();
  house.ports.begin({ handler: house.app, front, port: listener.port });
  await house.office.begin({ handler: house.app, port: listener.port, letIn: config.lan, front });
  claim.announce({ pid: process.pid, port: listener.port });
  house.setReady(true);
  house.downloads.begin();
  house.others.begin();
  house.backups.begin();
  house.exports.begin();
  house.checks.begin();
  house.updates.begin();
  house.owner.hours.begin();
  house.successor.look();
  engine.preload();
  log.info('The server is ready.', { address, version: config.version });
  noteStart(house.audit, { version: config.version, address, officeLetIn: house.office.state().on });
  const { setup } = house;
  return {
    port: listener.port,
    address,
    setupLink: setup === null ? null : `${address}/console/setup#${setup.token}`,
    log,
    host: createHostSide({ ...house, ...foundation, address }),
    stop: async (drainMs) => {
      house.setReady(false);
      house.owner.stop();
      void house.office.withdraw();
      live.close();
      await house.successor.stop();
      await house.checks.stop();
      await house.updates.stop();
      await house.downloads.stop();
      await house.backups.stop();
      await drain(listener, house.running, drainMs);
      house.ledger.close();
      await house.others.stop();
      house.neighbours.stop();
      house.trials.stop();
      await house.ports.close();
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

/** What was asked for from outside counts before what the owner has set in the console. */
function portOf({ port, isUsualPort }: Config, { store }: Foundation): number {
  return isUsualPort === true ? (keptPort(store) ?? port) : port;
}
