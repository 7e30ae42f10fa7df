import { useEffect, useState } from 'react';
import { serverNowMs } from './server-time.ts';

/** Milliseconds until then by the server's clock, renewed each second; 0 from then on. */
export function useCountdown(iso: string): number {
  const [nowMs, setNowMs] = useState(serverNowMs);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(serverNowMs()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Date.parse(iso) - nowMs);
}
