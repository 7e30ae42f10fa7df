import { z } from 'zod';
import type { GeneratePart, GenerateRequest } from '../../core/generate.ts';
import { estimateTokens } from '../openai/estimate.ts';

const count = z.number().int().min(0).nullish().catch(null);
const text = z.string().nullish();

const line = z.looseObject({
  message: z
    .looseObject({
      content: text,
      thinking: text,
      tool_calls: z
        .array(
          z.looseObject({
            id: text,
            function: z.looseObject({
              name: z.string(),
              arguments: z.record(z.string(), z.unknown()).nullish(),
            }),
          }),
        )
        .nullish(),
    })
    .nullish(),
  response: text,
  thinking: text,
  done: z.boolean().nullish(),
  done_reason: text,
  prompt_eval_count: count,
  eval_count: count,
  logprobs: z
    .array(z.looseObject({ token: z.string(), logprob: z.number() }))
    .nullish()
    .catch(null),
  error: z.unknown().optional(),
});

/** Lines of `/api/chat` and `/api/generate` in the form of OpenAI's frames; one for each answer, since it counts calls. */
export function ollamaTranslator(request: GenerateRequest): (value: unknown) => unknown {
  let calls = 0;
  return (value) => {
    const { message, response, error, logprobs, ...end } = line.parse(value);
    if (error !== undefined) return { error };
    const isDone = end.done === true;
    const usage = {
      // Left out where all of the prompt was computed before.
      prompt_tokens: end.prompt_eval_count || estimateTokens(request),
      completion_tokens: end.eval_count ?? 0,
    };
    const delta = {
      content: message?.content ?? response,
      reasoning_content: message?.thinking ?? end.thinking,
      tool_calls: message?.tool_calls?.map((call) => {
        calls += 1;
        return {
          index: calls - 1,
          id: call.id,
          function: { ...call.function, arguments: call.function.arguments ?? {} },
        };
      }),
    };
    return {
      choices: [
        {
          delta,
          finish_reason: isDone ? (end.done_reason === 'length' ? 'length' : 'stop') : null,
          ...(logprobs ? { logprobs: { content: logprobs } } : {}),
        },
      ],
      ...(isDone ? { usage } : {}),
    };
  };
}

const forcedCall = z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) });

/** Where a call was forced by a schema, the text is the call; told when it is whole. */
export async function* asCall(parts: AsyncIterable<GeneratePart>): AsyncGenerator<GeneratePart> {
  const said: string[] = [];
  for await (const part of parts) {
    if (part.type === 'text-delta') {
      said.push(part.text);
      // Counted all the same, for limits that hold while it runs.
      yield { type: 'text-delta', text: '', tokens: part.tokens };
    } else if (part.type === 'finish') {
      const call = readCall(said.join(''));
      if (call === null) {
        // Cut off by the limit: what is there is no call.
        yield { type: 'text-delta', text: said.join(''), tokens: 0 };
        yield part;
        return;
      }
      yield { type: 'tool-call-start', index: 0, id: call.id, name: call.name, tokens: 0 };
      yield { type: 'tool-call-delta', index: 0, arguments: call.arguments, tokens: 0 };
      yield { ...part, reason: 'tool_calls' };
      return;
    } else yield part;
  }
}

function readCall(
  text: string,
): { readonly id: string; readonly name: string; readonly arguments: string } | null {
  try {
    const { name, arguments: given } = forcedCall.parse(JSON.parse(text));
    return { id: `call_${crypto.randomUUID().replaceAll('-', '')}`, name, arguments: JSON.stringify(given) };
  } catch {
    return null;
  }
}
