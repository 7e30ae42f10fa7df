import type { Upstream } from '../core/upstream.ts';
import type { Neighbour } from '../lan/neighbours.ts';
import { listUpstreams } from '../store/upstreams.ts';
import { neighbourhood, type WireNeighbour, type WireNeighbourhood } from '../wire/neighbours.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** Other Inglenooks on the network, to be offered as upstreams. Nothing is sent to one before the owner says so. */
export const neighbourRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/neighbours',
    summary:
      'Other Inglenooks that announce themselves on the network. Hints, which anybody could forge; the first question takes a second or two.',
    // The console asks again and again while the page is open.
    isUse: false,
    answer: neighbourhood,
    handle: async ({ context }): Promise<WireNeighbourhood> => {
      const { neighbours, problem } = await context.neighbours.look();
      const upstreams = listUpstreams(context.store);
      return { neighbours: neighbours.map((found) => toWire(found, upstreams)), problem };
    },
  }),
];

function toWire(found: Neighbour, upstreams: readonly Upstream[]): WireNeighbour {
  const { name, host, address, port, path, hasHttps } = found;
  const places = new Set([`${address}:${port}`, `${host}:${port}`]);
  return {
    name,
    host,
    url: `http://${address}:${port}${path}`,
    hasHttps,
    upstream: upstreams.find(({ url }) => places.has(placeOf(url)))?.name ?? null,
  };
}

/** Host and port, the port said even where it is the usual one. */
function placeOf(text: string): string {
  const url = new URL(text);
  return `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port}`;
}
