import { describe, expect, it } from 'vitest';
import { mostAnswerCharacters } from '../../../renderer/playground/clean.ts';
import { createPlayground, type Hearer } from '../../../renderer/playground/playground.ts';
import type { AnswerEnd, Question } from '../../../renderer/playground/talk.ts';
import { messagesFor, tokensPerSecond, usualSettings } from '../../../renderer/playground/talk.ts';

type Asked = {
  readonly question: Question;
  readonly hearer: Hearer;
  readonly signal: AbortSignal;
  readonly end: (end: AnswerEnd) => Promise<void>;
};

/** A playground whose answers, time and storage are the test's. */
function start(storage: Map<string, string> | null = new Map()) {
  const asked: Asked[] = [];
  const time = { ms: 0 };
  let due: { work: () => void }[] = [];
  const playground = createPlayground({
    askModel: (question, hearer, signal) => {
      const { promise, resolve } = Promise.withResolvers<AnswerEnd>();
      signal.addEventListener('abort', () => resolve({ kind: 'stopped' }));
      asked.push({
        question,
        hearer,
        signal,
        async end(end) {
          resolve(end);
          await promise;
          await Promise.resolve();
        },
      });
      return promise;
    },
    nowMs: () => time.ms,
    newId: () => `turn-${asked.length}`,
    storage:
      storage === null
        ? null
        : {
            getItem: (name) => storage.get(name) ?? null,
            setItem: (name, value) => void storage.set(name, value),
            removeItem: (name) => void storage.delete(name),
          },
    after(_ms, work) {
      const one = { work };
      due.push(one);
      return () => void (due = due.filter((other) => other !== one));
    },
  });
  const pass = (): void => {
    const now = due;
    due = [];
    for (const { work } of now) work();
  };
  const say = (text: string): void => {
    playground.write(text);
    playground.ask(['office', 'other']);
  };
  return { playground, asked, time, pass, say };
}

const done: AnswerEnd = { kind: 'done', isCut: false };

describe('a conversation', () => {
  it('asks what is written, tells of the answer as it comes, and how fast it was', async () => {
    const { playground, asked, time, pass, say } = start();
    playground.set({ system: 'Be brief.', temperature: 0.2, maxTokens: 50 });
    let told = 0;
    playground.subscribe(() => (told += 1));
    say('  What is up?  ');
    expect(playground.state().draft).toBe('');
    const { question, hearer, end } = asked[0] as Asked;
    expect(question).toEqual({
      model: 'office',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What is up?' },
      ],
      as: null,
      mayLeave: false,
      temperature: 0.2,
      maxTokens: 50,
    });
    time.ms = 1200;
    hearer.onServed('smollm2');
    hearer.onText('Not ');
    const before = told;
    for (let word = 0; word < 100; word++) hearer.onText('much ');
    expect(told).toBe(before);
    pass();
    expect(told).toBe(before + 1);
    expect(playground.state().turns[0]?.answers[0]).toMatchObject({
      served: 'smollm2',
      firstMs: 1200,
      end: null,
    });
    time.ms = 3200;
    hearer.onText('.');
    hearer.onTokens(93);
    await end(done);
    const answer = playground.state().turns[0]?.answers[0];
    expect(answer).toMatchObject({ firstMs: 1200, lastMs: 3200, tokens: 93, end: done });
    expect(answer?.text).toMatch(/^Not (much ){100}\.$/);
    expect(answer && tokensPerSecond(answer)).toBe(46);
  });

  it('tells the model what was said before, and of two models each its own', async () => {
    const { playground, asked, say } = start();
    playground.set({ isSideBySide: true });
    say('One');
    asked[0]?.hearer.onText('first of office');
    await asked[0]?.end(done);
    await asked[1]?.end({ kind: 'refused', message: 'No.', code: 'rate_limit_exceeded', requestId: null });
    say('Two');
    expect(asked.slice(2).map(({ question: { model, messages } }) => [model, messages])).toEqual([
      [
        'office',
        [
          { role: 'user', content: 'One' },
          { role: 'assistant', content: 'first of office' },
          { role: 'user', content: 'Two' },
        ],
      ],
      ['other', [{ role: 'user', content: 'Two' }]],
    ]);
  });

  it('takes no second question while it answers, and keeps what is written meanwhile', async () => {
    const { playground, asked, say } = start();
    say('One');
    say('Two');
    expect(asked).toHaveLength(1);
    expect(playground.state().draft).toBe('Two');
    await asked[0]?.end(done);
    playground.ask(['office', 'other']);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.question.messages.at(-1)).toEqual({ role: 'user', content: 'Two' });
  });

  it('asks nothing where nothing is written', () => {
    const { playground, asked, say } = start();
    say(' \n ');
    expect([asked.length, playground.state().turns.length]).toEqual([0, 0]);
  });

  it('stops both, keeps what has come, and asks the last question again', async () => {
    const { playground, asked, say } = start();
    playground.set({ isSideBySide: true });
    say('One');
    asked[0]?.hearer.onText('half');
    playground.stop();
    await Promise.all(asked.map(({ end }) => end(done)));
    expect(playground.state().turns[0]?.answers).toMatchObject([
      { text: 'half', end: { kind: 'stopped' } },
      { text: '', end: { kind: 'stopped' } },
    ]);
    playground.askAgain(1, 'other');
    expect(asked).toHaveLength(3);
    asked[2]?.hearer.onText('whole');
    await asked[2]?.end(done);
    expect(playground.state().turns).toHaveLength(1);
    expect(playground.state().turns[0]?.answers).toMatchObject([
      { text: 'half' },
      { text: 'whole', end: done },
    ]);
  });

  it('ends an answer that would fill the browser', async () => {
    const { playground, asked, say } = start();
    say('Go on for ever');
    asked[0]?.hearer.onText('x'.repeat(mostAnswerCharacters + 1));
    expect(asked[0]?.signal.aborted).toBe(true);
    await asked[0]?.end(done);
    expect(playground.state().turns[0]?.answers[0]?.end).toEqual({ kind: 'too-long' });
  });
});

