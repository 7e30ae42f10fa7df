import { z } from 'zod';
import type { AskCall, AskDialect } from './dialect.ts';
import { openAiError } from './openai-errors.ts';
import { parseBody } from './parse.ts';

/** `POST /v1/rerank` as Jina and Cohere have it, and as Continue sends it. OpenAI has no such route. */
export const rerank: AskDialect = { id: 'rerank', parseAsk, error: openAiError };

const document = z.union([z.string(), z.looseObject({ text: z.string() })]);

const rerankBody = z.looseObject({
  model: z.string().min(1).max(5000),
  query: z.string().min(1),
  documents: z.array(document).min(1).max(2048),
  top_n: z.number().int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
});

function parseAsk(body: unknown): AskCall {
  const wire = parseBody(rerankBody, body);
  const documents = wire.documents.map((item) => (typeof item === 'string' ? item : item.text));
  return {
    model: wire.model,
    task: 'rerank',
    dropped: [],
    asked: [wire.model, wire.query, documents, wire.top_n ?? null, wire.return_documents === true],
    async ask(engine, model, signal) {
      const { scores, promptTokens } = await engine.rerank({ model, query: wire.query, documents }, signal);
      return {
        promptTokens,
        body: {
          object: 'list',
          model: wire.model,
          results: scores
            .map((score, index) => ({
              index,
              relevance_score: score,
              ...(wire.return_documents === true ? { document: { text: documents[index] } } : {}),
            }))
            .toSorted((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
            .slice(0, wire.top_n ?? documents.length),
          usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
        },
      };
    },
  };
}
