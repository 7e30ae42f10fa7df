import type { lookup } from 'node:dns';
import { join } from 'node:path';
import fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOfAddress, guardedLookup, requireRedirect } from '../../../server/core/egress.ts';
import { requireFetchable } from '../../../server/engines/builtin/supply/download-egress.ts';
import {
  pathWithin,
  safeFileName,
  safeWord,
  urlFolder,
} from '../../../server/engines/builtin/supply/download-names.ts';
import { bytesIn, joinRanges, takePiece } from '../../../server/engines/builtin/supply/download-ranges.ts';
import { parsePullUri } from '../../../server/engines/builtin/supply/pull-uri.ts';

const hub = 'https://huggingface.co';

describe('the address of a model', () => {
  it('has one spelling, whichever way it was written', () => {
    const spelled = (text: string) => parsePullUri(text, hub).text;
    expect([
      spelled('hf:Qwen/Qwen3-8B-GGUF:q4_k_m'),
      spelled(' hf://Qwen/Qwen3-8B-GGUF '),
      spelled('hf:a/b/sub/x.gguf#dev'),
      spelled('https://huggingface.co/a/b/resolve/dev/sub/x%20y.gguf?download=true'),
      spelled('https://huggingface.co/a/b'),
      spelled('http://nas.office:8080/models/x.gguf'),
      spelled('http://192.168.1.5/x.gguf#part'),
    ]).toEqual([
      'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
      'hf:Qwen/Qwen3-8B-GGUF',
      'hf:a/b/sub/x.gguf#dev',
      'hf:a/b/sub/x y.gguf#dev',
      'hf:a/b',
      'http://nas.office:8080/models/x.gguf',
      'http://192.168.1.5/x.gguf',
    ]);
  });

  it.each([
    'hf:',
    'hf:a',
    'hf:../../etc',
    'hf:a/..',
    'hf:a/b/../../x.gguf',
    'hf:a/b//x.gguf',
    'hf:a/b/x.exe',
    'hf:a/b/x\\y.gguf',
    'hf:a/b:Q4/../x',
    'hf:a/b#../x',
    'ftp://host/x.gguf',
    'file:///x.gguf',
    'x.gguf',
    'https://user:secret@host/x.gguf',
    'http://169.254.169.254/x.gguf',
    'http://2852039166/x.gguf',
    'http://0xa9fea9fe/x.gguf',
    'http://[::ffff:169.254.169.254]/x.gguf',
    'http://[fe80::1]/x.gguf',
    'http://0.0.0.0/x.gguf',
    'http://[::]/x.gguf',
    `https://host/${'x'.repeat(2000)}.gguf`,
  ])('is refused: %s', (text) => {
    expect(() => parsePullUri(text, hub)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('of this network is allowed, and each number is judged as what it is', () => {
    expect(requireFetchable('http://127.0.0.1:9/x').hostname).toBe('127.0.0.1');
    const classes = (addresses: readonly string[]) => addresses.map(classOfAddress);
    expect(
      classes(['10.1.2.3', '172.31.0.1', '192.168.0.1', '127.0.0.1', '100.64.0.1', '::1', 'fd12::1']),
    ).toEqual(Array(7).fill('private'));
    expect(classes(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808'])).toEqual(
      Array(5).fill('public'),
    );
    expect(
      classes([
        '169.254.0.1',
        'fe80::1%eth0',
        '::ffff:a9fe:a9fe',
        '64:ff9b::a9fe:a9fe',
        '224.0.0.1',
        'ff02::1',
        'no',
      ]),
    ).toEqual(Array(7).fill('refused'));
    expect(classes(['::ffff:10.0.0.1', '::ffff:7f00:1'])).toEqual(['private', 'private']);
  });

  it('that a public server sends us to is not inside the house, and https does not become http', () => {
    const from = new URL('https://hub.example/x');
    for (const target of [
      'https://10.0.0.1/x',
      'https://[::1]/x',
      'http://cdn.example/x',
      'https://a:b@cdn.example/',
    ]) {
      expect(() => requireRedirect(target, from, 'public')).toThrow('does not fetch from');
    }
    expect(requireRedirect('/y', from, 'public').href).toBe('https://hub.example/y');
    expect(requireRedirect('http://10.0.0.2/x', new URL('http://10.0.0.1/'), 'private').hostname).toBe(
      '10.0.0.2',
    );
  });

  it('is looked up once, and goes nowhere if any of its numbers is not allowed', async () => {
    const ask = (addresses: readonly string[], mayBePrivate: boolean) =>
      new Promise((resolve) => {
        const fake = ((_name: string, _options: unknown, callback: (error: null, all: unknown) => void) =>
          callback(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          )) as unknown as typeof lookup;
        guardedLookup(mayBePrivate, fake)('name.example', { all: true }, (error, all) =>
          resolve(error === null ? all : error.message),
        );
      });
    expect(await ask(['10.0.0.1'], true)).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(await ask(['10.0.0.1'], false)).toContain('does not fetch from');
    expect(await ask(['8.8.8.8', '169.254.169.254'], true)).toContain('does not fetch from');
    expect(await ask([], true)).toContain('does not fetch from');
  });
});

describe('the name of a file', () => {
  it('means the same on every system', () => {
    expect(
      [
        '../../etc/passwd',
        'a\\..\\CON.gguf',
        '.hidden.gguf',
        'Modell (Über) v2.GGUF',
        '%2e%2e%2fx.gguf',
        'x\u202eexe.gguf',
        '',
        'x.gguf\0.txt',
        `${'n'.repeat(300)}-00002-of-00003.gguf`,
      ].map(safeFileName),
    ).toEqual([
      'passwd.gguf',
      'model-CON.gguf',
      'hidden.gguf',
      'Modell-U-ber-v2.gguf',
      '2e-2e-2fx.gguf',
      'x-exe.gguf',
      'model.gguf',
      'x.gguf-.txt.gguf',
      `${'n'.repeat(120)}-00002-of-00003.gguf`,
    ]);
  });

  it('never leads out of the folder, whatever it was', () => {
    fastCheck.assert(
      fastCheck.property(
        fastCheck.string({ unit: 'binary' }),
        fastCheck.string({ unit: 'binary' }),
        (folder, file) => {
          const relative = `${safeWord(folder)}/${safeFileName(file)}`;
          expect(relative).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9_][A-Za-z0-9._-]*\.gguf$/);
          expect(pathWithin('/models', relative)).toBe(join('/models', relative));
        },
      ),
    );
    expect(() => pathWithin('/models', '../x')).toThrow('out of its folder');
  });

  it('differs for files of one name in two places', () => {
    const folders = ['http://a/x/m.gguf', 'http://a/y/m.gguf', 'http://b/x/m.gguf', 'http://a/x/n.gguf'].map(
      (url) => urlFolder(new URL(url)),
    );
    expect(new Set(folders).size).toBe(3);
    expect(folders[3]).toBe(folders[0]);
  });
});

it('ranges: pieces taken off the front are together what there was, in any order they come back', () => {
  const ranges = fastCheck
    .array(fastCheck.tuple(fastCheck.nat(10_000), fastCheck.integer({ min: 1, max: 500 })), { maxLength: 8 })
    .map((pairs) => joinRanges(pairs.map(([from, length]) => ({ from, to: from + length }))));
  fastCheck.assert(
    fastCheck.property(ranges, fastCheck.integer({ min: 1, max: 300 }), (left, most) => {
      const pieces = [];
      for (let taken = takePiece(left, most); taken !== null; taken = takePiece(taken.left, most)) {
        pieces.push(taken.piece);
        expect(taken.piece.to - taken.piece.from).toBeLessThanOrEqual(most);
      }
      expect(bytesIn(pieces)).toBe(bytesIn(left));
      expect(joinRanges(pieces.toReversed())).toEqual(left);
    }),
  );
});
