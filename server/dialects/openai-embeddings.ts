import { z } from 'zod';
import { cl100kTexts } from './cl100k.ts';
import type { AskCall, AskDialect } from './dialect.ts';
import { openAiError } from './openai-errors.ts';
import { parseBody } from './parse.ts';

/** OpenAI Embeddings (openai-openapi 2.3.0, `createEmbedding`). */
export const openAiEmbeddings: AskDialect = { id: 'openai-embeddings', parseAsk, error: openAiError };

const mostInputs = 2048;

const text = z.string().min(1);
const token = z.number().int().min(0).max(10_000_000);
const tokens = z.array(token).min(1).max(1_000_000);

const embeddingsBody = z.looseObject({
  model: z.string().min(1).max(5000),
  input: z.union(
    [text, z.array(text).min(1).max(mostInputs), tokens, z.array(tokens).min(1).max(mostInputs)],
    { error: `must be a text, tokens, or a list of at most ${mostInputs} of one kind, none of them empty` },
  ),
  // Both of the vendor's SDKs ask for base64 when the program asks for nothing.
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().min(1).max(100_000).nullish(),
});

function parseAsk(body: unknown): AskCall {
  const wire = parseBody(embeddingsBody, body);
  const encode = wire.encoding_format === 'base64' ? toBase64 : toNumbers;
  return {
    model: wire.model,
    task: 'embed',
    dropped: [],
    asked: [wire.model, wire.input, wire.dimensions ?? null, wire.encoding_format === 'base64'],
    async ask(engine, model, signal) {
      const inputs = await toTexts(wire.input);
      const request = { model, inputs, dimensions: wire.dimensions ?? null };
      const { vectors, promptTokens } = await engine.embed(request, signal);
      return {
        promptTokens,
        body: {
          object: 'list',
          data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
          model: wire.model,
          usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
        },
      };
    },
  };
}

type Input = z.infer<typeof embeddingsBody>['input'];

async function toTexts(input: Input): Promise<readonly string[]> {
  if (typeof input === 'string') return [input];
  if (isTexts(input)) return input;
  return cl100kTexts(isTokens(input) ? [input] : input);
}

function isTexts(input: Exclude<Input, string>): input is string[] {
  return typeof input[0] === 'string';
}

function isTokens(input: number[] | number[][]): input is number[] {
  return typeof input[0] === 'number';
}

/** Little-endian 32-bit floats, as the SDKs read them; so are those of every processor we run on. */
function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

function toNumbers(vector: Float32Array): number[] {
  return Array.from(vector);
}
