import { expect, test } from 'vitest';
import { modelCheck } from '../../server/wire/checks.ts';
import { startServer } from './running-server.ts';

const starter = 'smollm2-135m-instruct';

test('the starter model does what tools need by form, and its badges say what it is too small for', async () => {
  const server = await startServer();
  const found = modelCheck.parse(JSON.parse(await server.cli('model', 'check', starter, '--json')));
  console.log(JSON.stringify(found, null, 1));
  expect(found).toMatchObject({
    model: starter,
    engine: 'builtin',
    state: 'fresh',
    run: null,
    problem: null,
  });
});
