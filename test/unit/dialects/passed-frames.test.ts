import { describe, expect, it } from 'vitest';
import type { GeneratePart } from '../../../server/core/generate.ts';
import { openAiChat } from '../../../server/dialects/openai-chat.ts';
import { createFrameTemplate } from '../../../server/engines/openai/frame-template.ts';
import fc from 'fast-check';

const head = { requestId: 'req_1', model: 'gpt-4o-mini', createdSeconds: 5 };
const body = { model: 'gpt-4o-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }] };

function passed(choice: string): GeneratePart {
  return {
    type: 'text-delta',
    tokens: 1,
    frames: { dialect: 'openai-chat', choices: [choice] },
    get text(): string {
      throw new Error('nobody should ask');
    },
  };
}

describe('a frame of an upstream', () => {
  it('is put into our envelope unread, what we do not know included', () => {
    const encoder = openAiChat.openStream(head, openAiChat.parse(body), 0);
    const frame = encoder.encode(
      passed('{"index":0,"delta":{"content":"a","theirs":1},"finish_reason":null}'),
    );
    expect(JSON.parse(frame.replace(/^data: /, ''))).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 5,
      model: 'gpt-4o-mini',
      choices: [{ index: 0, delta: { content: 'a', theirs: 1 }, finish_reason: null }],
    });
  });

  it('is read where it would not be right as it is: another choice, or the form before tools', () => {
    const frames = { dialect: 'openai-chat', choices: ['{}'] } as const;
    const part: GeneratePart = { type: 'text-delta', tokens: 1, text: 'said', frames };
    const second = openAiChat.openStream(head, openAiChat.parse({ ...body, n: 2 }), 1);
    expect(second.encode(part)).toContain('"content":"said"');
    const functions = [{ name: 'f', parameters: { type: 'object' } }];
    const older = openAiChat.openStream(head, openAiChat.parse({ ...body, functions }), 0);
    expect(older.encode(part)).toContain('"content":"said"');
  });
});

describe('the template of a stream', () => {
  const frameOf = (content: string, more: object = {}): string =>
    JSON.stringify({
      id: 'x',
      model: 'y "choices":[{',
      choices: [{ index: 0, delta: { content, role: 'assistant' }, finish_reason: null, ...more }],
      system_fingerprint: 'z',
    });

  it('recognises every frame that differs in its text alone, and says that text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (first, second) => {
        const template = createFrameTemplate();
        template.learn(frameOf(first), first);
        const payload = frameOf(second);
        const found = template.match(payload);
        expect(found).not.toBeNull();
        expect(JSON.parse(`"${found?.escaped}"`)).toBe(second);
        expect(JSON.parse(found?.choice ?? '')).toEqual(JSON.parse(payload).choices[0]);
      }),
    );
  });

  it('recognises none that says more', () => {
    const template = createFrameTemplate();
    template.learn(frameOf('a'), 'a');
    expect(template.match(frameOf('b', { finish_reason: 'stop' }))).toBeNull();
    const broken = frameOf('b').replace('"b"', '"b\\x"');
    expect(template.match(broken)).toBeNull();
    const smuggled = frameOf('b').replace('"b"', '"b","tool_calls":[{"x":"y"}],"z":""');
    expect(template.match(smuggled)).toBeNull();
  });

  it('learns nothing from what it does not understand', () => {
    const template = createFrameTemplate();
    for (const payload of [
      '',
      '{',
      '{"choices":[]}',
      '{"choices":[{"delta":{}}]}',
      frameOf('a').replace('"a"', '"b"'),
    ]) {
      template.learn(payload, 'a');
      expect(template.match(frameOf('c'))).toBeNull();
    }
  });
});
