import { z } from 'zod';
import { edgeSettings, usualEdge, type EdgeSettings } from '../wire/edge.ts';
import type { Store } from './open.ts';
import { setSetting, settingReader } from './settings.ts';

const name = 'edge';

const { shape } = edgeSettings;
/**
 * Each falls back to the usual where another program has written what this one does not know; but an allow-list that
 * cannot be read must not let everybody in, so then it is this computer alone.
 */
const stored = z.object({
  allow: shape.allow.default([]).catch(['127.0.0.1']),
  trustedProxies: shape.trustedProxies.catch(usualEdge.trustedProxies),
  connectionsPerAddress: shape.connectionsPerAddress.catch(usualEdge.connectionsPerAddress),
  connectionsBeforeKey: shape.connectionsBeforeKey.catch(usualEdge.connectionsBeforeKey),
  connectionsOffice: shape.connectionsOffice.catch(usualEdge.connectionsOffice),
  connectionsLoopback: shape.connectionsLoopback.catch(usualEdge.connectionsLoopback),
  connectionsReserved: shape.connectionsReserved.catch(usualEdge.connectionsReserved),
  requestsPerMinute: shape.requestsPerMinute.catch(usualEdge.requestsPerMinute),
  streamsPerAddress: shape.streamsPerAddress.catch(usualEdge.streamsPerAddress),
  blockGuessers: shape.blockGuessers.catch(usualEdge.blockGuessers),
});

/** Read for every connection and request, so what it was parsed to is kept until it changes. */
export const getEdgeSettings: (store: Store) => EdgeSettings = settingReader(name, (value) =>
  stored.parse(value ?? {}),
);

/** What is left out stays as it is. */
export function setEdgeSettings(store: Store, change: Partial<EdgeSettings>): void {
  setSetting(store, name, { ...getEdgeSettings(store), ...change });
}
