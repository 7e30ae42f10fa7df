import { describe, expect, it } from 'vitest';
import type { Tool } from '../../../server/core/generate.ts';
import { detectChatForm, type ChatForm } from '../../../server/engines/builtin/chat/chat-format.ts';
import { buildAnswerGrammar, type AnswerGrammar } from '../../../server/engines/builtin/chat/tool-grammar.ts';
import { plainChat } from '../../../server/engines/builtin/chat/tool-options.ts';
import { createAnswerParser, type AnswerParser } from '../../../server/engines/builtin/chat/tool-parser.ts';
import type { OutputPiece } from '../../../server/engines/builtin/chat/tool-scanner.ts';
import { gbnfAccepts, parseGbnf } from '../../fakes/gbnf.ts';
import { modelAnswers, type ModelAnswer } from './tool-answers.ts';

function tool(name: string, properties: object, required: readonly string[]): Tool {
  const schema = { type: 'object', properties, required };
  return { name, description: null, parameters: { schema, path: name, param: name }, isStrict: true };
}

const tools = [
  tool('get_weather', { city: { type: 'string' }, days: { type: 'integer' } }, ['city']),
  tool('note', { text: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } }, ['text']),
];
const chat = { ...plainChat, tools };

const grammars = new Map<string, AnswerGrammar>();

function grammarOf(form: ChatForm, isThinking = false): AnswerGrammar {
  const key = JSON.stringify([form, isThinking]);
  const grammar =
    grammars.get(key) ?? buildAnswerGrammar(chat, form, { thought: isThinking ? 'open' : 'possible' });
  grammars.set(key, grammar);
  return grammar;
}

function parserFor({ form, isThinking = false }: Pick<ModelAnswer, 'form' | 'isThinking'>): AnswerParser {
  let ids = 0;
  return createAnswerParser({
    form,
    isThinking,
    toolNames: tools.map(({ name }) => name),
    parameterTypes: grammarOf(form).parameterTypes,
    newId: () => {
      ids += 1;
      return `id${ids}`;
    },
  });
}

/** What the pieces say together; the calls' arguments are parsed. */
function joined(pieces: readonly OutputPiece[]) {
  const calls: { name: string; id: string; given: string }[] = [];
  let thought = '';
  let said = '';
  for (const piece of pieces) {
    if (piece.type === 'text-delta') said += piece.text;
    else if (piece.type === 'reasoning-delta') thought += piece.text;
    else if (piece.type === 'tool-call-start') calls.push({ name: piece.name, id: piece.id, given: '' });
    else {
      const call = calls[piece.index];
      if (call === undefined) throw new Error('arguments of a call that has not begun');
      call.given += piece.arguments;
    }
  }
  return { thought, said, calls: calls.map(({ name, given }) => [name, JSON.parse(given)]) };
}

function read(answer: ModelAnswer, pieces: readonly string[]) {
  const parser = parserFor(answer);
  const all = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  expect(parser.held()).toBe(0);
  return joined(all);
}

