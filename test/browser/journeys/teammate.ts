import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { APIError } from 'openai';
import { onTestFinished } from 'vitest';

export const starterModel = 'smollm2-135m-instruct';
export const starterFile = join(
  import.meta.dirname,
  '../../../resources/models/SmolLM2-135M-Instruct.Q4_1.gguf',
);

/** What a teammate's tool is set up with. */
export type ToolSettings = {
  /** Ends in /v1. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
};

export type Answered = { readonly text: string; readonly model: string; readonly tokens: number };

/**
 * One question as OpenAI's own client asks it, once. What is said is the model's own affair: this one is small.
 * @throws APIError with the server's words
 */
export async function askTool(
  { baseUrl, key, model }: ToolSettings,
  question = 'Say hello in one sentence.',
): Promise<Answered> {
  const client = new OpenAI({ baseURL: baseUrl, apiKey: key, maxRetries: 0 });
  const { data, response } = await client.chat.completions
    .create({
      model,
      temperature: 0,
      max_tokens: 12,
      messages: [{ role: 'user', content: question }],
    })
    .withResponse();
  return {
    text: data.choices[0]?.message.content ?? '',
    model: response.headers.get('x-inglenook-model') ?? '',
    tokens: data.usage?.total_tokens ?? 0,
  };
}

/** The refusal of a question that is to be refused. @throws Error where it was answered */
export async function refusalOf(settings: ToolSettings, question?: string): Promise<APIError> {
  try {
    await askTool(settings, question);
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error('It was answered.');
}

/** A folder that goes with the test. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'inglenook-journey-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A model of the owner's: the starter's bytes under another name, in a folder of its own. */
export async function ownModel(name: string): Promise<string> {
  const path = join(await folderForTest(), name);
  await copyFile(starterFile, path);
  return path;
}
