import { meState, type MeState } from '../../../server/wire/me.ts';
import type { TestServer } from '../http/harness.ts';

export const askMe = (url: string, key: string | null, path = '/me/state'): Promise<Response> =>
  fetch(`${url}${path}`, { headers: key === null ? {} : { authorization: `Bearer ${key}` } });

/** What the key is told, held to have nothing beside what the schema names. */
export async function stateOf({ url }: Pick<TestServer, 'url'>, key: string): Promise<MeState> {
  const answer = await askMe(url, key);
  const told: unknown = await answer.json();
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(told)}`);
  return meState.strict().parse(told);
}

export async function codeOf(answer: Response): Promise<readonly [number, string]> {
  const { error } = (await answer.json()) as { error: { code: string } };
  return [answer.status, error.code];
}
