import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newKeyText } from '../../../server/core/key-format.ts';
import { maskSecrets } from '../../../server/core/mask.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]): string => parts.join('');
const letters = 'aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5dE7fG9';

const pem = [
  join('-----BEGIN RSA ', 'PRIVATE KEY-----'),
  ...Array.from({ length: 12 }, () => letters + letters.slice(0, 22)),
  'c2hvcnQ=',
  join('-----END RSA ', 'PRIVATE KEY-----'),
].join('\n');
const jwt = join('eyJ', letters, '.', 'eyJ', letters, '.', letters);

const known: readonly (readonly [string, string, string])[] = [
  ['OpenAI', join('sk-', 'proj-', letters), 'API key'],
  ['OpenAI, before projects', join('sk-', letters), 'API key'],
  ['Anthropic', join('sk-', 'ant-api03-', letters, '-', letters), 'API key'],
  ['Stripe', join('sk_', 'live_', letters), 'API key'],
  ['Hugging Face', join('hf_', letters), 'API key'],
  ['GitHub', join('ghp_', letters), 'GitHub token'],
  ['GitHub, fine-grained', join('github_pat_', letters, '_', letters), 'GitHub token'],
  ['Slack', join('xoxb-', '123456789012-', letters), 'Slack token'],
  ['AWS', join('AKIA', 'ABCDEFGHIJKLMNOP'), 'AWS key'],
  ['Google', join('AIza', letters.slice(0, 35)), 'Google key'],
  ['JWT', jwt, 'JWT'],
  ['PEM', pem, 'private key'],
  ['PEM in JSON', pem.replaceAll('\n', '\\n'), 'private key'],
  ['our own token', join('ink-', 'admin_', letters), 'inglenook token'],
];

describe('masking', () => {
  it.each(known)('%s', (_name, secret, kind) => {
    for (const [before, after] of [
      ['', ''],
      ['the key is ', ' and more'],
      ['"', '"'],
      ['(', ').'],
      ['\n', '\n'],
      ['KEY=', ';'],
    ]) {
      expect(maskSecrets(`${before}${secret}${after}`).text).toBe(`${before}[masked: ${kind}]${after}`);
    }
  });

  it('keeps what stands around a password or a bearer’s token', () => {
    expect(maskSecrets(`https://mia:${letters}@db.example/x?y=1`).text).toBe(
      'https://mia:[masked: password]@db.example/x?y=1',
    );
    expect(maskSecrets('GET /x?user=mia&password=hunter22&z=1').text).toBe(
      'GET /x?user=mia&password=[masked: password]&z=1',
    );
    expect(maskSecrets(`Authorization: Bearer ${letters}\r\n`).text).toBe(
      'Authorization: Bearer [masked: token]\r\n',
    );
    expect(maskSecrets('Authorization: Basic bWlhOnNlY3JldA==').text).toBe(
      'Authorization: Basic [masked: token]',
    );
  });

  it('a private key that is cut off, or has a passphrase, too', () => {
    const half = pem.slice(0, 400);
    expect(maskSecrets(`here: ${half}`).text).toBe('here: [masked: private key]');
    const withHead = half.replace('\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n');
    expect(maskSecrets(withHead).text).not.toContain(letters);
  });

  it('does not take talk about keys for keys', () => {
    const talk = [
      'What does -----BEGIN PRIVATE KEY----- mean? Explain it to me in ten sentences, with examples please.',
      'Use sk-ink_YOURKEY or sk-… in the header Authorization: Bearer YOUR_KEY',
      'task-management-system-overview-and-more and sk-learn-like-interfaces-in-python',
      'https://example.org:8080/path?page=2&token=&x=1 and mailto:mia@example.org',
      'bearer internationalization of the world',
      'const password = "string"; eyJhbGciOiJIUzI1NiJ9 alone is a header',
    ];
    for (const text of talk)
      expect(maskSecrets(text).text.replace('[masked: private key]', '-----BEGIN PRIVATE KEY-----')).toBe(
        text,
      );
  });

  it('attack 64: masks every key of ours at any place of any text', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom(
          'sk-ink_',
          'sk-',
          '_',
          'A',
          '9',
          'z',
          '-',
          '.',
          ' ',
          '\n',
          'Bearer ',
          '://',
          '@',
        ),
        maxLength: 60,
      }),
    );
    fc.assert(
      fc.property(anything, anything, fc.boolean(), (before, after, isTwice) => {
        const key = newKeyText();
        const masked = maskSecrets(before + key + after + (isTwice ? key : '')).text;
        expect(masked).not.toContain(key);
        expect(masked).not.toContain(key.slice(7, 30));
        expect(masked).toContain('[masked: ');
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves every text without secrets as it is', () => {
    const word = fc.constantFrom(
      'sk',
      'the',
      'Grüße',
      '東京',
      'key',
      'Bearer',
      'https://example.org/a?b=c',
      '{"a": 1}',
      '🔥',
      '\n',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 200 }), (words) => {
        const text = words.join(' ');
        expect(maskSecrets(text)).toEqual({ text, masked: 0, cut: 0 });
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => maskSecrets(text).text === text),
    );
  });

  it('cuts so that no half of a secret and no half of a character stays', () => {
    const key = newKeyText();
    for (let keep = 0; keep < 80; keep++) {
      const { text, cut } = maskSecrets(`twelve chars${key} and more after it`, keep);
      expect(text).not.toMatch(/sk-ink_\w/);
      if (keep > 12) expect(text).toContain('[masked: inglenook key]');
      expect(cut).toBe(keep <= 12 ? 75 - keep : Math.max(0, 75 - Math.max(keep, 57)));
    }
    expect(maskSecrets('ab🔥cd', 3)).toEqual({ text: 'ab', masked: 0, cut: 4 });
    // Longer than anything is looked ahead.
    const long = maskSecrets(`x${pem.repeat(20)}`, 5);
    expect(long.text).toBe('x[masked: private key]');
  });

  // Time that grows with the square of the length would take minutes here, and the test run out of its own.
  it('gets through megabytes of what looks like the beginning of secrets', () => {
    const hostile = [
      'sk-',
      'sk-ink_',
      'eyJ',
      'eyJa.',
      'Bearer ',
      '://a:',
      'http://',
      '?password=',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN A ',
      'A',
      '-',
      ' ',
      'github_pat_',
      'xoxb-',
      'aws_secret_access_key',
      'Authorization: Basic ',
      'a:b@',
      '\\n',
    ];
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(400_000 / piece.length));
      expect(maskSecrets(text).text.length).toBeGreaterThan(0);
      const mixed = `${text.slice(0, 200_000)}${newKeyText()}${text.slice(0, 200_000)}`;
      expect(maskSecrets(mixed).masked).toBeGreaterThan(0);
    }
  });
});
