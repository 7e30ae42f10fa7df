import type { MessageToServer } from '../server/wire/host.ts';
import { createBackOff, healthyAfterMs } from './back-off.ts';
import type { Failure, ServerProcess } from './server-process.ts';
import type { Time } from './time.ts';

/**
 * Keeps one server running:
 *
 *     starting ──ready──► running ──ends──► waiting ──1…30 s──► starting
 *        └──────── does not come ────────────┘   └──fifth time in five minutes, or no use in trying──► failed
 *
 * `failed` waits for `retry`. `stop` leads out of every state, for good.
 */
export type Supervisor = {
  readonly phase: () => Phase;
  /** False where there is nobody to tell. */
  readonly send: (message: MessageToServer) => boolean;
  /** The person wants another try. */
  readonly retry: () => void;
  /** Drains the present server and starts another; resolves when the old one has gone. */
  readonly restart: (drainMs: number) => Promise<void>;
  readonly stop: (drainMs: number) => Promise<void>;
};

export type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'running'; readonly port: number }
  | { readonly name: 'waiting'; readonly failure: Failure; readonly waitMs: number }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'stopped' };

export type SupervisorOptions = {
  readonly start: () => ServerProcess | Promise<ServerProcess>;
  readonly time: Time;
  readonly onPhase: (phase: Phase) => void;
};

/** Trying again by itself does not help: somebody has to do something first, and the message says what. */
const hopeless: readonly string[] = [
  'already_running',
  'secret_sealed',
  'port_in_use',
  'port_unusable',
  'data_dir_unusable',
  'bad_configuration',
];

export function supervise({ start, time, onPhase }: SupervisorOptions): Supervisor {
  const backOff = createBackOff(time.monotonicMs);
  let phase: Phase = { name: 'starting' };
  let server: ServerProcess | null = null;
  let cancelWait = (): void => {};
  /** A restart was asked for: the end that comes is wanted. */
  let isRestarting = false;

  const enter = (next: Phase): void => {
    phase = next;
    onPhase(next);
  };
  const isOver = (): boolean => phase.name === 'stopped';

  async function run(): Promise<void> {
    enter({ name: 'starting' });
    const own = await start();
    server = own;
    if (isOver()) return void own.stop(0);
    const started = await own.ready;
    if (isOver()) return;
    let stopClock = (): void => {};
    if (started.isReady) {
      enter({ name: 'running', port: started.port });
      stopClock = time.after(healthyAfterMs, backOff.healthy);
    }
    const failure = await own.exited;
    stopClock();
    server = null;
    if (isOver()) return;
    if (isRestarting) return begin();
    failed(failure);
  }

  function failed(failure: Failure): void {
    const waitMs = hopeless.includes(failure.code) ? null : backOff.failed();
    if (waitMs === null) return enter({ name: 'failed', failure });
    enter({ name: 'waiting', failure, waitMs });
    cancelWait = time.after(waitMs, begin);
  }

  function begin(): void {
    isRestarting = false;
    cancelWait();
    run().catch((error: unknown) => {
      if (isOver()) return;
      const message = error instanceof Error ? error.message : String(error);
      failed({ code: 'not_started', message: `The server could not be started: ${message}`, running: null });
    });
  }

  begin();
  return {
    phase: () => phase,
    send(message) {
      if (server === null || phase.name !== 'running') return false;
      server.send(message);
      return true;
    },
    retry() {
      if (phase.name !== 'failed' && phase.name !== 'waiting') return;
      backOff.forget();
      begin();
    },
    async restart(drainMs) {
      if (isOver()) return;
      backOff.forget();
      if (server === null) return phase.name === 'starting' ? undefined : begin();
      isRestarting = true;
      await server.stop(drainMs);
    },
    async stop(drainMs) {
      if (isOver()) return;
      cancelWait();
      enter({ name: 'stopped' });
      await server?.stop(drainMs);
    },
  };
}
