import { z } from 'zod';
import { startComposed, type ComposedServer } from '../fakes/composed.ts';
import type { FakeEngineOptions } from '../fakes/fake-engine.ts';
import { scriptedAnswer } from '../fakes/scripted-answer.ts';

export type ScriptedServer = ComposedServer & { readonly apiUrl: string; readonly apiKey: string };

export const scriptedModel = 'fake-model';

/** The whole server with an engine that does what the prompt orders (`scriptedAnswer`), and a key for it. */
export async function startScripted(engine: FakeEngineOptions = {}): Promise<ScriptedServer> {
  const server = await startComposed({
    engine: { answer: scriptedAnswer, contextTokens: 131_072, ...engine },
  });
  const created = await server.admin('POST', '/keys', { name: 'client' });
  const apiKey = z.looseObject({ key: z.string() }).parse(created).key;
  return { ...server, apiUrl: `${server.address}/v1`, apiKey };
}

/** What every library is asked for: a tool that is called, and an object of a given form. */
export const weather = z.object({ city: z.string(), degrees: z.number().int() });
export const weatherText = '{"city":"Graz","degrees":7}';
export const askForObject = `answer exactly: ${weatherText}`;

export const cityArguments = z.object({ city: z.string() });
export const askForTool = 'call get_weather({"city":"Graz"})';
export const describeCity = ({ city }: { city: string }): string => `7 degrees in ${city}`;
/** What the script says once it has the tool's result. */
export const toolAnswer = 'The tool said: 7 degrees in Graz';
