/** Bytes per second over the last five seconds; zero once nothing has come for as long. */
export type SpeedMeter = { readonly add: (bytes: number) => void; readonly bytesPerSecond: () => number };

const windowMs = 5000;
const sampleMs = 250;

export function createSpeedMeter(monotonicMs: () => number): SpeedMeter {
  const beganMs = monotonicMs();
  const samples: { atMs: number; bytes: number }[] = [];

  const forgetOld = (nowMs: number): void => {
    while (samples[0] !== undefined && samples[0].atMs <= nowMs - windowMs) samples.shift();
  };
  return {
    add(bytes) {
      const nowMs = monotonicMs();
      const last = samples.at(-1);
      if (last !== undefined && nowMs - last.atMs < sampleMs) last.bytes += bytes;
      else samples.push({ atMs: nowMs, bytes });
      forgetOld(nowMs);
    },
    bytesPerSecond() {
      const nowMs = monotonicMs();
      forgetOld(nowMs);
      const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
      // In the first moments the window is not yet full; less than a second would only show noise.
      const spanMs = Math.max(1000, Math.min(windowMs, nowMs - beganMs));
      return Math.round((bytes * 1000) / spanMs);
    },
  };
}
