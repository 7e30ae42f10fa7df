import { expect, onTestFinished, test } from 'vitest';
import type { Neighbour } from '../../../server/lan/neighbours.ts';
import { neighbourhood } from '../../../server/wire/neighbours.ts';
import { addUpstream } from '../../../server/store/upstreams.ts';
import { startAdminServer } from '../admin/admin-server.ts';

const found: Neighbour = {
  name: 'Inglenook on desk-2',
  id: '12ab34cd',
  host: 'inglenook-2.local',
  address: '192.168.7.30',
  port: 11_500,
  path: '/v1',
  hasHttps: true,
};

test('what was found is offered by its address, and told where it is an upstream already', async () => {
  const server = await startAdminServer({
    neighbours: {
      look: async () => ({
        neighbours: [found, { ...found, name: 'Inglenook on desk-3', port: 80 }],
        problem: null,
      }),
      stop() {},
    },
  });
  onTestFinished(() => server.close());
  const read = async () => neighbourhood.parse((await server.asOwner('GET', '/api/neighbours')).json);
  expect((await read()).neighbours).toEqual([
    {
      name: 'Inglenook on desk-2',
      host: 'inglenook-2.local',
      url: 'http://192.168.7.30:11500/v1',
      hasHttps: true,
      upstream: null,
    },
    expect.objectContaining({ url: 'http://192.168.7.30:80/v1', upstream: null }),
  ]);
  const usual = {
    kind: 'inglenook',
    mayLeave: false,
    slots: null,
    routingHeader: null,
    contextTokens: null,
  } as const;
  addUpstream(server.store, { ...usual, name: 'desk-two', url: 'https://inglenook-2.local:11500/v1' }, 0);
  addUpstream(server.store, { ...usual, name: 'desk-three', url: 'http://192.168.7.30/v1' }, 0);
  expect((await read()).neighbours.map(({ upstream }) => upstream)).toEqual(['desk-two', 'desk-three']);
});

test('nobody but the owner is told who is there', async () => {
  const server = await startAdminServer();
  onTestFinished(() => server.close());
  const response = await fetch(`${server.origin}/api/neighbours`);
  expect(response.status).toBe(401);
});
