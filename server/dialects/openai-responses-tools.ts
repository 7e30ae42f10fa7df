import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { RequestSchema, Tool, ToolChoice } from '../core/generate.ts';
import { flatToolName } from './openai-responses-messages.ts';
import { toolName } from './openai-tools.ts';
import { parseBody } from './parse.ts';

/** Tools and their choice in OpenAI's Responses (openai-openapi 2.3.0, `Tool`, `ToolChoiceParam`). */

/** OpenAI's limit is 128; agents with many servers of tools send more. */
const mostTools = 512;

const described = { name: toolName, description: z.string().nullish() };
const functionFields = z.looseObject({
  ...described,
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});
const customFields = z.looseObject({
  ...described,
  format: z
    .looseObject({
      type: z.string().nullish(),
      syntax: z.string().nullish(),
      definition: z.string().nullish(),
    })
    .nullish(),
});
const namespaceFields = z.looseObject({
  ...described,
  tools: z.array(z.looseObject({ type: z.string().nullish() })).max(mostTools),
});

const anyTool = z.looseObject({ type: z.string().max(200).nullish() });
export const toolsField = z.array(anyTool).max(mostTools).nullish();

const allowedTool = z.looseObject({
  type: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
});
export const toolChoiceField = z
  .union([
    z.enum(['none', 'auto', 'required']),
    z.looseObject({
      type: z.string().max(200),
      name: z.string().nullish(),
      namespace: z.string().nullish(),
      mode: z.enum(['auto', 'required']).nullish(),
      tools: z.array(allowedTool).max(mostTools).nullish(),
      function: z.looseObject({ name: z.string() }).nullish(),
    }),
  ])
  .nullish();
type WireChoice = z.infer<typeof toolChoiceField>;

/** How a tool that the model calls is told to the client. */
export type OfferedTool = {
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace: string | null;
};

export type ToolTable = {
  readonly tools: readonly Tool[];
  /** By the name that the model knows. */
  readonly offered: ReadonlyMap<string, OfferedTool>;
  /** What the answer repeats: the tools that the model could call, and no others. */
  readonly echo: readonly unknown[];
  readonly dropped: readonly string[];
};

type Offer = {
  readonly tool: Tool;
  readonly offered: OfferedTool;
  readonly echo: object;
  readonly dropped: readonly string[];
};

/** Tools of kinds that only the vendor's own servers have are dropped. Throws an AppError (400) that names the field. */
export function readTools(wire: z.infer<typeof toolsField>, added: readonly unknown[] = []): ToolTable {
  const given = [
    ...(wire ?? []).map((tool, index) => ({ tool, path: `tools.${index}` })),
    ...added.map((tool) => ({ tool: parseBody(anyTool, tool, 'input.tools'), path: 'input.tools' })),
  ];
  const offers: Offer[] = [];
  const echo: unknown[] = [];
  const dropped: string[] = [];
  for (const { tool, path } of given) {
    if (tool.type === 'namespace') {
      const group = readNamespace(tool, path);
      offers.push(...group.offers);
      dropped.push(...group.dropped);
      if (group.offers.length > 0) echo.push(group.echo);
      continue;
    }
    const offer = readOffer(tool, path, null);
    if (offer === null) dropped.push(`tools.${tool.type}`);
    else {
      offers.push(offer);
      echo.push(offer.echo);
    }
  }
  return toTable(offers, echo, dropped);
}

function toTable(offers: readonly Offer[], echo: readonly unknown[], dropped: readonly string[]): ToolTable {
  const offered = new Map(offers.map((offer) => [offer.tool.name, offer.offered]));
  if (offered.size < offers.length) throw invalidRequest('Two tools have the same name.', 'tools');
  return {
    tools: offers.map(({ tool }) => tool),
    offered,
    echo,
    dropped: [...dropped, ...offers.flatMap((offer) => offer.dropped)],
  };
}

/** Null for a tool of another kind. Some clients send functions in the form of chat, with a `function` around. */
function readOffer(wire: z.infer<typeof anyTool>, path: string, namespace: string | null): Offer | null {
  const { type } = wire;
  if (type === 'custom') return readCustom(wire, path, namespace);
  if (type !== 'function' && type !== null && type !== undefined) return null;
  const isNested = wire['name'] === undefined && typeof wire['function'] === 'object';
  return isNested
    ? readFunction(wire['function'], `${path}.function`, namespace)
    : readFunction(wire, path, namespace);
}

function readFunction(wire: unknown, path: string, namespace: string | null): Offer {
  const { name, description, parameters, strict } = parseBody(functionFields, wire, path);
  const at = `${path}.parameters`;
  return {
    tool: {
      name: flatToolName(namespace, name),
      description: description ?? null,
      parameters: parameters ? { schema: parameters, path: at, param: at } : null,
      isStrict: strict ?? false,
    },
    offered: { kind: 'function', name, namespace },
    echo: {
      type: 'function',
      name,
      description: description ?? null,
      parameters: parameters ?? null,
      strict: strict ?? null,
    },
    dropped: [],
  };
}

