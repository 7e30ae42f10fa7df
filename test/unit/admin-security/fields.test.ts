import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hello, refused, startHouse, type House } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await startHouse();
});

describe('fields', () => {
  it('attack 25: numbers out of all bounds are 400, or never reach an engine as they are', async () => {
    const cases: readonly Readonly<Record<string, unknown>>[] = [
      { n: 1e6 },
      { n: 0 },
      { n: -1 },
      { max_tokens: -1 },
      { max_tokens: 1e12 },
      { max_tokens: '5' },
      { max_tokens: 1.5 },
      { max_completion_tokens: -7 },
      { temperature: 'NaN' },
      { temperature: -1 },
      { temperature: 1e308 },
      { top_p: 17 },
      { n_discard: -5 },
      { n_keep: -(2 ** 31) },
      { top_k: 2 ** 53 },
      { top_k: -(2 ** 53) },
      { seed: 1e300 },
      { presence_penalty: 1e9 },
      { repeat_penalty: -1e9 },
    ];
    for (const fields of cases) {
      const answer = await house.ask('/v1/chat/completions', { ...hello, ...fields });
      expect([fields, answer.status === 400 || answer.status === 200]).toEqual([fields, true]);
    }
    // Not JSON, though some write it.
    for (const value of ['NaN', 'Infinity', '1e999']) {
      const body = JSON.stringify({ ...hello, temperature: 'HERE' }).replace('"HERE"', value);
      expect([
        value,
        (await house.ask('/v1/chat/completions', body, { 'content-type': 'application/json' })).status,
      ]).toEqual([value, 400]);
    }
    for (const { maxTokens, sampling, ...rest } of house.engine.seen.requests) {
      if (maxTokens !== null) expect(Number.isSafeInteger(maxTokens) && maxTokens > 0).toBe(true);
      for (const value of Object.values(sampling)) {
        if (typeof value === 'number') expect(Math.abs(value)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
      }
      expect(JSON.stringify(rest)).not.toMatch(/n_discard|n_keep|nDiscard/);
    }
  });

  it('attack 26: a hundred thousand messages, a message of ten megabytes, halves of characters and a million emoji are answered or refused', async () => {
    const user = (content: string) => ({ model: 'fake-model', messages: [{ role: 'user', content }] });
    const many = { model: 'fake-model', messages: Array.from({ length: 100_000 }, () => hello.messages[0]) };
    const status = async (body: unknown): Promise<number> =>
      (
        await house.ask('/v1/chat/completions', typeof body === 'string' ? body : JSON.stringify(body), {
          'content-type': 'application/json',
        })
      ).status;
    expect([400, 413]).toContain(await status(many));
    for (const body of [
      user('x'.repeat(10_000_000)),
      '{"model":"fake-model","messages":[{"role":"user","content":"\\ud800 and \\udfff"}]}',
      user('a\u0000b\u0007\u001b[31m'),
      user('🔥'.repeat(1_000_000)),
    ]) {
      expect([200, 400, 413]).toContain(await status(body));
    }
    expect(await status(hello)).toBe(200);
  });

  it('attack 27: ten thousand stop texts, and a million biases are refused before anything walks through them', async () => {
    const bias = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, token) => [String(token), 1]));
    for (const fields of [
      { stop: Array.from({ length: 10_000 }, (_, index) => `s${index}`) },
      { logit_bias: bias },
    ]) {
      expect((await house.ask('/v1/chat/completions', { ...hello, ...fields })).status).toBe(400);
    }
    expect(house.engine.seen.requests).toEqual([]);
  });

  it('attack 28: names of models that are paths, codes or tricks are unknown models, and stay text in log and file', async () => {
    const names = [
      '../../etc/passwd',
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e%2f',
      'a\u0000b',
      'C:\\Windows\\system32',
      'CON',
      'x'.repeat(5_000),
      '\u202egnp.exe',
      'a\r\nSet-Cookie: x=1',
      '\u001b[31mred',
    ];
    for (const model of names) {
      const answer = await house.ask('/v1/chat/completions', { ...hello, model });
      expect([model.slice(0, 30), answer.status]).toEqual([
        model.slice(0, 30),
        model.length > 1_000 ? answer.status : 404,
      ]);
      expect([400, 404]).toContain(answer.status);
      if (answer.status === 404) expect(refused(answer)[1]).toBe('model_not_found');
    }
    for (const path of [
      '/v1/models/..%2f..%2fetc%2fpasswd',
      '/v1/models/%2e%2e%2f',
      '/v1/models/a%00b',
      '/v1/models/../../etc/passwd',
    ]) {
      const answer = await house.send('GET', path, { headers: { authorization: `Bearer ${house.key}` } });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain('root:');
    }
    expect((await house.requestLog()).every((row) => typeof row['model'] === 'string')).toBe(true);
    const file = readFileSync(join(house.dataDir, 'logs', 'server.log'), 'utf8');
    // oxlint-disable-next-line no-control-regex
    expect(file).not.toMatch(/\u001b|\u202e|^Set-Cookie/mu);
  });
});
