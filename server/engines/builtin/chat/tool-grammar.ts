import { AppError } from '../../../core/errors.ts';
import type { ChatOptions, RequestSchema, Tool } from '../../../core/generate.ts';
import { callsOnlyOne, type ChatForm, type ToolForm } from './chat-format.ts';
import {
  choice,
  never,
  nothing,
  optional,
  sequence,
  set,
  text,
  type Expression,
} from '../grammar/grammar-writer.ts';
import { GrammarLimit } from '../grammar/grammar-limit.ts';
import { createLanguages, type Language } from '../grammar/grammar-language.ts';
import { createMemory } from '../grammar/grammar-memory.ts';
import type { TypeName } from '../grammar/json-schema-branches.ts';
import {
  CannotEnforceSchema,
  createSchemaContext,
  createSchemaWriter,
  SchemaInvalid,
  withinStack,
  type SchemaContext,
  type SchemaWriter,
} from '../grammar/json-schema-to-gbnf.ts';
import { gemmaSyntax, jsonSyntax } from '../grammar/json-schema-syntax.ts';
import { mustCall, usableTools } from './tool-options.ts';

/** What an answer may look like, as llama.cpp's grammar. */
export type AnswerGrammar = {
  /** From the answer's first token on; null where everything is allowed. */
  readonly whole: string | null;
  /** For an answer whose thought was ended for it. */
  readonly afterThought: string | null;
  /** Paths of keywords that are not enforced. */
  readonly dropped: readonly string[];
  readonly parameterTypes: (tool: string, parameter: string) => readonly TypeName[];
};

/** How the answer begins. */
export type AnswerBegin = {
  /** `open`: the prompt has begun a thought. `closed`: there is to be none. */
  readonly thought: 'open' | 'possible' | 'closed';
};

/** Weak models that must call a tool would otherwise never stop calling. */
const mostCalls = 16;
const mostFreeStates = 500;

/**
 * Checks all schemas of a request without knowing the model: throws the 400, gives what will not be enforced. Remembers
 * the last few, since it runs in the server's own process.
 */
export function createChatCheck(): (options: ChatOptions) => readonly string[] {
  const memory = createMemory<readonly string[]>(64);
  const form: ChatForm = { tools: 'generic', reasoning: null };
  return (options) => {
    const { responseFormat, tools, toolChoice } = options;
    if (tools.length === 0 && responseFormat.type === 'text') return [];
    const build = (): readonly string[] => buildAnswerGrammar(options, form, { thought: 'closed' }).dropped;
    return memory.recall([responseFormat, tools, toolChoice], build);
  };
}

/** Throws an AppError (400) for schemas that are wrong, too large, or strict and not enforceable. */
export function buildAnswerGrammar(options: ChatOptions, form: ChatForm, begin: AnswerBegin): AnswerGrammar {
  const context = createSchemaContext();
  const tools = usableTools(options);
  const writers = new Map<string, SchemaWriter>();
  const parameterTypes = (tool: string, parameter: string): readonly TypeName[] =>
    writers.get(tool)?.propertyTypes(parameter) ?? [];
  if (tools.length === 0 && options.responseFormat.type === 'text') {
    return { whole: null, afterThought: null, dropped: [], parameterTypes };
  }
  const calls = tools.map((tool) => {
    const schema = tool.parameters ?? noParameters;
    return atSchema(schema, () => {
      const writer = createSchemaWriter(
        {
          schema: schema.schema,
          path: schema.path,
          isStrict: tool.isStrict,
          reading: 'intended',
          isObject: true,
        },
        context,
      );
      writers.set(tool.name, writer);
      return writeCall(form.tools, tool, writer);
    });
  });
  for (const [index, isPossible] of context.writer.arePossible(calls).entries()) {
    if (!isPossible) unsatisfiable(tools[index]?.parameters ?? noParameters);
  }
  const body = limited(() => context.writer.add('body', bodyOf(options, form, { calls, context })));
  // The forms' own texts, apart from what the schemas may cost.
  const own = { ...context, languages: createLanguages() };
  const whole = printed(
    context,
    limited(() => withThought(body, form, begin, own)),
  );
  const afterThought = begin.thought === 'closed' ? null : printed(context, body);
  return { whole, afterThought, dropped: [...context.dropped], parameterTypes };
}

const noParameters: RequestSchema = {
  schema: { type: 'object', properties: {}, additionalProperties: false },
  path: 'tools',
  param: 'tools',
};

type BodyParts = { readonly calls: readonly Expression[]; readonly context: SchemaContext };

