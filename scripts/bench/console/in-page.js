/**
 * Runs in the page before anything else.
 *
 * Keys and clicks: the browser's own figures, from the moment that the system had the input, waiting included, to the
 * picture after its handlers (W3C Event Timing, rounded to 8 ms; it is what Interaction to Next Paint is made of). Of the
 * events of one key or click the longest counts.
 *
 * The wheel is none of those, on purpose of that standard: from the event to the end of the frame in which its scrolling
 * was handled, which is where the list draws other rows.
 */
(() => {
  /** @type {Map<number, number>} */
  const interactions = new Map();
  /** @type {number[]} */
  const wheel = [];
  /** @type {number | null} */
  let turnedAt = null;
  Object.assign(globalThis, { paints: { interactions, wheel } });

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { interactionId, duration } = /** @type {PerformanceEventTiming} */ (entry);
      if (interactionId === 0) continue;
      interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
    }
  }).observe(/** @type {PerformanceObserverInit} */ ({ type: 'event', durationThreshold: 16 }));

  const passive = { passive: true, capture: true };
  addEventListener('wheel', ({ timeStamp }) => (turnedAt ??= timeStamp), passive);
  document.addEventListener(
    'scroll',
    () => {
      const since = turnedAt;
      if (since === null) return;
      turnedAt = null;
      // The frame's own callbacks are its last part before it is drawn; a message comes after that.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', () => wheel.push(performance.now() - since));
        port1.start();
        port2.postMessage(null);
      });
    },
    passive,
  );
})();
