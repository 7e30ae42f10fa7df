import type { LogRow } from '../core/log-row.ts';

/** Somebody else's store of our rows. What it was sent before and is sent again changes nothing there. */
export type Receiver = {
  /** So many rows are sent at once. */
  readonly mostRows: number;
  /** @throws Undelivered when it cannot be told that all have arrived; the signal's reason when that ends it */
  readonly send: (rows: readonly LogRow[], signal: AbortSignal) => Promise<Receipt>;
  /** Whether rows could be sent, without sending any. @throws like `send` */
  readonly check: (signal: AbortSignal) => Promise<void>;
};

/** How many of the rows the receiver has said it will never take, and why in its words. */
export type Receipt = { readonly refused: number; readonly reason: string | null };

export const allTaken: Receipt = { refused: 0, reason: null };

/** The batch has not arrived. The message is a sentence for the owner, without secrets and without rows. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered';
  /** `rows`: the receiver works but does not take these; fewer of them may do. `way`: try the same again later. */
  readonly blame: 'way' | 'rows';
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    details: {
      readonly blame?: 'rows';
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.blame = details.blame ?? 'way';
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
