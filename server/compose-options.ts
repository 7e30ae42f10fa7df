import type { FoundationOptions } from './compose-foundation.ts';
import type { UpdateStands } from './compose-updates.ts';
import type { Clock, Timers } from './core/clock.ts';
import type { DoctorServices } from './http/open-doctor.ts';
import type { Network } from './lan/addresses.ts';
import type { Inhibitor } from './owner/keep-awake.ts';
import type { Keychain } from './store/server-secret.ts';

/** What may be other than usual; for the window and for tests. */
export type HouseOptions = FoundationOptions & {
  /** What the app's own window shows; null when there is no window. */
  readonly windowToken?: string | null;
  /** What keeps the server's secret sealed on the disk; null without the app. */
  readonly keychain?: Keychain | null;
  readonly clock?: Clock;
  /** What the office switch waits by; for tests. */
  readonly timers?: Timers;
  /** Another picture of the network than this computer's; for tests. */
  readonly readNetwork?: () => Promise<Network>;
  /** What keeps the computer awake in place of the system's own; for tests. */
  readonly inhibitor?: Inhibitor | null;
  /** What the doctor looks at in place of this computer’s usual ports and files; for tests. */
  readonly doctor?: DoctorServices['stands'];
  /** Another publisher than this build’s; for tests. */
  readonly updates?: UpdateStands;
  /** In place of any other: whoever was told of the address of before keeps it. */
  readonly port?: number;
  /** Ends this server and begins another on the same data and port, after a backup was put in place of a first set-up. */
  readonly restart?: () => void;
  /** Fast password hashes and passphrases; for tests only. */
  readonly cheapPasswords?: boolean;
};
