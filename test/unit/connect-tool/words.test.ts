import { expect, test } from 'vitest';
import { readAddress } from '../../../server/connect-tool/address.ts';
import { UsageError } from '../../../server/connect-tool/failures.ts';
import { readWords } from '../../../server/connect-tool/words.ts';

test('reads its words, also a ticket that begins with a dash', () => {
  const ticket = '-abc-DEF_0123456789abc';
  expect(readWords(['--ticket', ticket, '--yes', '--tools', 'Codex, opencode'])).toMatchObject({
    command: 'connect',
    address: null,
    ticket,
    yes: true,
    tools: ['codex', 'opencode'],
  });
  expect(readWords(['undo', '--revoke'])).toMatchObject({ command: 'undo', revoke: true });
  expect(readWords(['10.0.0.1', '--fingerprint', 'AB'])).toMatchObject({ address: '10.0.0.1', https: true });
});

test.each([
  [['--ticket', '--yes'], "Option '--ticket' argument is ambiguous."],
  [['--bad'], "Unknown option '--bad'."],
  [['a', 'b'], '“b” is one word too many.'],
  [['--code', 'A', '--ticket', 'B'], 'Give --code or --ticket, not both.'],
  [['--revoke'], '--revoke belongs to undo.'],
])('%j is called wrongly', (words, sentence) => {
  expect(() => readWords(words)).toThrow(new UsageError(sentence));
});

test.each([
  ['192.168.1.20', 'http 192.168.1.20 11500'],
  ['desk-1:8080', 'http desk-1 8080'],
  ['http://10.0.0.1', 'http 10.0.0.1 11500'],
  ['http://10.0.0.1:80/v1/', 'http 10.0.0.1 80'],
  ['https://ai.example.org:443', 'https ai.example.org 443'],
  ['fe80::1', 'http [fe80::1] 11500'],
  ['[fe80::1]:80', 'http [fe80::1] 80'],
])('%s leads to %s', (text, expected) => {
  const { isHttps, host, port } = readAddress(text);
  expect(`${isHttps ? 'https' : 'http'} ${host} ${port}`).toBe(expected);
});

test('the link of an invitation brings its ticket and what its authority is known by', () => {
  expect(readAddress('http://192.168.1.20:11500/pair#t=abc&f=pin&h=inglenook.local')).toMatchObject({
    port: 11_500,
    ticket: 'abc',
    pin: 'pin',
  });
});
