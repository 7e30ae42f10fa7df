import { z } from 'zod';
import type { ChatMessage } from '../core/generate.ts';
import { responsesInputToMessages } from './openai-responses-messages.ts';
import { parseBody } from './parse.ts';

/**
 * Bodies in the shape of Responses that come to `/chat/completions`, as Cursor sends them for some names of models:
 * `input` and `instructions` in place of `messages`, flat tools, `max_output_tokens`, `reasoning`, `text.format`. They
 * are answered in chat's form.
 */

const responsesShape = z.looseObject({
  input: z.unknown(),
  instructions: z.string().nullish(),
  max_output_tokens: z.unknown().optional(),
  reasoning: z.looseObject({ effort: z.unknown().optional() }).nullish(),
  text: z.looseObject({ format: z.looseObject({ type: z.unknown().optional() }).nullish() }).nullish(),
  top_logprobs: z.unknown().optional(),
});

const flatTool = z.looseObject({
  type: z.literal('function').nullish(),
  name: z.string(),
  function: z.undefined().optional(),
});

export type ChatShape = {
  /** In chat's own shape; without `messages` where they are given here. */
  readonly body: unknown;
  readonly said: { readonly messages: readonly ChatMessage[]; readonly dropped: readonly string[] } | null;
};

/** Throws an AppError (400) that names the field. */
export function toChatShape(body: unknown): ChatShape {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { body, said: null };
  const withTools = 'tools' in body ? { ...body, tools: nested(body.tools) } : body;
  const hasMessages = 'messages' in body && body.messages !== undefined && body.messages !== null;
  if (hasMessages || !('input' in body)) return { body: withTools, said: null };
  const wire = parseBody(responsesShape, withTools);
  const { max_output_tokens: most, reasoning, text, top_logprobs: top } = wire;
  return {
    said: responsesInputToMessages(wire.input, wire.instructions ?? null),
    body: {
      max_completion_tokens: most,
      reasoning_effort: reasoning?.effort,
      response_format: toResponseFormat(text?.format),
      ...(typeof top === 'number' && top > 0 ? { logprobs: true } : {}),
      ...wire,
    },
  };
}

/** Responses' tools have their fields beside the type, chat's inside `function`. */
function nested(tools: unknown): unknown {
  if (!Array.isArray(tools)) return tools;
  return tools.map((tool: unknown) => {
    const flat = flatTool.safeParse(tool);
    if (!flat.success) return tool;
    const { type: _type, function: _function, ...fields } = flat.data;
    return { type: 'function', function: fields };
  });
}

function toResponseFormat(format: { type?: unknown; [field: string]: unknown } | null | undefined): unknown {
  if (format?.type !== 'json_schema') return format;
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}
