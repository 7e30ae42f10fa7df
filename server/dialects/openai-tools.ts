import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { ChatOptions, ReasoningEffort, ResponseFormat, Tool, ToolChoice } from '../core/generate.ts';

/** Tools, their choice, response formats and efforts of OpenAI's chat language (openai-openapi 2.3.0). */

/** OpenAI's limit is 128; agents with many servers of tools send more. */
const mostTools = 512;

/** OpenAI allows letters, digits, `_` and `-`; others also `.`, `:` and `/` for groups of tools. */
export const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_.:/-]{1,128}$/, 'letters, digits, _ - . : and / only, at most 128');

const functionFields = z.looseObject({
  name: toolName,
  description: z.string().nullish(),
  parameters: z.unknown().optional(),
  strict: z.boolean().nullish(),
});

const tool = z.looseObject({ type: z.string().nullish(), function: functionFields.optional() });
const named = z.looseObject({ name: z.string() });

export const toolFields = {
  tools: z.array(tool).max(mostTools).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.looseObject({
        type: z.string().nullish(),
        function: named.optional(),
        allowed_tools: z
          .looseObject({
            mode: z.enum(['auto', 'required']).nullish(),
            tools: z.array(z.looseObject({ function: named.optional() })).max(mostTools),
          })
          .optional(),
      }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  // The form before tools.
  functions: z.array(functionFields).max(mostTools).nullish(),
  function_call: z.union([z.enum(['none', 'auto']), named]).nullish(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z.looseObject({ schema: z.unknown().optional() }).nullish(),
    })
    .nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  chat_template_kwargs: z.record(z.string().max(100), z.unknown()).nullish(),
};
const toolBody = z.object(toolFields);
export type ToolBody = z.infer<typeof toolBody>;

const optionFields = [
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'response_format',
  'reasoning_effort',
  'chat_template_kwargs',
] as const satisfies readonly (keyof ToolBody)[];

/** Undefined where nothing special is asked. */
export function toChatOptions(wire: ToolBody): ChatOptions | undefined {
  if (optionFields.every((name) => wire[name] === undefined || wire[name] === null)) return undefined;
  const { tools, choice } = chosenTools(wire);
  const templateArguments = wire.chat_template_kwargs ?? {};
  assertSmall(templateArguments);
  const options: ChatOptions = {
    responseFormat: toResponseFormat(wire.response_format),
    tools,
    toolChoice: choice,
    parallelToolCalls: isLegacy(wire) ? false : (wire.parallel_tool_calls ?? true),
    reasoningEffort: toEffort(wire.reasoning_effort),
    templateArguments,
  };
  const isPlain =
    options.responseFormat.type === 'text' &&
    tools.length === 0 &&
    options.reasoningEffort === null &&
    Object.keys(templateArguments).length === 0;
  return isPlain ? undefined : options;
}

/** Whether the client speaks the form with `functions`, and is to be answered in it. */
export function isLegacy({ tools, functions }: ToolBody): boolean {
  return (tools ?? []).length === 0 && (functions ?? []).length > 0;
}

/** Tools of other kinds (custom, web search …), by their place. */
export function droppedTools({ tools }: ToolBody): readonly string[] {
  return (tools ?? []).flatMap((wire, index) => (wire.function === undefined ? [`tools.${index}`] : []));
}

function chosenTools(wire: ToolBody): { tools: readonly Tool[]; choice: ToolChoice } {
  const all = isLegacy(wire)
    ? (wire.functions ?? []).map((fields, index) => toTool(fields, `functions.${index}`))
    : (wire.tools ?? []).flatMap((entry, index) =>
        entry.function === undefined ? [] : [toTool(entry.function, `tools.${index}.function`)],
      );
  const names = new Set(all.map(({ name }) => name));
  if (names.size < all.length) throw invalidRequest('Two tools have the same name.', 'tools');
  const allowed = allowedNames(wire);
  const tools = allowed === null ? all : all.filter(({ name }) => allowed.has(name));
  const choice = toChoice(wire, new Set(tools.map(({ name }) => name)));
  return { tools, choice };
}

function toTool(fields: z.infer<typeof functionFields>, path: string): Tool {
  const { name, description, parameters, strict } = fields;
  const at = `${path}.parameters`;
  return {
    name,
    description: description ?? null,
    parameters:
      parameters === undefined || parameters === null ? null : { schema: parameters, path: at, param: at },
    isStrict: strict ?? false,
  };
}

function allowedNames({ tool_choice: choice }: ToolBody): ReadonlySet<string> | null {
  if (typeof choice !== 'object' || choice?.allowed_tools === undefined) return null;
  return new Set(choice.allowed_tools.tools.map((entry) => entry.function?.name ?? ''));
}

function toChoice(wire: ToolBody, names: ReadonlySet<string>): ToolChoice {
  const param = isLegacy(wire) ? 'function_call' : 'tool_choice';
  const choice = wantedChoice(wire);
  if (choice === 'required' && names.size === 0) {
    throw invalidRequest('A tool must be called, but there are no tools.', param);
  }
  if (typeof choice === 'object' && !names.has(choice.name)) {
    throw invalidRequest(`There is no tool '${choice.name.slice(0, 128)}' to be called.`, param);
  }
  return choice;
}

function wantedChoice(wire: ToolBody): ToolChoice {
  if (isLegacy(wire)) return wire.function_call ?? 'auto';
  const choice = wire.tool_choice ?? 'auto';
  if (typeof choice === 'string') return choice;
  if (choice.allowed_tools !== undefined) return choice.allowed_tools.mode ?? 'auto';
  // Some clients leave out the `function` around the name.
  const { name } = choice.function ?? choice;
  if (typeof name !== 'string') throw invalidRequest('The name of the function is missing.', 'tool_choice');
  return { name };
}

function toResponseFormat(wire: ToolBody['response_format']): ResponseFormat {
  const param = 'response_format';
  switch (wire?.type ?? 'text') {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const schema = wire?.json_schema?.schema;
      if (schema === undefined || schema === null) {
        throw invalidRequest("response_format of type 'json_schema' needs json_schema.schema.", param);
      }
      return { type: 'json-schema', schema, path: 'response_format.json_schema.schema', param };
    }
    default:
      throw invalidRequest(
        `response_format '${wire?.type.slice(0, 50)}' is not known; use text, json_object or json_schema.`,
        param,
      );
  }
}

function toEffort(wire: ToolBody['reasoning_effort']): ReasoningEffort | null {
  return wire === 'max' ? 'xhigh' : (wire ?? null);
}

const mostArgumentCharacters = 64 * 1024;
const mostArgumentDepth = 32;

/** They travel to the template's thread; what is deeper or larger is no setting. */
function assertSmall(templateArguments: Readonly<Record<string, unknown>>): void {
  const refuse = (): never => {
    throw invalidRequest('This is too much for settings of a chat template.', 'chat_template_kwargs');
  };
  let level: unknown[] = [templateArguments];
  let characters = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostArgumentDepth) refuse();
    const next: unknown[] = [];
    for (const value of level) {
      characters += typeof value === 'string' ? value.length : 8;
      if (typeof value === 'object' && value !== null)
        for (const inner of Object.values(value)) next.push(inner);
      if (characters + next.length > mostArgumentCharacters) refuse();
    }
    level = next;
  }
}
