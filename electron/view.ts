import type { HostState } from '../server/wire/host.ts';
import type { Phase } from './supervisor.ts';

/** All that tray and menus are drawn from. */
export type View = {
  readonly server: Phase['name'] | 'quitting';
  /** Null until the server has told. */
  readonly state: HostState | null;
  /** `http://127.0.0.1:11500`; null while no server runs. */
  readonly address: string | null;
  readonly waitingDevices: number;
};

/** What can be chosen in tray and menus. */
export type Actions = {
  readonly open: (path?: string) => void;
  readonly openInBrowser: () => void;
  readonly copy: (text: string) => void;
  readonly pause: (what: 'all' | 'gpu', untilMs: number | null) => void;
  readonly resume: (what: 'all' | 'gpu') => void;
  readonly retry: () => void;
  readonly restart: () => void;
  readonly openLogs: () => void;
  readonly openData: () => void;
  readonly quit: () => void;
};
