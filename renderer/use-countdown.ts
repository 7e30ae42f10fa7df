import { useEffect, useState } from 'react';

/** Milliseconds until then, renewed each second; 0 from then on. */
export function useCountdown(iso: string): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Date.parse(iso) - nowMs);
}