describe('an answer', () => {
  it.each(modelAnswers)('of $name is understood whole', (answer) => {
    const { thought, said, calls } = answer;
    expect(read(answer, [answer.text])).toEqual({ thought, said, calls });
  });

  it.each(modelAnswers)('of $name is understood wherever it is cut', (answer) => {
    const { thought, said, calls, text } = answer;
    for (let at = 1; at < text.length; at += 1) {
      expect(read(answer, [text.slice(0, at), text.slice(at)])).toEqual({ thought, said, calls });
    }
    expect(read(answer, Array.from(text))).toEqual({ thought, said, calls });
  });

  it.each(modelAnswers)('of $name may break off anywhere', (answer) => {
    for (let at = 0; at < answer.text.length; at += 1) {
      const parser = parserFor(answer);
      const pieces = [...parser.push(answer.text.slice(0, at)), ...parser.end()];
      const said = pieces.map((piece) => (piece.type === 'text-delta' ? piece.text : '')).join('');
      expect(parser.calls()).toBeLessThanOrEqual(answer.calls.length);
      // Nothing is made up; at most the beginning of a mark is shown, which could have been text.
      const more = answer.said.startsWith(said) ? '' : said.slice(answer.said.length).trim();
      expect(more.length).toBeLessThan('<|channel>thought'.length);
      expect(answer.text.slice(0, at).trimEnd().endsWith(more)).toBe(true);
    }
  });

  it.each(modelAnswers.filter(({ isUsual }) => isUsual))('of $name is what its grammar allows', (answer) => {
    const { whole } = grammarOf(answer.form, answer.isThinking);
    expect(gbnfAccepts(parseGbnf(whole ?? ''), answer.text)).toBe(true);
  });

  it('streams: text at once, arguments as they come', () => {
    const parser = parserFor({ form: { tools: 'hermes', reasoning: null } });
    expect(parser.push('Hello')).toEqual([{ type: 'text-delta', text: 'Hello' }]);
    expect(parser.push(' you <tool')).toEqual([{ type: 'text-delta', text: ' you' }]);
    expect(parser.push('_call>\n{"name": "note", "arguments": ')).toEqual([]);
    expect(parser.push('{"te')).toEqual([
      { type: 'tool-call-start', index: 0, id: 'id1', name: 'note' },
      { type: 'tool-call-delta', index: 0, arguments: '{"te' },
    ]);
    expect(parser.push('xt": "}')).toEqual([{ type: 'tool-call-delta', index: 0, arguments: 'xt": "}' }]);
    expect(parser.push('"}}\n</tool')).toEqual([{ type: 'tool-call-delta', index: 0, arguments: '"}' }]);
    expect([...parser.push('_call>'), ...parser.end()]).toEqual([]);
  });

  it('without tools is text, whatever it looks like', () => {
    const text = '<tool_call>\n{"name": "note", "arguments": {}}\n</tool_call>';
    const form: ChatForm = { tools: 'hermes', reasoning: null };
    const parser = createAnswerParser({ form, isThinking: false, toolNames: [], parameterTypes: () => [] });
    expect(joined([...parser.push(text), ...parser.end()])).toEqual({ thought: '', said: text, calls: [] });
  });

  it('tells whether the model still thinks', () => {
    const parser = parserFor({ form: { tools: 'hermes', reasoning: null } });
    const seen = ['\n', '<thi', 'nk>', 'Hm', '. </th', 'ink>', 'Yes'].map((text) => {
      parser.push(text);
      return parser.isThinking();
    });
    expect(seen).toEqual([false, false, true, true, true, false, false]);
  });

  it('has ids that Mistral’s templates take, and others that OpenAI’s clients know', () => {
    const ids = (['mistral', 'hermes'] as const).map((tools) => {
      const parser = createAnswerParser({
        form: { tools, reasoning: null },
        isThinking: false,
        toolNames: ['note'],
        parameterTypes: () => [],
      });
      const text =
        tools === 'mistral' ? '[TOOL_CALLS]note[ARGS]{}' : '<tool_call>{"name":"note","arguments":{}}';
      const [start] = parser.push(text);
      return start?.type === 'tool-call-start' ? start.id : '';
    });
    expect(ids).toEqual([
      expect.stringMatching(/^[a-zA-Z0-9]{9}$/),
      expect.stringMatching(/^call_[a-zA-Z0-9]{24}$/),
    ]);
  });
});

/** The marks by which templates are known, as they stand in the published ones. */
describe('the form of a model', () => {
  it.each<[string, string | null, ChatForm['tools'], string | null]>([
    ['no template', null, 'generic', null],
    ['no tools', "{% for m in messages %}{{ m['content'] }}{% endfor %}", 'generic', null],
    [
      'Qwen 3',
      '{% if tools %}<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}{% endif %}<think>',
      'hermes',
      '<think>',
    ],
    [
      'Qwen3-Coder',
      '{% if tools %}<tool_call>\\n<function=example>\\n<parameter=x>{% endif %}',
      'qwen-xml',
      null,
    ],
    ['GLM', '{% if tools %}<tool_call>{name}<arg_key>{arguments}{% endif %}<think>', 'generic', '<think>'],
    [
      'Llama 3.2',
      '{% if tools %}<|start_header_id|>ipython{% endif %}{{ \'"parameters": \' }}',
      'llama',
      null,
    ],
    ['Mistral Nemo', '{% if tools %}[TOOL_CALLS][{% endif %}', 'mistral-list', null],
    [
      'Ministral',
      '{% if tools %}[TOOL_CALLS]{{ name }}[ARGS]{% endif %}[THINK]x[/THINK]',
      'mistral',
      '[THINK]',
    ],
    ['gpt-oss', '{% if tools %}<|channel|>analysis<|message|>{% endif %}', 'harmony', null],
    [
      'Gemma 4',
      '{% if tools %}<|tool_call>call:{{ name }}{% endif %}<|channel>thought\n<channel|>',
      'gemma',
      '<|channel>thought',
    ],
  ])('with %s is told by its template', (_, template, form, thought) => {
    const found = detectChatForm(template);
    expect([found.tools, found.reasoning?.open ?? null]).toEqual([form, thought]);
  });
});
