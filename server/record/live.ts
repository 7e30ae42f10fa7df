import type { LivePacket } from '../wire/events.ts';

type LiveSubscriber = {
  readonly onPacket: (packet: LivePacket) => void;
  /** The hub is closing: nothing more will come. */
  readonly onEnd: () => void;
};

/** Announces what happens to whoever looks on (the console's live view). Announcements steer nothing. */
export type Live = {
  /**
   * Never throws. Packets that carry a whole state (`models`, `status`, `downloads`) are sent at most five times a second,
   * the latest one winning; all others at once.
   */
  readonly publish: (packet: LivePacket) => void;
  /** Whether anybody looks on, and news that cost something to gather are worth it. */
  readonly isWatched: () => boolean;
  /** Returns the function that ends the subscription. After `close`, `onEnd` is called right away. */
  readonly subscribe: (subscriber: LiveSubscriber) => () => void;
  /** Ends every subscription, so that a stopping server does not wait for open pages. */
  readonly close: () => void;
};

export type LiveTime = {
  readonly monotonicMs: () => number;
  /** Calls back once after the delay; the returned function cancels. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
};

const leastGapMs = 200;

export function createLive(time: LiveTime = systemTime): Live {
  const subscribers = new Set<LiveSubscriber>();
  let closed = false;

  const deliver = (packet: LivePacket): void => {
    for (const subscriber of subscribers) {
      try {
        subscriber.onPacket(packet);
      } catch {
        // One broken onlooker must not keep the news from the others, nor from the caller.
        subscribers.delete(subscriber);
      }
    }
  };
  const coalesced = {
    models: createCoalescer(time, deliver),
    status: createCoalescer(time, deliver),
    downloads: createCoalescer(time, deliver),
  };
  return {
    publish(packet) {
      if (closed) return;
      switch (packet.type) {
        case 'models':
        case 'status':
        case 'downloads':
          coalesced[packet.type].push(packet);
          break;
        case 'request-finished':
        case 'keys-changed':
        case 'aliases-changed':
        case 'pairings-changed':
        case 'upstreams-changed':
        case 'edge-changed':
        case 'updates-changed':
        case 'trials-changed':
        case 'lan':
        case 'owner':
        case 'check':
          deliver(packet);
          break;
      }
    },
    isWatched: () => subscribers.size > 0,
    subscribe(subscriber) {
      if (closed) {
        subscriber.onEnd();
        return () => undefined;
      }
      subscribers.add(subscriber);
      return () => void subscribers.delete(subscriber);
    },
    close() {
      closed = true;
      coalesced.models.cancel();
      coalesced.status.cancel();
      coalesced.downloads.cancel();
      const ending = [...subscribers];
      subscribers.clear();
      for (const subscriber of ending) subscriber.onEnd();
    },
  };
}

type Coalescer = { readonly push: (packet: LivePacket) => void; readonly cancel: () => void };

/** The first packet goes out at once; those within the gap after it are replaced by the last of them. */
function createCoalescer(time: LiveTime, deliver: (packet: LivePacket) => void): Coalescer {
  let sentMs = Number.NEGATIVE_INFINITY;
  let waiting: LivePacket | null = null;
  let cancelTimer: (() => void) | null = null;

  const send = (packet: LivePacket): void => {
    sentMs = time.monotonicMs();
    deliver(packet);
  };
  const flush = (): void => {
    cancelTimer = null;
    const packet = waiting;
    waiting = null;
    if (packet !== null) send(packet);
  };
  return {
    push(packet) {
      const gapLeftMs = sentMs + leastGapMs - time.monotonicMs();
      if (cancelTimer === null && gapLeftMs <= 0) return send(packet);
      waiting = packet;
      cancelTimer ??= time.after(Math.max(1, gapLeftMs), flush);
    },
    cancel() {
      cancelTimer?.();
      cancelTimer = null;
      waiting = null;
    },
  };
}

const systemTime: LiveTime = {
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
