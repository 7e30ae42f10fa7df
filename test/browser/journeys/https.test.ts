import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lanState } from '../../../server/wire/lan.ts';
import { startRealConsole } from '../harness.ts';
import { askFromElsewhere, canPlayOffice, deskName, networks, playNetwork } from '../office-network.ts';
import type { ToolSettings } from './teammate.ts';

const run = promisify(execFile);
const root = new URL('../../..', import.meta.url).pathname;

const program = `
  import OpenAI from 'openai';
  const client = new OpenAI({ maxRetries: 0 });
  const messages = [{ role: 'user', content: 'Say hello in one sentence.' }];
  const answer = await client.chat.completions.create({ model: 'office', max_tokens: 12, messages });
  process.stdout.write(answer.choices[0].message.content);
`;

/**
 * A program of Node's with OpenAI's client, which is told of the authority's certificate as the console says, or not.
 * Resolves with what was answered, or with what the program broke off with.
 */
async function askByProgram({ baseUrl, key }: ToolSettings, authority: string | null): Promise<string> {
  const environment = {
    PATH: process.env['PATH'],
    OPENAI_BASE_URL: baseUrl,
    OPENAI_API_KEY: key,
    ...(authority === null ? {} : { NODE_EXTRA_CA_CERTS: authority }),
  };
  const options = { cwd: root, env: environment };
  return run(process.execPath, ['--input-type=module', '--eval', program], options).then(
    ({ stdout }) => stdout,
    (error: unknown) => `failed: ${(error as { stderr?: string }).stderr ?? String(error)}`,
  );
}

describe.runIf(canPlayOffice)('turning https on', () => {
  it('leads to an answer for who trusts the certificate, and to no other', { timeout: 120_000 }, async () => {
    const server = await startRealConsole(playNetwork(networks.wifi));
    onTestFinished(() => server.stop());
    const { address } = lanState.parse(await server.admin('PUT', '/lan', { on: true }));
    const plain = address ?? '';
    const { key } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna' });
    const body = { model: 'office', max_tokens: 4, messages: [{ role: 'user', content: 'Hello' }] };
    // As the office's own DNS calls it: what goes to an address of this computer is overheard by nobody.
    await server.admin('PUT', '/https', { officeDomain: 'office.example', publicNames: [deskName] });
    const askPlain = () =>
      askFromElsewhere({ address: plain, name: deskName, path: '/v1/chat/completions', key, body });
    expect((await askPlain()).status).toBe(200);

    const page = await server.open('/console/');
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('link', { name: 'Network and https' }).click();
    const authority = page.getByRole('region', { name: 'Certificate authority', exact: true });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      authority.getByRole('link', { name: 'Download the certificate' }).click(),
    ]);
    const certificate = await download.path();
    const shown = await authority.getByLabel('Fingerprint (SHA-256)').first().inputValue();
    expect(new X509Certificate(await readFile(certificate)).fingerprint256).toBe(shown);

    const https = page.getByRole('region', { name: 'https', exact: true });
    const secure = await https.getByLabel('Address by https', { exact: true }).inputValue();
    expect(new URL(secure).host).toBe(new URL(plain).host);
    await https.getByRole('switch', { name: /^https only/ }).click();
    await https.getByRole('button', { name: 'Keep it' }).click();
    await https.getByText('https only', { exact: true }).first().waitFor();

    const refused = await askPlain();
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Change http:// to https://');
    const tool = { baseUrl: `${secure}/v1`, key, model: 'office' };
    expect(await askByProgram(tool, null)).toMatch(/^failed: [\s\S]*certificate/);
    expect(await askByProgram(tool, certificate)).toMatch(/^(?!failed)[\s\S]*\w/);
  });
});
