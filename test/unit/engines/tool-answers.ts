import type { ChatForm } from '../../../server/engines/builtin/chat/chat-format.ts';

/**
 * Answers of models, written by us after the models' own chat templates and published examples (no recordings): what
 * each family writes when it calls tools or thinks.
 */
export type ModelAnswer = {
  readonly name: string;
  readonly form: ChatForm;
  readonly text: string;
  /** Whether the prompt has opened a thought. */
  readonly isThinking?: boolean;
  /** Whether nothing but this family's grammar could have written it. */
  readonly isUsual: boolean;
  readonly thought: string;
  readonly said: string;
  readonly calls: readonly (readonly [name: string, given: unknown])[];
};

const think = { open: '<think>', close: '</think>' };
const plain = { isUsual: true, thought: '', said: '' } as const;
const paris = ['get_weather', { city: 'Paris', days: 2 }] as const;
const rome = ['get_weather', { city: 'Rome' }] as const;
const odd = ['note', { text: 'a "quote" \\ {brace} </tool_call>?\n<b>🙂</b>', tags: ['x', 'y'] }] as const;

const hermes: ChatForm = { tools: 'hermes', reasoning: think };
const xml: ChatForm = { tools: 'qwen-xml', reasoning: null };
const llama: ChatForm = { tools: 'llama', reasoning: null };
const list: ChatForm = { tools: 'mistral-list', reasoning: null };
const mistral: ChatForm = { tools: 'mistral', reasoning: { open: '[THINK]', close: '[/THINK]' } };
const harmony: ChatForm = { tools: 'harmony', reasoning: null };
const gemma: ChatForm = { tools: 'gemma', reasoning: { open: '<|channel>thought', close: '<channel|>' } };

