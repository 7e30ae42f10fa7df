import type { Crowd } from '../core/crowd.ts';
import { AppError } from '../core/errors.ts';
import { endExchanges, type Exchange } from './exchange.ts';
import type { Listener } from './listen.ts';

/** The error frames of answers just ended get this long to reach their clients. */
const farewellMs = 100;
const lookEveryMs = 20;

/** No new connections; running answers may end within the time, then they are ended with a sentence. */
export async function drain(listener: Listener, running: Crowd<Exchange>, drainMs: number): Promise<void> {
  const closed = listener.close();
  const deadline = performance.now() + drainMs;
  while (running.size > 0 && performance.now() < deadline) await pause(lookEveryMs);
  if (running.size > 0) {
    endExchanges(running, stopping(), () => true);
    await pause(farewellMs);
  }
  listener.closeNow();
  await closed;
}

/** Ends the running answers of a key that must not be used any more; or only those begun with a text that was replaced. */
export function endKey(running: Iterable<Exchange>, keyId: string, which: 'all' | 'former' = 'all'): void {
  const revoked = new AppError('This key has just been revoked by the owner; the answer ends here.', {
    status: 401,
    code: 'invalid_api_key',
    retryable: false,
  });
  endExchanges(
    running,
    revoked,
    ({ principal }) => principal?.keyId === keyId && (which === 'all' || principal.formerHint !== undefined),
  );
}

function stopping(): AppError {
  return new AppError('The server is being stopped; the answer ends here. Please try again in a minute.', {
    status: 503,
    code: 'server_stopping',
    retryAfterSeconds: 60,
  });
}

async function pause(durationMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, durationMs));
}
