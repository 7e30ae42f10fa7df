import { compose, type Inglenook } from './compose.ts';
import { readConfig } from './config.ts';
import { AppError } from './core/errors.ts';
import { connectHost } from './host-link.ts';

/**
 * The server's entry, headless or below the app's window: configuration → compose → ready → until told to stop.
 * stdout carries one line, the ready line; everything else goes to stderr and the log files.
 */

/** What running answers get to end in; the whole stop stays below ten seconds. */
const drainMs = 8_000;

const host = connectHost();
try {
  await main();
} catch (error) {
  const message =
    error instanceof AppError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`Inglenook could not start. ${message}\n`);
  host.send({
    v: 1,
    type: 'fatal',
    code: error instanceof AppError ? error.code : 'internal_error',
    message,
  });
  process.exitCode = 1;
  // Whatever is still open (the channel to the host, a timer) must not keep a server alive that does not serve.
  setTimeout(() => process.exit(), 500);
  process.disconnect?.();
}

async function main(): Promise<void> {
  const init = await host.init;
  const config = readConfig();
  const dataDir = init?.dataDir ?? config.dataDir;
  const inglenook = await compose({ ...config, dataDir }, { windowToken: init?.windowToken ?? null });
  stopOnRequest(inglenook);
  host.send({ v: 1, type: 'ready', port: inglenook.port });
  if (inglenook.setupLink !== null) {
    process.stderr.write(`First start: set the owner's password at ${inglenook.setupLink}\n`);
  }
  process.stdout.write(`Inglenook is ready at ${inglenook.address}\n`);
}

/** SIGINT, SIGTERM, a message of the app, or the end of whoever started us: drain once, then exit 0. */
function stopOnRequest(inglenook: Inglenook): void {
  let stopping = false;
  const stop = async (exitCode: number, withinMs = drainMs): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await inglenook.stop(withinMs);
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
      inglenook.log.error('An error nobody expected; the server stops.', { error });
      void stop(1);
    });
  }
}
