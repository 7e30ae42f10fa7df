import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { ChatOptions, ReasoningEffort, ResponseFormat, Tool, ToolChoice } from '../core/generate.ts';

/** Tools, their choice, thinking and output formats of Anthropic's language (@anthropic-ai/sdk 1.12). */

const mostTools = 512;

const tool = z.looseObject({
  type: z.string().max(200).nullish(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  input_schema: z.unknown().optional(),
  strict: z.boolean().nullish(),
});
type WireTool = z.infer<typeof tool>;

/** The vendor allows letters, digits, `_` and `-`; groups of tools also bear `.`, `:` and `/`. */
const toolName = /^[a-zA-Z0-9_.:/-]{1,128}$/;

const format = z.looseObject({ type: z.string().max(200), schema: z.unknown().optional() });

export const optionFields = {
  tools: z.array(tool).max(mostTools).nullish(),
  tool_choice: z
    .looseObject({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().nullish(),
    })
    .nullish(),
  thinking: z
    .looseObject({ type: z.string().max(200), budget_tokens: z.number().int().min(0).nullish() })
    .nullish(),
  output_config: z
    .looseObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: format.nullish(),
    })
    .nullish(),
  // As it was called before `output_config`.
  output_format: format.nullish(),
};
const optionsBody = z.object(optionFields);
type OptionsBody = z.infer<typeof optionsBody>;

/** Undefined where nothing special is asked. */
export function toChatOptions(wire: OptionsBody): ChatOptions | undefined {
  const tools = (wire.tools ?? []).flatMap((entry, index) =>
    isOurs(entry) ? [toTool(entry, `tools.${index}`)] : [],
  );
  if (new Set(tools.map(({ name }) => name)).size < tools.length) {
    throw invalidRequest('tools: Tool names must be unique.', 'tools');
  }
  const options: ChatOptions = {
    responseFormat: toResponseFormat(wire),
    tools,
    toolChoice: toChoice(wire, tools),
    parallelToolCalls: wire.tool_choice?.disable_parallel_tool_use !== true,
    ...toThinking(wire),
    templateArguments: {},
  };
  const isPlain =
    tools.length === 0 && options.responseFormat.type === 'text' && options.reasoningEffort === null;
  return isPlain ? undefined : options;
}

/** Tools that run at the vendor, or whose schema only its models know (web search, bash, computer …), by their place. */
export function droppedTools({ tools }: OptionsBody): readonly string[] {
  return (tools ?? []).flatMap((entry, index) => (isOurs(entry) ? [] : [`tools.${index}`]));
}

function isOurs({ type, input_schema: schema }: WireTool): boolean {
  return type === undefined || type === null || type === 'custom' || schema !== undefined;
}

function toTool({ name, description, input_schema: schema, strict }: WireTool, path: string): Tool {
  if (typeof name !== 'string' || !toolName.test(name)) {
    throw invalidRequest(
      `${path}.name: a tool's name has letters, digits, _ - . : and / only, at most 128.`,
      `${path}.name`,
    );
  }
  const at = `${path}.input_schema`;
  return {
    name,
    description: description ?? null,
    parameters: schema === undefined || schema === null ? null : { schema, path: at, param: at },
    isStrict: strict ?? false,
  };
}

function toChoice({ tool_choice: wire }: OptionsBody, tools: readonly Tool[]): ToolChoice {
  switch (wire?.type ?? 'auto') {
    case 'auto':
      return 'auto';
    case 'none':
      return 'none';
    case 'any':
      if (tools.length > 0) return 'required';
      throw invalidRequest(
        'tool_choice: a tool must be called, but there is none that this server knows.',
        'tool_choice',
      );
    case 'tool': {
      const name = wire?.name ?? '';
      if (tools.some((one) => one.name === name)) return { name };
      throw invalidRequest(
        `tool_choice: there is no tool '${name.slice(0, 128)}' that this server knows.`,
        'tool_choice',
      );
    }
  }
}

/**
 * Where nothing is said of thinking, or the model is to decide (`adaptive`), it is left to the model; a budget in
 * tokens is kept to exactly.
 */
function toThinking({
  thinking,
  output_config: output,
}: OptionsBody): Pick<ChatOptions, 'reasoningEffort' | 'mostReasoningTokens'> {
  if (thinking?.type === 'disabled') return { reasoningEffort: 'none' };
  const budget = thinking?.type === 'enabled' ? (thinking.budget_tokens ?? null) : null;
  const effort = output?.effort === 'max' ? 'xhigh' : (output?.effort ?? null);
  if (budget === null) return { reasoningEffort: effort };
  return { reasoningEffort: effort ?? effortFor(budget), mostReasoningTokens: budget };
}

function effortFor(budgetTokens: number): ReasoningEffort {
  if (budgetTokens <= 1024) return 'low';
  if (budgetTokens <= 4096) return 'medium';
  return budgetTokens <= 16_384 ? 'high' : 'xhigh';
}

function toResponseFormat(wire: OptionsBody): ResponseFormat {
  const isNew = wire.output_config?.format !== undefined && wire.output_config.format !== null;
  const param = isNew ? 'output_config.format' : 'output_format';
  const wanted = isNew ? wire.output_config?.format : wire.output_format;
  if (wanted === undefined || wanted === null) return { type: 'text' };
  if (wanted.type !== 'json_schema' || wanted.schema === undefined || wanted.schema === null) {
    throw invalidRequest(`${param}: only type 'json_schema' with a schema is known.`, param);
  }
  return { type: 'json-schema', schema: wanted.schema, path: `${param}.schema`, param };
}
