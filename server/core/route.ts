/** What the way to an answer was; written as it happens, read by the record and the answer's headers. */
export type Route = {
  servedModel: string | null;
  engine: string | null;
  /** Model ids in the order they were tried; the last one serves. */
  tried: string[];
  /** What it waits for just now: its model to be loaded, or a free place at it; null once it is being answered. */
  waitsFor?: 'model' | 'place' | null;
  /** Where it stands in the queue just now; null or absent while it stands in none. */
  standing?: (() => Standing | null) | null;
  /** Where it stood when it entered the queue; absent where it never waited. */
  enteredAt?: Standing;
  /** The engine outside the office it was sent to: it has left, whether or not an answer came back. */
  leftOffice?: string;
  queueMs: number;
  loadMs: number;
};

export type Standing = {
  /** 1 is the next. Others may still come ahead: the order is by who has been served least. */
  readonly place: number;
  /** How many wait, this one among them. */
  readonly of: number;
  /** How long it will probably wait from now; null before anything was measured. */
  readonly estimateMs: number | null;
};

/** For whom an engine is asked, as far as the order of the queue and the way out of the office depend on it. */
export type Asker = {
  /** Null shares one place in the queue with all others without a key. */
  readonly keyId: string | null;
  /** How much more than the usual (1) it may be served, when several wait. */
  readonly weight: number;
  readonly mayLeaveOffice: boolean;
  /** Has its turn only when nobody else waits, however long that takes: the server's own requests. */
  readonly isBackground?: true;
};

/** Usual share, nothing leaves. */
export const nobody: Asker = { keyId: null, weight: 1, mayLeaveOffice: false };

/** The way of one request through the routing: who asks, what becomes of it, and what ends it. */
export type Way = {
  readonly route: Route;
  readonly signal: AbortSignal;
  /** Absent: `nobody`. */
  readonly asker?: Asker;
};