function readNamespace(
  wire: unknown,
  path: string,
): { readonly offers: readonly Offer[]; readonly echo: object; readonly dropped: readonly string[] } {
  const { name, description, tools } = parseBody(namespaceFields, wire, path);
  const read = tools.map((tool, index) => readOffer(tool, `${path}.tools.${index}`, name));
  const offers = read.filter((offer) => offer !== null);
  return {
    offers,
    dropped: tools.filter((_, index) => read[index] === null).map(({ type }) => `tools.${type}`),
    echo: {
      type: 'namespace',
      name,
      description: description ?? '',
      tools: offers.map((offer) => offer.echo),
    },
  };
}

/**
 * A tool that takes free text is one with a single text argument. A regular expression is enforced; another grammar
 * (Lark) is told to the model in words, and named as dropped.
 */
function readCustom(wire: unknown, path: string, namespace: string | null): Offer {
  const { name, description, format } = parseBody(customFields, wire, path);
  const definition = format?.type === 'grammar' ? (format.definition ?? null) : null;
  const syntax = format?.syntax === 'regex' ? 'regex' : 'lark';
  const pattern = definition !== null && syntax === 'regex' ? anchored(definition) : null;
  const isInWords = definition !== null && pattern === null;
  const hint = isInWords ? `The input must follow this grammar (${syntax}):\n${definition}` : null;
  return {
    tool: {
      name: flatToolName(namespace, name),
      description: [description, hint].filter(Boolean).join('\n\n') || null,
      parameters: freeText(pattern, `${path}.format`),
      isStrict: false,
    },
    offered: { kind: 'custom', name, namespace },
    echo: {
      type: 'custom',
      name,
      description: description ?? '',
      format: definition === null ? { type: 'text' } : { type: 'grammar', syntax, definition },
    },
    dropped: isInWords ? [`${path}.format`] : [],
  };
}

function freeText(pattern: string | null, path: string): RequestSchema {
  return {
    schema: {
      type: 'object',
      properties: { input: { type: 'string', ...(pattern === null ? {} : { pattern }) } },
      required: ['input'],
      additionalProperties: false,
    },
    path,
    param: path,
  };
}

/** OpenAI's grammars are Rust's expressions; null for one that JavaScript, and so our own grammar, does not have. */
function anchored(definition: string): string | null {
  const isAnchored = definition.startsWith('^') && /(?<!\\)\$$/.test(definition);
  const pattern = isAnchored ? definition : `^(?:${definition})$`;
  try {
    return new RegExp(pattern, 'u').source;
  } catch {
    return null;
  }
}

// --- choice ------------------------------------------------------------------------------------------------

export type ChosenTools = {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
  readonly echo: unknown;
  readonly dropped: readonly string[];
};

/** What of the tools may or must be called. A tool that was dropped cannot be forced: that wish is dropped too. */
export function chooseTools(wire: WireChoice, table: ToolTable): ChosenTools {
  const { tools } = table;
  const choice = wire ?? 'auto';
  if (typeof choice === 'string') {
    if (choice !== 'required' || tools.length > 0) return { tools, choice, echo: choice, dropped: [] };
    if (table.dropped.length === 0) {
      throw invalidRequest('A tool must be called, but there are no tools.', 'tool_choice');
    }
    return { tools, choice: 'auto', echo: 'auto', dropped: ['tool_choice'] };
  }
  if (choice.type === 'allowed_tools') return allowTools(choice, table);
  if (choice.type !== 'function' && choice.type !== 'custom') {
    return { tools, choice: 'auto', echo: 'auto', dropped: [`tool_choice.${choice.type}`] };
  }
  const name = choice.name ?? choice.function?.name;
  if (!name) throw invalidRequest('The name of the tool is missing.', 'tool_choice');
  const known = findTool({ ...choice, name }, table);
  if (known === undefined) {
    throw invalidRequest(`There is no tool '${name.slice(0, 128)}' to be called.`, 'tool_choice');
  }
  return { tools, choice: { name: known }, echo: { type: choice.type, name }, dropped: [] };
}

function allowTools(choice: Exclude<WireChoice, string | null | undefined>, table: ToolTable): ChosenTools {
  const given = choice.tools ?? [];
  const mode = choice.mode ?? 'auto';
  const names = new Set(given.map((tool) => findTool(tool, table)));
  const tools = table.tools.filter(({ name }) => names.has(name));
  const echo = { type: 'allowed_tools', mode, tools: given };
  if (mode === 'auto' || tools.length > 0) return { tools, choice: mode, echo, dropped: [] };
  throw invalidRequest('A tool must be called, but none of the allowed ones is known.', 'tool_choice');
}

/** The name by which the model knows a tool; also one of a group that is named without its group. */
function findTool(
  wanted: { readonly name?: string | null | undefined; readonly namespace?: string | null | undefined },
  { offered }: ToolTable,
): string | undefined {
  const name = wanted.name ?? '';
  const flat = flatToolName(wanted.namespace, name);
  if (offered.has(flat)) return flat;
  return [...offered].find(([, tool]) => tool.name === name)?.[0];
}
