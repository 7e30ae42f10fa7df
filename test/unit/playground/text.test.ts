import { expect, it } from 'vitest';
import { blocksOf } from '../../../renderer/playground/blocks.ts';
import { clean } from '../../../renderer/playground/clean.ts';
import { isTooDeep, limitTree } from '../../../renderer/playground/limit-tree.ts';
import { destinationOf } from '../../../renderer/playground/links.ts';

const here = 'http://127.0.0.1:11500';

it.each([
  ['an escape sequence', '\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
  ['a bell, a delete and an old control', 'a\u0007b\u007fc\u009bd', 'a␇b␡c\ufffdd'],
  ['overrides of direction', 'if (a\u202e ==\u2066 b)', 'if (a⟦U+202E⟧ ==⟦U+2066⟧ b)'],
  ['half a character', 'a\ud800b', 'a\ufffdb'],
  ['line ends of Windows', 'a\r\nb', 'a\nb'],
])('makes visible what is not seen, but does something: %s', (_what, given, shown) => {
  expect(clean(given)).toBe(shown);
});

it('leaves every language as it is written, with its marks of direction', () => {
  for (const text of [
    'Zeile\n\tmit Tab',
    'עברית\u200f (א)',
    'می\u200cخواهم',
    '👩\u200d💻 e\u0301',
    '日本語',
  ]) {
    expect(clean(text)).toBe(text);
  }
});

it('cuts a text at empty lines, but neither code nor lists', () => {
  expect(
    blocksOf(
      'One.\nStill one.\n\n\nTwo.\n\n```py\na = 1\n\nb = 2\n```\n\n1. first\n\n   more\n\n2. second\n\nEnd.\n\n',
    ),
  ).toEqual([
    'One.\nStill one.',
    'Two.',
    '```py\na = 1\n\nb = 2\n```',
    '1. first\n\n   more\n\n2. second',
    'End.',
  ]);
  expect(blocksOf('')).toEqual([]);
  expect(blocksOf('\n \n')).toEqual([]);
});

it('a fence ends by its own marks alone, and one that is still open holds all the rest', () => {
  expect(blocksOf('````md\n```js\n\n```\n\n~~~\n````\n\nafter')).toEqual([
    '````md\n```js\n\n```\n\n~~~\n````',
    'after',
  ]);
  expect(blocksOf('before\n\n```js\nlet a;\n\nlet b;')).toEqual(['before', '```js\nlet a;\n\nlet b;']);
});

it('while a text grows, no block before its last changes', () => {
  const text = '# A\n\ntext\n\n- a\n\n- b\n\n```\nx\n\ny\n```\n\n> q\n\nend';
  const whole = blocksOf(text);
  for (let length = 1; length <= text.length; length++) {
    const settled = blocksOf(text.slice(0, length)).slice(0, -2);
    expect(whole.slice(0, settled.length)).toEqual(settled);
  }
});

it.each([
  ['a script', 'javascript:alert(1)'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['a file', 'file:///etc/passwd'],
  ['another program', 'vscode://open?url=x'],
  ['a place in the console', '/api/keys'],
  ['the console by its whole address', `${here}/console/settings`],
  ['a host without its scheme', '//evil.example/x'],
  ['an anchor', '#user-content-fn-1'],
  ['nothing', undefined],
  ['no address', 'http://'],
])('a link to %s leads nowhere', (_what, written) => {
  expect(destinationOf(written, here)).toBeNull();
});

it('a link is named by the host that it really leads to', () => {
  expect(destinationOf('https://bank.example@evil.example:8443/login?a=1#b', here)).toEqual({
    address: 'https://evil.example:8443/login?a=1#b',
    host: 'evil.example:8443',
  });
  // A Cyrillic а.
  expect(destinationOf('https://b\u0430nk.example/', here)?.host).toBe('xn--bnk-6cd.example');
  expect(destinationOf('https:\\\\evil.example\\x', here)?.host).toBe('evil.example');
});

it('finds what nests too deeply, before and after it is read', () => {
  expect(isTooDeep(`${'>'.repeat(25)} deep`)).toBe(true);
  expect(isTooDeep(`fine\n${'- '.repeat(40)}deep`)).toBe(true);
  expect(isTooDeep('> > > quoted thrice\n- - -\n1. a\n----------------------------------- \n')).toBe(false);
  type Tree = { type: string; children?: Tree[]; value?: string };
  let deep: Tree = { type: 'text', value: 'x' };
  for (let level = 0; level < 30; level++) deep = { type: 'emphasis', children: [deep] };
  const root: Tree = { type: 'root', children: [deep] };
  limitTree()(root, { value: 'as written' });
  expect(root).toEqual({
    type: 'root',
    children: [{ type: 'paragraph', children: [{ type: 'text', value: 'as written' }] }],
  });
  const shallow: Tree = { type: 'root', children: [{ type: 'paragraph', children: [] }] };
  limitTree()(shallow, { value: '' });
  expect(shallow.children).toHaveLength(1);
});
