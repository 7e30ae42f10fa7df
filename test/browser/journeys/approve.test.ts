import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { lanState } from '../../../server/wire/lan.ts';
import { startRealConsole } from '../harness.ts';
import { canPlayOffice, networks, playNetwork } from '../office-network.ts';
import { askTool, folderForTest } from './teammate.ts';

const continueConfig = z.object({
  models: z.array(z.object({ model: z.string(), apiBase: z.url(), apiKey: z.string() })).min(1),
});

/** The tool that the server hands out, as a teammate without an invitation runs it in a home of their own. */
async function connectTool(address: string) {
  const home = await folderForTest();
  const tool = join(home, 'connect.mjs');
  await writeFile(tool, await (await fetch(`${address}/connect.mjs`)).text());
  const words = [tool, address, '--tools', 'continue', '--device', 'Desk by the window', '--yes'];
  const child = spawn(process.execPath, words, { env: { PATH: process.env['PATH'], HOME: home } });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, 'close') as Promise<[number | null]>;
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  return {
    said: () => said,
    code: async () => (await ended)[0],
    settings: async () => {
      const config = await readFile(join(home, '.continue', 'config.yaml'), 'utf8');
      return continueConfig.parse(parse(config)).models[0];
    },
  };
}

describe.runIf(canPlayOffice)('a device that nobody has invited', () => {
  it('asks, is approved by the owner wherever they are in the console, and is answered', async () => {
    const server = await startRealConsole(playNetwork(networks.wifi));
    onTestFinished(() => server.stop());
    const { address } = lanState.parse(await server.admin('PUT', '/lan', { on: true }));
    const page = await server.open('/console/people');
    const mayAsk = page.getByRole('switch', { name: 'Devices may ask without an invitation' });
    if (!(await mayAsk.isChecked())) await mayAsk.click();
    await page.getByRole('link', { name: 'Usage', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();

    const tool = await connectTool(address ?? '');
    const banner = page.getByRole('alert').filter({ hasText: 'Desk by the window asks to join' });
    await banner.getByText('asks without an invitation: do you know whose it is?').waitFor();
    const digits = /Do both screens show (\d\d)\?/.exec(await banner.innerText())?.[1] ?? 'none';
    await expect.poll(tool.said).toContain(`same number:  ${digits}`);
    await banner.getByRole('button', { name: /^Allow/ }).click();
    await banner.waitFor({ state: 'detached' });
    expect(await tool.code(), tool.said()).toBe(0);

    const { apiBase = '', apiKey = '', model = '' } = (await tool.settings()) ?? {};
    expect((await askTool({ baseUrl: apiBase, key: apiKey, model })).text).toMatch(/\w/);
    await page.getByRole('link', { name: 'People & devices', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: 'Desk by the window' });
    await row.getByRole('cell', { name: 'Active', exact: true }).waitFor();
  });
});
