import { createHash, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Clock, Timers } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { chooseAddress, readNetwork, type Network } from '../lan/addresses.ts';
import { advertise } from '../lan/advertise.ts';
import type { AdvertisedTls } from '../lan/announcement.ts';
import { createOffice, type Office, type OwnNetwork } from '../lan/office.ts';
import type { Live } from '../record/live.ts';
import type { Store } from '../store/open.ts';
import { officeName } from '../store/office-name.ts';
import { getSetting, setSetting } from '../store/settings.ts';
import type { FrontOptions } from './front.ts';
import { listenOn, nextFreePort } from './listen.ts';

/** The office switch, tied to this server's listener, store and live view. */
export type OpenedOffice = Pick<
  Office,
  | 'state'
  | 'sawRequestFrom'
  | 'lastRequest'
  | 'addressChanges'
  | 'isOwnName'
  | 'refresh'
  | 'lookAgain'
  | 'withdraw'
  | 'silence'
  | 'stop'
> & {
  /** What pairing pages and announcements call this server: "Inglenook on desk-1", or the owner's own words. */
  readonly name: () => string;
  /** Once the server listens on loopback: opens if the owner had let the office in, or `letIn` says so. */
  readonly begin: (server: BegunServer) => Promise<void>;
  /** The owner's choice, kept over restarts. */
  readonly choose: (choice: OfficeChoice) => Promise<void>;
  /** The address the owner has asked for; null while the routing table decides. */
  readonly chosenAddress: () => string | null;
  /** Eight hex digits by which others on the network tell this installation from their own. */
  readonly id: string;
  /** The address the office would be let in at, also while it is not; null without a network. */
  readonly bestAddress: () => Promise<string | null>;
};

export type BegunServer = {
  readonly handler: RequestListener;
  readonly port: number;
  readonly letIn: boolean;
  /** How the office's listener is to treat connections; as that on loopback does. */
  readonly front?: FrontOptions;
};

const officeChoice = z.object({
  on: z.boolean(),
  address: z.string().nullable(),
  /** For the office alone; absent or null for the server's own. */
  port: z.number().int().nullish(),
});
export type OfficeChoice = z.infer<typeof officeChoice>;

type OfficeServices = {
  readonly store: Store;
  readonly live: Live;
  readonly log: Logger;
  readonly version: string;
  readonly timers: Timers;
  readonly clock: Clock;
  /** What announcements say of https; read at each of them. */
  readonly tls?: (() => AdvertisedTls) | undefined;
  /** Addresses or names of this computer are others than before: a certificate for it has to follow. */
  /** Other computers are answered by https alone. */
  readonly isHttpsOnly?: (() => boolean) | undefined;
  readonly onNetwork?: ((network: OwnNetwork) => void) | undefined;
  readonly readNetwork?: (() => Promise<Network>) | undefined;
};

const settingName = 'lan';

export function openOffice(services: OfficeServices): OpenedOffice {
  const { store, live, log } = services;
  let server: BegunServer | null = null;
  const name = (): string => officeName(store);
  const id = installationId(store);
  const look = services.readNetwork ?? readNetwork;
  const keptChoice = (): OfficeChoice =>
    officeChoice.safeParse(getSetting(store, settingName)).data ?? { on: false, address: null };
  const officePort = (): number => keptChoice().port ?? server?.port ?? 0;
  const office = createOffice({
    port: officePort,
    findFreePort: (address) => nextFreePort(address, officePort() + 1),
    openListener: async (address) => {
      if (server === null) throw new Error('the server does not listen yet');
      const { handler, front } = server;
      const port = officePort();
      const listener = await listenOn(handler, { address, port }, front);
      log.info('The office is let in.', { address, port });
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
        port: officePort(),
        id,
        version: services.version,
        tls: services.tls ?? (() => ({ isOn: false, fingerprint: null })),
        timers: services.timers,
        onChange,
      }),
    readNetwork: look,
    timers: services.timers,
    clock: services.clock,
    isHttpsOnly: services.isHttpsOnly,
    ...(services.onNetwork === undefined ? {} : { onNetwork: services.onNetwork }),
    onChange: (state) => live.publish({ type: 'lan', lan: state }),
    onProblem: (message, error) => log.warn(message, { error }),
  });
  return {
    ...office,
    name,
    id,
    chosenAddress: () => keptChoice().address,
    bestAddress: async () => {
      const { addresses, routes } = await look();
      return chooseAddress(addresses, routes, keptChoice().address)?.address ?? null;
    },
    begin: async (begun) => {
      server = begun;
      const choice = keptChoice();
      if (choice.on || begun.letIn) await office.set(true, choice.address);
    },
    choose: async (choice) => {
      // A choice of address says nothing of the port.
      const port = choice.port === undefined ? keptChoice().port : choice.port;
      setSetting(store, settingName, { ...choice, port: port ?? null });
      await office.set(choice.on, choice.address);
    },
  };
}

/**
 * The same at every start, telling nothing about the computer, and another on each: with the name in it, since a
 * backup may have been brought here from another, and with a number of its own, since names repeat.
 */
function installationId(store: Store): string {
  const kept = z.string().safeParse(getSetting(store, 'lan.id')).data;
  const own = kept ?? randomBytes(16).toString('hex');
  if (kept === undefined) setSetting(store, 'lan.id', own);
  return createHash('sha256').update(`inglenook ${hostname()} ${own}`).digest('hex').slice(0, 8);
}
