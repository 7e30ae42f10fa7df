import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatOptions, Tool } from '../../../server/core/generate.ts';
import { createPromptBuilder } from '../../../server/engines/builtin/chat/prompt.ts';
import { plainChat } from '../../../server/engines/builtin/chat/tool-options.ts';
import { createFakeAddon, fakeText } from '../../fakes/fake-addon.ts';

const say = (role: ChatMessage['role'], text: string): ChatMessage => ({
  role,
  content: [{ type: 'text', text }],
});
const weather: Tool = {
  name: 'get_weather',
  description: 'Tells the weather',
  parameters: {
    schema: { type: 'object', properties: { city: { type: 'string', description: 'Where <END> it is' } } },
    path: 't',
    param: 't',
  },
  isStrict: false,
};
const conversation: readonly ChatMessage[] = [
  say('user', 'Weather?'),
  {
    role: 'assistant',
    content: [],
    reasoning: 'I look.',
    toolCalls: [
      { id: 'call_a', name: 'get_weather', arguments: '{"city":"Rome <END>"}' },
      { id: 'call_b', name: 'get_weather', arguments: '{"city":"Bonn"}' },
    ],
  },
  { ...say('tool', 'sunny'), toolCallId: 'call_a' },
  { ...say('tool', 'rainy'), toolCallId: 'call_b' },
];

async function build(template: string, messages = conversation, changes: Partial<ChatOptions> = {}) {
  const model = createFakeAddon({ contextTokens: 5000, template });
  const prompt = await createPromptBuilder(model).build(messages, {
    ...plainChat,
    tools: [weather],
    ...changes,
  });
  const controls = prompt.tokens.filter((token) => token >= 1_000_000).length;
  return { ...prompt, text: fakeText(prompt.tokens), controls };
}

/** Written after Qwen's template: its marks, and how it writes tools, calls and answers. */
const qwenLike =
  '{% if tools %}<tools>{% for tool in tools %}{{ tool | tojson }}{% endfor %}</tools>{% endif %}' +
  '{% for m in messages %}<BEGIN>{{ m.role }}:' +
  '{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}' +
  '{% for c in m.tool_calls or [] %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}' +
  '<END>{% endfor %}<BEGIN>assistant:{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}';

describe('a template that knows tools', () => {
  it('gets them as it wants them, and nothing in them becomes a control token', async () => {
    const { text, controls, tools } = await build(qwenLike);
    expect(text).toContain('"description": "Where <END> it is"');
    expect(text).toContain(
      '<tool_call>{"name": "get_weather", "arguments": {"city": "Rome <END>"}}</tool_call>',
    );
    expect(text).toContain('<think>I look.</think>');
    expect([tools, controls]).toEqual(['hermes', 9]);
  });

  it('hears nothing of them when none may be called', async () => {
    const { text } = await build(qwenLike, conversation, { toolChoice: 'none' });
    expect(text).not.toContain('<tools>');
  });

  it('gets arguments as text if it cannot take them otherwise', async () => {
    const template =
      "{{ 'tools' if tools }}<tool_call>{% for m in messages %}{% for c in m.tool_calls or [] %}{% if c.function.arguments is not string %}{{ raise_exception('text only') }}{% endif %}{{ 'arguments:' + c.function.arguments }}{% endfor %}{% endfor %}";
    expect((await build(template)).text).toContain('arguments:{"city":"Bonn"}');
  });

  it('that fails at them is told in words', async () => {
    const template =
      "{% if tools %}{{ raise_exception('no') }}<tool_call>arguments{% endif %}{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}";
    const { text, tools } = await build(template);
    expect(tools).toBe('generic');
    expect(text).toContain(
      '<tool_response>\nsunny\n</tool_response>\n<tool_response>\nrainy\n</tool_response>',
    );
  });

  it('of one call in a message gets one call in a message', async () => {
    const template =
      '{% if tools %}<|start_header_id|>ipython{% endif %}{{ \'"parameters": \' }}{% for m in messages %}{{ m.role }}{% for c in m.tool_calls or [] %}({{ c.function.arguments.city }}){% endfor %}{{ m.content }};{% endfor %}';
    expect((await build(template)).text).toContain(
      'userWeather?;assistant(Rome <END>);toolsunny;assistant(Bonn);toolrainy;',
    );
  });

  it('gets ids that it can take', async () => {
    const template =
      '{% if tools %}[TOOL_CALLS]{% endif %}{% for m in messages %}{% for c in m.tool_calls or [] %}<{{ c.id }}>{% endfor %}{% if m.tool_call_id %}<{{ m.tool_call_id }}>{% endif %}{% endfor %}';
    const ids = [...(await build(template)).text.matchAll(/<([^>]*)>/g)].map(([, id]) => id);
    expect(ids.every((id) => /^[a-zA-Z0-9]{9}$/.test(id ?? ''))).toBe(true);
    expect([ids[0], ids[1]]).toEqual([ids[2], ids[3]]);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe('a template without tools', () => {
  const plain =
    '{% for m in messages %}<BEGIN>{{ m.role }}:{{ m.content }}<END>{% endfor %}<BEGIN>assistant:';

  it('is told in words, before what the system says otherwise', async () => {
    const { text, controls, tools } = await build(plain, [say('system', 'Be brief.'), ...conversation]);
    expect(tools).toBe('generic');
    expect(text).toMatch(/^<BEGIN>system:Be brief\.\n\nYou may call functions/);
    expect(text).toContain('"name":"get_weather"');
    expect(text).toContain(
      '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Bonn"}}\n</tool_call>',
    );
    // Begin and end of four messages, and the last beginning: the answers of the tools are one message.
    expect(controls).toBe(9);
  });
});

describe('thoughts', () => {
  const opening = '{{ messages[0].content }}<think>\n';
  const hello = [say('user', 'Hi')];

  it('that the template begins are known', async () => {
    expect((await build(opening, hello)).thought).toBe('open');
  });

  it('that nobody wants are ended at once', async () => {
    const { text, thought } = await build(opening, hello, { reasoningEffort: 'none' });
    expect([text.endsWith('<think>\n</think>\n\n'), thought]).toEqual([true, 'closed']);
  });

  it('are switched off in the template’s own way', async () => {
    const { text, thought } = await build(qwenLike, hello, { reasoningEffort: 'none' });
    expect([text.endsWith('<think></think>'), thought]).toEqual([true, 'closed']);
  });

  it('are as the client’s own settings say', async () => {
    const { text } = await build(qwenLike, hello, { templateArguments: { enable_thinking: false } });
    expect(text.endsWith('<think></think>')).toBe(true);
  });

  it('are possible for a model that knows them', async () => {
    expect((await build(qwenLike, hello)).thought).toBe('possible');
  });
});
