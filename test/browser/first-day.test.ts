import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { startRealConsole } from './harness.ts';
import { canPlayOffice, networks, playNetwork } from './office-network.ts';
import { computer, paste, phone } from './pair-harness.ts';
import { readShownQr } from './shown-qr.ts';

const continueModel = z.object({ model: z.string(), apiBase: z.url(), apiKey: z.string() });
/** What Continue reads of its `config.yaml`; the first model is for chatting. */
const continueConfig = z.object({ models: z.tuple([continueModel], continueModel) });
type Settings = z.infer<typeof continueModel>;

const streamChunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })),
});

/** Sends what an editor would, and gives the pieces of the answer as they come. */
async function streamedAnswer({ apiBase, apiKey, model }: Settings): Promise<string[]> {
  const answer = await fetch(`${apiBase}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      stream: true,
      max_tokens: 12,
      messages: [{ role: 'user', content: 'Say hello in one sentence.' }],
    }),
  });
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('data: '));
  expect(lines.pop()).toBe('data: [DONE]');
  return lines
    .flatMap((line) => streamChunk.parse(JSON.parse(line.slice('data: '.length))).choices)
    .flatMap(({ delta }) => delta.content ?? []);
}

/** Counts what people have to do on the first day. */
function countEffort() {
  const steps: string[] = [];
  const words: string[] = [];
  return {
    steps,
    words,
    step: async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      steps.push(what);
      return work();
    },
    type: async (page: Page, label: string, word: string): Promise<void> => {
      words.push(word);
      await page.getByLabel(label, { exact: true }).pressSequentially(word);
    },
  };
}

// The promise of the product, with the real engine and the real starter model: from a server that runs to an editor
// that works. The short address that Anna opens on her computer belongs to the step, but is no word.
describe.runIf(canPlayOffice)('the first day in an office', () => {
  it('takes at most 8 steps and 2 typed words', { timeout: 180_000 }, async () => {
    const server = await startRealConsole(playNetwork(networks.wifi));
    onTestFinished(() => server.stop());
    const { steps, words, step, type } = countEffort();
    const owner = await server.open('/console/');

    await step('The owner lets the office in.', async () => {
      await owner.getByRole('switch', { name: 'Let my office in' }).press('Space');
      await owner.getByText('Waiting for the first request from another device').waitFor();
    });
    await step('The owner adds Anna.', async () => {
      await owner.getByRole('button', { name: 'Add a person' }).first().click();
      await type(owner, 'Name', 'Anna');
      await owner.keyboard.press('Enter');
    });
    const dialog = owner.getByRole('dialog', { name: 'Invitation for Anna' });
    await dialog.getByText('Waiting for the device…').waitFor();

    const onPhone = await step('Anna scans the QR code.', async () => {
      const link = await readShownQr(owner, 'QR code of the invitation');
      return server.open(link, { ...phone, signedIn: false });
    });
    await step('Anna says that she works on a computer.', () =>
      onPhone.getByRole('button', { name: /^On another computer/ }).click(),
    );
    const address = await onPhone.locator('.address').innerText();
    const code = await onPhone.getByText(/^[A-Z]{4}-[A-Z]{4}$/).innerText();

    const onComputer = await step('Anna opens the short address there and types the code.', async () => {
      const page = await server.open(`http://${address}`, {
        ...computer,
        signedIn: false,
        // As on http://192.168…, which is no secure context; this computer's own addresses are one.
        initScript: "Object.defineProperty(navigator, 'clipboard', { value: undefined })",
      });
      await type(page, 'Code', code);
      await page.keyboard.press('Enter');
      return page;
    });
    await step('The owner compares two digits and says yes.', async () => {
      await dialog.getByText(/^Anna’s .+ asks to join from /).waitFor();
      const digits = /Do both screens show (\d\d)\?/.exec(await dialog.innerText())?.[1] ?? 'none';
      await onComputer.getByText(digits, { exact: true }).waitFor();
      await dialog.getByRole('button', { name: /^Allow/ }).click();
    });
    await dialog.getByText(/^Anna’s .+ is connected\./).waitFor();
    await onPhone.getByRole('heading', { name: 'The computer has joined' }).waitFor();

    const copied = await step('Anna copies the settings of her editor.', async () => {
      await onComputer.getByRole('heading', { name: 'You are in' }).waitFor();
      const block = onComputer.locator('.copy-block').filter({ hasText: 'apiKey' });
      await block.getByRole('button', { name: /^Copy/ }).click();
      await block.getByText('Copied').first().waitFor();
      return paste(onComputer);
    });
    const [settings] = continueConfig.parse(parse(copied)).models;
    expect(new URL(settings.apiBase).hostname).toBe('127.0.0.2');

    const pieces = await step('Anna asks something in her editor.', () => streamedAnswer(settings));
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(1);
    await dialog.getByText(/^First request seen from Anna’s .+\. All is set\.$/).waitFor();

    expect(words).toEqual(['Anna', code]);
    expect(steps.length, steps.join('\n')).toBeLessThanOrEqual(8);
    expect(await onPhone.content()).not.toContain('sk-ink_');
  });
});
