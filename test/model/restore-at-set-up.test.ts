import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServer, temporaryDir } from './running-server.ts';

/** The server itself, without what sets up and watches over. */
const command = [process.execPath, 'server/main.ts'] as const;
const password = 'correct horse battery';
const passphrase = 'a passphrase nobody guesses';

async function post(url: string, path: string, body: unknown) {
  const response = await fetch(`${url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const linkIn = (stderr: string): string => /set the owner's password at \S+#(\S+)/.exec(stderr)?.[1] ?? '';

it('a backup in place of a first password: the server begins anew by itself, at its address, and ends as ever', async () => {
  const old = await startServer({ command });
  await expect.poll(() => linkIn(old.stderr())).not.toBe('');
  expect((await post(old.url, '/setup', { token: linkIn(old.stderr()), password })).status).toBe(200);
  const key = await old.cli('key', 'create', '--name', 'Anna');
  const file = join(temporaryDir(), 'office.age');
  await old.cli('backup', file, '--passphrase', passphrase);
  await old.stop();

  const server = await startServer({ command });
  await expect.poll(() => linkIn(server.stderr())).not.toBe('');
  const asked = await post(server.url, '/setup/restore', {
    token: linkIn(server.stderr()),
    file,
    passphrase,
  });
  expect(asked).toMatchObject({ status: 200, json: { restarts: true } });
  const needsSetup = (): Promise<unknown> =>
    fetch(`${server.url}/api/session`)
      .then(async (response) => ((await response.json()) as { needsSetup: boolean }).needsSetup)
      .catch(() => 'away');
  await expect.poll(needsSetup, { timeout: 20_000 }).toBe(false);
  expect((await post(server.url, '/session', { password })).status).toBe(200);
  const models = await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  expect(models.status).toBe(200);
  // Whoever waits for the line has had it; nothing follows it.
  expect(server.stdout).toEqual([`Inglenook is ready at ${server.url}`]);
  expect(await server.stop()).toBe(0);
});