function bodyOf(options: ChatOptions, form: ChatForm, { calls, context }: BodyParts): Expression {
  const many = calls.length === 0 ? never : writeCalls(form.tools, choice(...calls), options, context);
  if (mustCall(options)) return many;
  const format = options.responseFormat;
  if (format.type === 'text') return freeText(form.tools, many, { ...context, languages: createLanguages() });
  const schema: RequestSchema =
    format.type === 'json-schema'
      ? format
      : { schema: { type: 'object' }, path: 'response_format', param: 'response_format' };
  const value = atSchema(schema, () => {
    const writer = createSchemaWriter(
      { schema: schema.schema, path: schema.path, isStrict: true, reading: 'intended' },
      context,
    );
    return writer.value(jsonSyntax);
  });
  if (context.writer.arePossible([value])[0] !== true) unsatisfiable(schema);
  const shown = form.tools === 'harmony' ? sequence(text(harmonyFinal), value) : value;
  return choice(shown, many);
}

// --- calls -------------------------------------------------------------------------------------------------

const blank = optional(set([[0x20, 0x20]]));
const lineEnd = optional(set([[0x0a, 0x0a]]));

function writeCall(form: ToolForm, tool: Tool, schema: SchemaWriter): Expression {
  const { name } = tool;
  switch (form) {
    case 'hermes':
    case 'generic':
      return sequence(
        text('<tool_call>'),
        lineEnd,
        jsonCall(name, 'arguments', schema),
        lineEnd,
        text('</tool_call>'),
      );
    case 'qwen-xml':
      return sequence(
        text(`<tool_call>\n<function=${name}>\n`),
        schema.xmlParameters(),
        text('</function>\n</tool_call>'),
      );
    case 'llama':
      return sequence(optional(text('<|python_tag|>')), jsonCall(name, 'parameters', schema));
    case 'mistral-list':
      return jsonCall(name, 'arguments', schema);
    case 'mistral':
      return sequence(
        text(`[TOOL_CALLS]${name}`),
        optional(mistralId),
        text('[ARGS]'),
        schema.value(jsonSyntax),
      );
    case 'harmony':
      return sequence(
        choice(
          sequence(
            text(`<|channel|>commentary to=functions.${name}`),
            optional(choice(text(' <|constrain|>json'), text('<|constrain|>json'), text(' json'), text(' '))),
          ),
          sequence(
            text(` to=functions.${name}<|channel|>commentary`),
            optional(choice(text(' <|constrain|>json'), text(' json'))),
          ),
        ),
        text('<|message|>'),
        schema.value(jsonSyntax),
      );
    case 'gemma':
      return sequence(text(`<|tool_call>call:${name}`), schema.value(gemmaSyntax), text('<tool_call|>'));
  }
}

function jsonCall(name: string, key: string, schema: SchemaWriter): Expression {
  return sequence(
    text('{"name":'),
    blank,
    text(`${JSON.stringify(name)},`),
    blank,
    text(`"${key}":`),
    blank,
    schema.value(jsonSyntax),
    text('}'),
  );
}

const mistralId: Expression = sequence(text('[CALL_ID]'), {
  kind: 'repeat',
  item: set([
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x61, 0x7a],
  ]),
  least: 9,
  most: 9,
});

function writeCalls(
  form: ToolForm,
  one: Expression,
  options: ChatOptions,
  { writer }: SchemaContext,
): Expression {
  const call = writer.add('call', one);
  // A tool that is named is wanted once.
  const isOne = !options.parallelToolCalls || callsOnlyOne(form) || typeof options.toolChoice === 'object';
  const more = isOne ? 0 : mostCalls - 1;
  const between =
    form === 'mistral' || form === 'gemma'
      ? nothing
      : form === 'mistral-list'
        ? sequence(text(','), blank)
        : lineEnd;
  const further =
    more === 0 ? nothing : writer.repeat(writer.add('further', sequence(between, call)), 0, more);
  const all = sequence(call, further);
  return writer.add(
    'calls',
    form === 'mistral-list' ? sequence(text('[TOOL_CALLS]'), blank, text('['), all, text(']')) : all,
  );
}

// --- text --------------------------------------------------------------------------------------------------

const harmonyFinal = '<|channel|>final<|message|>';
const harmonyNext = '<|end|><|start|>assistant';

