import type { Config } from './config.ts';
import type { Logger } from './core/logger.ts';
import { giveUp, layFoundation, type Foundation } from './compose-foundation.ts';
import { noteStart } from './compose-record.ts';
import { listenOnLoopback } from './http/listen.ts';
import { drain } from './http/drain.ts';
import { noteRestored } from './store/backup/restored.ts';
import { furnish, type HouseOptions } from './compose-house.ts';

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
  house.checks.begin();
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
      await house.checks.stop();
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
