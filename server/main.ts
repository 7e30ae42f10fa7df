import { compose, type Inglenook } from './compose.ts';
import { readConfig } from './config.ts';
import { systemTimers } from './core/clock.ts';
import { AppError } from './core/errors.ts';
import { connectHost } from './host-link.ts';
import { serveHost } from './host-news.ts';
import { announcedServer } from './store/claim.ts';

/**
 * The server's entry, headless or below the app's window: configuration → compose → ready → until told to stop.
 * stdout carries one line, the ready line; everything else goes to stderr and the log files.
 */

/** What running answers get to end in; the whole stop stays below ten seconds. */
const drainMs = 8_000;
/** Only in the first minutes, when nobody has a key yet. */
const restartDrainMs = 1_000;

const host = connectHost();
let dataDir: string | null = null;
try {
  await main();
} catch (error) {
  failToStart(error);
}

function failToStart(error: unknown): void {
  const message =
    error instanceof AppError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`Inglenook could not start. ${message}\n`);
  const code = error instanceof AppError ? error.code : 'internal_error';
  const running = code === 'already_running' && dataDir !== null ? announcedServer(dataDir) : null;
  host.send({ v: 1, type: 'fatal', code, message, ...(running === null ? {} : { running }) });
  process.exitCode = 1;
  // Whatever is still open (the channel to the host, a timer) must not keep a server alive that does not serve.
  setTimeout(() => process.exit(), 500);
  process.disconnect?.();
}

async function main(): Promise<void> {
  const init = await host.init;
  const config = readConfig();
  const place = init?.dataDir ?? config.dataDir;
  dataDir = place;
  const running = await keepRunning((port, restart) =>
    compose(
      { ...config, dataDir: place },
      {
        windowToken: init?.windowToken ?? null,
        keychain: init?.keychain ?? null,
        restart,
        ...(port === null ? {} : { port }),
      },
    ),
  );
  const { address, setupLink } = running.now();
  stopOnRequest(running);
  tellSetupLink(setupLink);
  process.stdout.write(`Inglenook is ready at ${address}\n`);
}

function tellSetupLink(link: string | null): void {
  if (link !== null) process.stderr.write(`First start: set the owner's password at ${link}\n`);
}

type Running = {
  readonly now: () => Inglenook;
  /** Never rejects; also while the server begins anew. */
  readonly stop: (withinMs: number) => Promise<void>;
};

/** One server after the other in this process: a restored backup is put in place between two of them. */
async function keepRunning(
  open: (port: number | null, restart: () => void) => Promise<Inglenook>,
): Promise<Running> {
  let isStopping = false;
  let turn: Promise<void> = Promise.resolve();
  let now = await open(null, restart);
  // The first word to the host; all else is news about it.
  host.send({ v: 1, type: 'ready', port: now.port });
  let endNews = serveHost(host, now.host, systemTimers);

  function restart(): void {
    turn = turn.then(async () => {
      if (isStopping) return;
      endNews();
      await now.stop(restartDrainMs);
      // Whoever is told of an address keeps it.
      now = await open(now.port, restart);
      endNews = serveHost(host, now.host, systemTimers);
      tellSetupLink(now.setupLink);
    });
    turn.catch(failToStart);
  }

  return {
    now: () => now,
    async stop(withinMs) {
      isStopping = true;
      await turn.catch(() => undefined);
      endNews();
      await now.stop(withinMs);
    },
  };
}

/** SIGINT, SIGTERM, a message of the app, or the end of whoever started us: drain once, then exit 0. */
function stopOnRequest(running: Running): void {
  let stopping = false;
  const stop = async (exitCode: number, withinMs = drainMs): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await running.stop(withinMs);
    process.exit(exitCode);
  };
  const stopCleanly = (): void => void stop(0);
  process.on('SIGINT', stopCleanly);
  process.on('SIGTERM', stopCleanly);
  host.onGone(stopCleanly);
  host.onMessage((message) => {
    if (message.type === 'drain') void stop(0, message.ms);
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      running.now().log.error('An error nobody expected; the server stops.', { error });
      void stop(1);
    });
  }
}