/** Any text, up to where a call begins, if one does. */
function freeText(form: ToolForm, calls: Expression, context: SchemaContext): Expression {
  switch (form) {
    case 'hermes':
    case 'generic':
    case 'qwen-xml':
      return textWithout('<tool_call>', choice(calls, nothing), context);
    case 'mistral':
    case 'mistral-list':
      return textWithout('[TOOL_CALLS]', choice(calls, nothing), context);
    case 'gemma':
      return textWithout('<|tool_call>', choice(calls, nothing), context);
    case 'llama':
      return choice(calls, notACall(context));
    case 'harmony':
      return sequence(
        optional(sequence(text('<|channel|>commentary<|message|>'), textUntil(harmonyNext, context))),
        choice(sequence(text(harmonyFinal), textWithout('<|', nothing, context)), calls),
      );
  }
}

/** Any text in which the mark does not stand, then what follows. */
function textWithout(mark: string, after: Expression, { languages, writer }: SchemaContext): Expression {
  const { not, sequence: follow, anyText, text: exactly } = languages;
  const wanted = not(follow(anyText, follow(exactly(mark), anyText)));
  const automaton = languages.automaton(wanted, mostFreeStates);
  return automaton === null ? never : writer.automaton(automaton, set, after);
}

/** Up to and with the first mark. */
function textUntil(mark: string, context: SchemaContext): Expression {
  return textWithout(mark, text(mark), context);
}

/** Not what Llama's template would take for a call. */
function notACall({ languages, writer }: SchemaContext): Expression {
  const { not, both, either, sequence: follow, anyText, text: exactly, repeat } = languages;
  const blanks = repeat(
    languages.set([
      [0x09, 0x0a],
      [0x20, 0x20],
    ]),
    0,
    Infinity,
  );
  const keys = either(exactly('"name"'), exactly('"type"'), exactly('"function"'));
  const call: Language = [blanks, exactly('{'), blanks, keys].reduceRight(
    (rest, part) => follow(part, rest),
    anyText,
  );
  const tagged = follow(anyText, follow(exactly('<|python_tag|>'), anyText));
  const automaton = languages.automaton(both(not(call), not(tagged)), mostFreeStates);
  return automaton === null ? never : writer.automaton(automaton, set, nothing);
}

// --- thoughts ----------------------------------------------------------------------------------------------

function withThought(
  body: Expression,
  form: ChatForm,
  { thought }: AnswerBegin,
  context: SchemaContext,
): Expression {
  if (thought === 'closed') return body;
  if (form.tools === 'harmony') {
    return sequence(
      optional(sequence(text('<|channel|>analysis<|message|>'), textUntil(harmonyNext, context))),
      body,
    );
  }
  if (form.reasoning === null) return body;
  const { open, close } = form.reasoning;
  const closing = sequence(text(close), lineEnd, lineEnd);
  const inside = textWithout(close, closing, context);
  return thought === 'open' ? sequence(inside, body) : sequence(optional(sequence(text(open), inside)), body);
}

// --- errors ------------------------------------------------------------------------------------------------

function printed(context: SchemaContext, root: Expression): string {
  const grammar = limited(() => context.writer.print(root));
  if (grammar === null) throw new Error('an answer grammar without any answer');
  return grammar;
}

function unsatisfiable({ path, param }: RequestSchema): never {
  throw schemaError(`'${shortened(path)}'`, 'is satisfied by no value at all', param, undefined);
}

function limited<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof GrammarLimit)
      throw schemaError('The schemas of this request', error.message, 'tools', error);
    throw error;
  }
}

function atSchema<Result>({ path, param }: RequestSchema, work: () => Result): Result {
  try {
    return withinStack(work);
  } catch (error) {
    if (error instanceof GrammarLimit)
      throw schemaError(`The schema at '${path}'`, error.message, param, error);
    if (error instanceof SchemaInvalid)
      throw schemaError(`'${shortened(error.path)}'`, error.message, param, error);
    if (error instanceof CannotEnforceSchema) {
      const advice = 'Please leave it out, or do without strict where that is possible.';
      throw schemaError(
        `'${shortened(error.path)}' cannot be enforced:`,
        `${error.message}. ${advice}`,
        param,
        error,
      );
    }
    throw error;
  }
}

function shortened(path: string): string {
  return path.length <= 300 ? path : `${path.slice(0, 150)}…${path.slice(-100)}`;
}

function schemaError(subject: string, reason: string, param: string, cause: unknown): AppError {
  const end = /[.!]$/.test(reason) ? '' : '.';
  const about = cause instanceof GrammarLimit ? `is more than this server takes: ${reason}` : reason;
  return new AppError(`${subject} ${about}${end}`, { status: 400, code: 'invalid_request', param, cause });
}
