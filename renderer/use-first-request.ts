import { useEffect, useState } from 'react';
import { checkKeyId } from '../server/wire/checks.ts';
import { playgroundClient } from '../server/wire/playground.ts';
import type { WireLogRow } from '../server/wire/admin.ts';
import { onRequestFinished } from './live.ts';

/**
 * What has come since this was first shown: the first request that was let through, or, until there is one, the
 * latest that was not. With a key's id only its own requests count, and those whose key is nobody's: somebody who is
 * just setting up a tool wants to hear of a mistyped key. Give the component the id as its `key`.
 */
export function useFirstRequest(keyId: string | null): WireLogRow | null {
  const [seen, setSeen] = useState<WireLogRow | null>(null);
  useEffect(
    () =>
      onRequestFinished((row) => {
        // What the server asks for itself proves nothing about any device.
        if (row.keyId === checkKeyId) return;
        // Nor does what the owner tries, be it by a device's limits.
        if (row.client === playgroundClient) return;
        const isWanted = keyId === null || row.keyId === keyId || row.keyId === null;
        if (isWanted) setSeen((before) => (before !== null && cameThrough(before) ? before : row));
      }),
    [keyId],
  );
  return seen;
}

/** Also one that was broken off by its sender: address and key were right. */
export function cameThrough(row: WireLogRow): boolean {
  return row.status === 'ok' || row.status === 'cancelled';
}
