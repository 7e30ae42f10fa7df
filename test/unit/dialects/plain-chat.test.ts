import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { openAiChat } from '../../../server/dialects/openai-chat.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
/** Right and wrong alike, at the edges of what the vendor allows. */
const number = fc.constantFrom(-1, 0, 0.5, 1, 1.5, 2, 2.5, 1e9, 2 ** 53, Number.NaN);
const something = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({}));
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer', 'user', 'assistant'), content: text }),
  fc.record(
    {
      role: fc.constantFrom('user', 'tool', 'nobody'),
      content: something,
      name: something,
      other: something,
    },
    { requiredKeys: [] },
  ),
);
const body = fc.record(
  {
    model: fc.oneof(text, something),
    messages: fc.oneof(fc.array(message, { minLength: 1, maxLength: 3 }), something),
    stream: fc.oneof(fc.boolean(), something),
    max_tokens: number,
    max_completion_tokens: number,
    temperature: number,
    top_p: number,
    stop: something,
    user: something,
    metadata: something,
  },
  { requiredKeys: ['model', 'messages'] },
);

/** The call, or what the client is told. */
function outcome(given: object): unknown {
  try {
    return openAiChat.parse(given);
  } catch (error) {
    return String(error);
  }
}

describe('a plain chat request', () => {
  it('is read as the schema reads it, by hand or not', () => {
    fc.assert(
      // With `n` only the schema looks at it; one answer is what is usual.
      fc.property(body, (given) => {
        expect(outcome(given)).toEqual(outcome({ ...given, n: 1 }));
      }),
      { numRuns: 2000 },
    );
  });

  it('is handed on whole', () => {
    const given = {
      model: 'm',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 5,
      temperature: 0.5,
      unknown: 'of no matter',
    };
    expect(openAiChat.parse(given)).toMatchObject({
      request: {
        model: 'm',
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
          { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        ],
        maxTokens: 5,
        sampling: { temperature: 0.5, topP: null },
      },
      stream: false,
      dropped: [],
    });
  });
});

const count = fc.nat({ max: 1e6 });
const choice = fc.record({
  promptText: fc.constant(''),
  text: fc.string({ unit: 'binary', maxLength: 40 }),
  reasoning: fc.constantFrom('', '', 'Hm.'),
  toolCalls: fc.constantFrom([], [], [{ id: 'call_1', name: 'look', arguments: '{}' }]),
  reason: fc.constantFrom('stop', 'length', 'tool_calls'),
  logprobs: fc.constantFrom(null, null, []),
});

test('a whole answer is the same text, written down at once or not', () => {
  const call = openAiChat.parse({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
  let atOnce = 0;
  fc.assert(
    fc.property(
      fc.record({
        requestId: fc.constant('req_0123'),
        model: text,
        createdSeconds: count,
        choices: fc.array(choice, { minLength: 1, maxLength: 2 }),
        usage: fc.record(
          { promptTokens: count, cachedTokens: count, completionTokens: count, reasoningTokens: count },
          { requiredKeys: ['promptTokens', 'cachedTokens', 'completionTokens'] },
        ),
      }),
      (answer) => {
        const written = openAiChat.wholeText?.(answer, call) ?? null;
        if (written === null) return;
        atOnce += 1;
        expect(written).toBe(JSON.stringify(openAiChat.whole(answer, call)));
      },
    ),
    { numRuns: 2000 },
  );
  expect(atOnce).toBeGreaterThan(100);
});
