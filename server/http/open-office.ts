import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Timers } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { readNetwork, type Network } from '../lan/addresses.ts';
import { advertise } from '../lan/advertise.ts';
import { createOffice, type Office } from '../lan/office.ts';
import type { Live } from '../record/live.ts';
import type { Store } from '../store/open.ts';
import { getSetting, setSetting } from '../store/settings.ts';
import { listenOn } from './listen.ts';

/** The office switch, tied to this server's listener, store and live view. */
export type OpenedOffice = Pick<Office, 'state' | 'sawRequestFrom' | 'isOwnName' | 'stop'> & {
  /** What pairing pages and announcements call this server: "Inglenook on desk-1". */
  readonly name: string;
  /** Once the server listens on loopback: opens if the owner had let the office in, or `letIn` says so. */
  readonly begin: (server: BegunServer) => Promise<void>;
  /** The owner's choice, kept over restarts. */
  readonly choose: (choice: OfficeChoice) => Promise<void>;
  /** The address the owner has asked for; null while the routing table decides. */
  readonly chosenAddress: () => string | null;
};

export type BegunServer = {
  readonly handler: RequestListener;
  readonly port: number;
  readonly letIn: boolean;
};

const officeChoice = z.object({ on: z.boolean(), address: z.string().nullable() });
export type OfficeChoice = z.infer<typeof officeChoice>;

type OfficeServices = {
  readonly store: Store;
  readonly live: Live;
  readonly log: Logger;
  readonly version: string;
  readonly timers: Timers;
  readonly readNetwork?: (() => Promise<Network>) | undefined;
};

const settingName = 'lan';

export function openOffice(services: OfficeServices): OpenedOffice {
  const { store, live, log } = services;
  let server: BegunServer | null = null;
  const name = `Inglenook on ${hostname().split('.')[0] ?? 'this computer'}`;
  const office = createOffice({
    port: () => server?.port ?? 0,
    openListener: async (address) => {
      if (server === null) throw new Error('the server does not listen yet');
      const listener = await listenOn(server.handler, address, server.port);
      log.info('The office is let in.', { address, port: server.port });
      return {
        close: async () => {
          const closed = listener.close();
          listener.closeNow();
          await closed;
        },
      };
    },
    advertise: (address, onChange) =>
      advertise({
        name,
        address,
        port: server?.port ?? 0,
        id: installationId(),
        version: services.version,
        onChange,
      }),
    readNetwork: services.readNetwork ?? readNetwork,
    timers: services.timers,
    onChange: (state) => live.publish({ type: 'lan', lan: state }),
    onProblem: (message, error) => log.warn(message, { error }),
  });
  const keptChoice = (): OfficeChoice =>
    officeChoice.safeParse(getSetting(store, settingName)).data ?? { on: false, address: null };
  return {
    ...office,
    name,
    chosenAddress: () => keptChoice().address,
    begin: async (begun) => {
      server = begun;
      const choice = keptChoice();
      if (choice.on || begun.letIn) await office.set(true, choice.address);
    },
    choose: async (choice) => {
      setSetting(store, settingName, choice);
      await office.set(choice.on, choice.address);
    },
  };
}

/** The same at every start on this computer, and telling nothing about it. */
function installationId(): string {
  return createHash('sha256').update(`inglenook ${hostname()}`).digest('hex').slice(0, 8);
}