describe('what is kept', () => {
  it('outlives a reload, and what was being written then counts as broken off', async () => {
    const storage = new Map<string, string>();
    const first = start(storage);
    first.playground.set({ models: ['office', null], as: 'key-1' });
    first.say('One');
    first.asked[0]?.hearer.onText('half an');
    first.pass();
    first.playground.write('and then');
    first.playground.keepNow();
    const { state } = start(storage).playground;
    expect(state()).toMatchObject({
      draft: 'and then',
      settings: { models: ['office', null], as: 'key-1' },
      turns: [{ question: 'One', answers: [{ text: 'half an', end: { kind: 'broken' } }, null] }],
    });
  });

  it('is nothing after it was cleared, also of an answer that was on its way', async () => {
    const storage = new Map<string, string>();
    const { playground, asked, say } = start(storage);
    playground.set({ system: 'secret' });
    say('secret');
    playground.clear();
    asked[0]?.hearer.onText('secret');
    await asked[0]?.end(done);
    expect(playground.state()).toEqual({ draft: '', settings: usualSettings, turns: [] });
    expect([...storage.values()].join('')).not.toContain('secret');
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it('is the newest where there is not room for all', async () => {
    const storage = new Map<string, string>();
    const { asked, say } = start(storage);
    for (let turn = 0; turn < 8; turn++) {
      say(`question ${turn}`);
      asked[turn]?.hearer.onText('x'.repeat(300_000));
      await asked[turn]?.end(done);
    }
    const { turns } = start(storage).playground.state();
    expect(turns.length).toBeGreaterThan(0);
    expect(turns.length).toBeLessThan(8);
    expect(turns.at(-1)?.question).toBe('question 7');
  });

  it('is none where there is no storage, or a strange thing in it', () => {
    expect(start(null).playground.state().turns).toEqual([]);
    for (const text of ['{', '{"turns":3}', 'null']) {
      const storage = new Map([['inglenook-playground', text]]);
      expect(start(storage).playground.state().settings).toEqual(usualSettings);
    }
  });
});

it('tells the model no more than the last twenty turns', () => {
  const answer = {
    model: 'm',
    served: null,
    text: 'a',
    thoughts: '',
    firstMs: 1,
    lastMs: 2,
    tokens: 1,
    end: done,
  };
  const turns = Array.from({ length: 30 }, (_, index) => ({
    id: String(index),
    question: `q${index}`,
    answers: [answer, null] as const,
  }));
  const messages = messagesFor(turns, { lane: 0, question: 'now', system: '' });
  expect([messages.length, messages[0]?.content, messages.at(-1)?.content]).toEqual([41, 'q10', 'now']);
});

it('says no speed where there is nothing to measure', () => {
  const answer = { model: 'm', served: null, text: 'a', thoughts: '', end: done };
  expect(tokensPerSecond({ ...answer, firstMs: 100, lastMs: 100, tokens: 40 })).toBeNull();
  expect(tokensPerSecond({ ...answer, firstMs: 100, lastMs: 900, tokens: 1 })).toBeNull();
  expect(tokensPerSecond({ ...answer, firstMs: 100, lastMs: 900, tokens: null })).toBeNull();
});
