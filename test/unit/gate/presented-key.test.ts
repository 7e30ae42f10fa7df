import { describe, expect, test } from 'vitest';
import { presentedKey } from '../../../server/gate/presented-key.ts';

const shown = (headers: Record<string, string>, query: Record<string, string> = {}): string | null =>
  presentedKey({ headers, query });

describe('where a key may be', () => {
  test.each([
    [{ authorization: 'Bearer abc' }, 'abc'],
    [{ authorization: 'bearer  abc ' }, 'abc'],
    [{ 'x-api-key': 'abc' }, 'abc'],
    [{ 'api-key': 'abc' }, 'abc'],
    [{ authorization: 'Bearer abc', 'api-key': 'abc' }, 'abc'],
    [{}, null],
    [{ authorization: 'Bearer ' }, null],
  ])('%j shows %s', (headers, key) => {
    expect(shown(headers as Record<string, string>)).toBe(key);
  });

  test('two different keys in one request are a 400', () => {
    expect(() => shown({ authorization: 'Bearer a', 'x-api-key': 'b' })).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });

  test.each(['Basic YTpi', 'Bearer a b', 'abc'])('"%s" is no key', (authorization) => {
    expect(() => shown({ authorization })).toThrow(expect.objectContaining({ status: 401 }));
  });

  test.each(['key', 'api_key', 'access_token'])(
    'a key in the address (?%s=) is refused, not used',
    (name) => {
      expect(() => shown({}, { [name]: 'secret' })).toThrow(
        expect.objectContaining({ status: 400, message: expect.not.stringContaining('secret') }),
      );
    },
  );
});
