import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scriptedModel, startScripted, type ScriptedServer } from '../model/clients-scripted.ts';
import { startServer, type RunningServer } from '../model/running-server.ts';

/** What a teammate has been given, and what the Connect page is read with. */
export type Office = {
  readonly rootUrl: string;
  readonly apiKey: string;
  /** Of the owner; for the settings that our Connect page writes. */
  readonly adminToken: string;
};

export const starterModel = 'smollm2-135m-instruct';

/** An engine that does what the prompt orders, behind the names of the guides. */
export async function scriptedOffice(): Promise<{
  readonly server: ScriptedServer;
  readonly office: Office;
}> {
  const server = await startScripted();
  const adminToken = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const office: Office = { rootUrl: server.address, apiKey: server.apiKey, adminToken };
  // Only of a model that was loaded once is the size known that some tools are told.
  await server.admin('POST', `/models/${scriptedModel}/load`);
  for (const name of ['office', 'office-code'])
    await server.admin('PUT', `/aliases/${name}`, { model: scriptedModel });
  return { server, office };
}

type StarterOptions = {
  /** Whether the client takes an answer that was cut at the most tokens for one. */
  readonly takesCutAnswers: boolean;
};

/** The starter model, as an owner would set it up for agents. */
export async function starterOffice({ takesCutAnswers }: StarterOptions): Promise<{
  readonly server: RunningServer;
  readonly office: Office;
}> {
  const server = await startServer({ command: ['node', 'server/main.ts'] });
  const apiKey = await server.cli('key', 'create', '--name', 'client');
  const adminToken = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const admin = async (method: string, path: string, body: object): Promise<void> => {
    const changed = await fetch(`${server.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(changed.status).toBe(200);
  };
  // Fewer at once, and each the longest conversation that this model was made for.
  await admin('PATCH', `/models/${starterModel}`, { slots: 2, contextTokens: 8192 });
  // A model this small may go on for ever; few clients say how long an answer may be.
  const settings = { maxTokens: takesCutAnswers ? 32 : null };
  for (const name of ['office', 'office-code'])
    await admin('PUT', `/aliases/${name}`, { model: starterModel, settings });
  await server.cli('model', 'load', starterModel);
  return { server, office: { rootUrl: server.url, apiKey, adminToken } };
}
