import { expect, test } from 'vitest';
import { expectValid, vendorErrors, vendorSchemas } from '../../fakes/vendor-schemas.ts';

test('every schema of the vendor’s description can be looked up', () => {
  const names = Object.keys(vendorSchemas());
  expect(names.length).toBeGreaterThan(300);
  for (const name of names) expect(() => vendorErrors(name, 'no object')).not.toThrow();
});

test('a value is judged by its schema, and `nullable` means what it says', () => {
  const error = { message: 'Wrong.', type: 'invalid_request_error', param: null, code: null };
  expectValid('ErrorResponse', { error });
  expect(vendorErrors('ErrorResponse', { error: { ...error, message: undefined } })).toHaveLength(1);
  const chunk = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [],
    usage: null,
  };
  expectValid('CreateChatCompletionStreamResponse', chunk);
  expect(vendorErrors('CreateChatCompletionStreamResponse', { ...chunk, created: '1' })).not.toEqual([]);
  expect(() => vendorErrors('NoSuchSchema', {})).toThrow(/NoSuchSchema/u);
});