export const modelAnswers: readonly ModelAnswer[] = [
  {
    ...plain,
    name: 'Qwen 3 thinks, then calls twice',
    form: hermes,
    text: '<think>\nThe user wants two.\n</think>\n\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}\n</tool_call>\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Rome"}}\n</tool_call>',
    thought: 'The user wants two.',
    calls: [paris, rome],
  },
  {
    ...plain,
    name: 'Qwen 3 whose prompt has begun the thought',
    form: hermes,
    isThinking: true,
    text: 'Easy: 4.\n</think>\n\nIt is **4**.\n',
    thought: 'Easy: 4.',
    said: 'It is **4**.\n',
    calls: [],
  },
  {
    ...plain,
    name: 'Qwen 2.5 says something first',
    form: hermes,
    text: 'Let me look < that > up.\n\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}\n</tool_call>',
    said: 'Let me look < that > up.',
    calls: [paris],
  },
  {
    ...plain,
    name: 'Hermes with odd characters in its arguments',
    form: { tools: 'hermes', reasoning: null },
    text: `<tool_call>\n{"name": "note", "arguments": ${JSON.stringify(odd[1])}}\n</tool_call>`,
    calls: [odd],
  },
  {
    ...plain,
    isUsual: false,
    name: 'Hermes 2 Pro with the arguments first and an end of its own',
    form: hermes,
    text: '<tool_call>\n{"arguments": {"city": "Rome"}, "name": "get_weather"}\n</tool_call>\n',
    calls: [rome],
  },
  {
    ...plain,
    isUsual: false,
    name: 'Hermes with arguments as a text',
    form: hermes,
    text: '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Rome\\"}"}</tool_call>',
    calls: [rome],
  },
  {
    ...plain,
    isUsual: false,
    name: 'somebody who writes about the marks',
    form: { tools: 'generic', reasoning: null },
    text: 'Models write <tool_call>like this</tool_call>, <think> included.',
    said: 'Models write <tool_call>like this</tool_call>, <think> included.',
    calls: [],
  },
  {
    ...plain,
    name: 'Qwen3-Coder calls twice',
    form: xml,
    text: 'I will look.\n\n<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n</function>\n</tool_call>',
    said: 'I will look.',
    calls: [paris, rome],
  },
  {
    ...plain,
    name: 'Qwen3-Coder writes a text of several lines',
    form: xml,
    text: '<tool_call>\n<function=note>\n<parameter=text>\nline "one"\n  <b>two</b> \\ 🙂\n\n</parameter>\n<parameter=tags>\n["a", "b"]\n</parameter>\n</function>\n</tool_call>',
    calls: [['note', { text: 'line "one"\n  <b>two</b> \\ 🙂\n', tags: ['a', 'b'] }]],
  },
  {
    ...plain,
    isUsual: false,
    name: 'Qwen3-Coder without the outer marks',
    form: xml,
    text: '<function=get_weather>\n<parameter=city>\n12\n</parameter>\n</function>\n',
    calls: [['get_weather', { city: '12' }]],
  },
  {
    ...plain,
    name: 'Llama 3.2 calls',
    form: llama,
    text: '{"name": "get_weather", "parameters": {"city": "Paris", "days": 2}}',
    calls: [paris],
  },
  {
    ...plain,
    name: 'Llama 3.1 calls behind its tag',
    form: llama,
    text: '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Rome"}}',
    calls: [rome],
  },
  {
    ...plain,
    isUsual: false,
    name: 'Llama 3.1 as it was taught by others, twice',
    form: llama,
    text: '{"type": "function", "name": "get_weather", "parameters": {"city": "Paris", "days": 2}}; {"type": "function", "function": {"name": "get_weather", "parameters": {"city": "Rome"}}}',
    calls: [paris, rome],
  },
  {
    ...plain,
    name: 'Llama answers in JSON that is no call',
    form: llama,
    text: '{"city": "Paris", "name": "x"}',
    said: '{"city": "Paris", "name": "x"}',
    calls: [],
  },
  {
    ...plain,
    isUsual: false,
    name: 'Llama answers in JSON with the name of a person',
    form: llama,
    text: '{"name": "Ada", "parameters": {}}',
    said: '{"name": "Ada", "parameters": {}}',
    calls: [],
  },
  {
    ...plain,
    name: 'Mistral Nemo calls twice',
    form: list,
    text: '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}, {"name": "get_weather", "arguments": {"city": "Rome"}}]',
    calls: [paris, rome],
  },
  {
    ...plain,
    isUsual: false,
    name: 'Mistral Nemo with ids of its own',
    form: list,
    text: '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}, "id": "ab}cdefgh"}, {"name": "get_weather", "arguments": {"city": "Rome"}, "id": "123456789"}]',
    calls: [paris, rome],
  },
  {
    ...plain,
    name: 'Ministral thinks and calls twice',
    form: mistral,
    text: '[THINK]Two cities.[/THINK][TOOL_CALLS]get_weather[ARGS]{"city": "Paris", "days": 2}[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}',
    thought: 'Two cities.',
    calls: [paris, rome],
  },
  {
    ...plain,
    name: 'Mistral Small with an id',
    form: mistral,
    text: 'One moment.[TOOL_CALLS]get_weather[CALL_ID]abcDEF123[ARGS]{"city": "Rome"}',
    said: 'One moment.',
    calls: [rome],
  },
  {
    ...plain,
    name: 'gpt-oss thinks and calls',
    form: harmony,
    text: '<|channel|>analysis<|message|>Need the weather.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Paris","days":2}',
    thought: 'Need the weather.',
    calls: [paris],
  },
  {
    ...plain,
    name: 'gpt-oss calls as its template has it',
    form: harmony,
    text: ' to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Rome"}',
    calls: [rome],
  },
  {
    ...plain,
    name: 'gpt-oss answers',
    form: harmony,
    text: '<|channel|>analysis<|message|>Simple.<|end|><|start|>assistant<|channel|>final<|message|>It is 4 < 5.',
    thought: 'Simple.',
    said: 'It is 4 < 5.',
    calls: [],
  },
  {
    ...plain,
    name: 'gpt-oss announces what it does',
    form: harmony,
    text: '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>I look it up.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather<|message|>{"city":"Rome"}',
    thought: 'Hm.',
    said: 'I look it up.',
    calls: [rome],
  },
  {
    ...plain,
    name: 'Gemma 4 thinks and calls twice',
    form: gemma,
    text: '<|channel>thought\nTwo cities.\n<channel|><|tool_call>call:get_weather{city:<|"|>Paris<|"|>,days:2}<tool_call|><|tool_call>call:get_weather{city:<|"|>Rome<|"|>}<tool_call|>',
    thought: 'Two cities.',
    calls: [paris, rome],
  },
  {
    ...plain,
    name: 'Gemma 4 with odd characters in its arguments',
    form: gemma,
    text: '<|tool_call>call:note{text:<|"|>a "quote" \\ {brace}\n<b>🙂</b><|"|>,tags:[<|"|>x:1<|"|>,<|"|>y,<|"|>]}<tool_call|>',
    calls: [['note', { text: 'a "quote" \\ {brace}\n<b>🙂</b>', tags: ['x:1', 'y,'] }]],
  },
  {
    ...plain,
    name: 'a plain answer with blanks around it',
    form: hermes,
    text: '\n\n  Hello,\n\nworld.\n',
    said: 'Hello,\n\nworld.\n',
    calls: [],
  },
];
