import OpenAI from 'openai';
import type { FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { startTestServer, type TestServer } from './harness.ts';

/** The real app and the vendor's own client. Every answer and event is checked against the vendor's schemas by the harness. */

export const model = 'fake-model';

export async function start(
  options: FakeEngineOptions = {},
): Promise<TestServer & { readonly client: OpenAI }> {
  const server = await startTestServer(options);
  return { ...server, client: clientOf(server) };
}

export function clientOf(server: TestServer, apiKey = server.key): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${server.url}/v1`, maxRetries: 0 });
}
