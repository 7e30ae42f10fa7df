import type { ComposedServer } from '../../fakes/composed.ts';

/** A key that may send its requests out of the office. */
export async function createKey(server: Pick<ComposedServer, 'admin'>): Promise<string> {
  const made = (await server.admin('POST', '/keys', { name: 'desk', mayLeave: true })) as { key: string };
  return made.key;
}
