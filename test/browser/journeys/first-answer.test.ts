import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ownersPassword, startRealConsole } from '../harness.ts';
import { canPlayOffice, networks, playNetwork } from '../office-network.ts';
import { computer, paste } from '../pair-harness.ts';
import { countEffort } from './effort.ts';
import { askTool, starterModel } from './teammate.ts';

/** What Continue reads of its `config.yaml`; the first model is for chatting. */
const continueConfig = z.object({
  models: z.array(z.object({ model: z.string(), apiBase: z.url(), apiKey: z.string() })).min(1),
});

/** On a machine with other work the first load of a model takes its time. */
const modelWaitMs = 60_000;

const pathOf = (link: string): string => new URL(link).pathname + new URL(link).hash;

describe.runIf(canPlayOffice)('from the installation to a teammate’s answer', () => {
  it('takes at most 8 steps, none of them long', { timeout: 120_000 }, async () => {
    const server = await startRealConsole(playNetwork(networks.wifi));
    onTestFinished(() => server.stop());
    const { steps, step } = countEffort();

    const owner = await step('the owner', 'opens the link that the installation ends with', ({ act }) =>
      act('open', () => server.open(pathOf(server.setupLink), { signedIn: false })),
    );
    await step('the owner', 'chooses a password', async ({ type, press }) => {
      await type(owner.getByLabel('New password'), ownersPassword);
      await press(owner.getByRole('button', { name: 'Continue' }));
    });
    await owner.getByRole('heading', { level: 1, name: 'What this computer can do' }).waitFor();
    // It answers before anybody has chosen a model, and says what kind of a model it is.
    await owner.getByText('test model, not for work').waitFor({ timeout: modelWaitMs });
    expect(await owner.locator('blockquote').innerText()).toMatch(/\w/);
    await step('the owner', 'goes on with the model that answers', ({ press }) =>
      press(owner.getByRole('button', { name: 'Continue' })),
    );
    await step('the owner', 'lets the office in', async ({ press }) => {
      await press(owner.getByRole('switch', { name: 'Let my office in' }));
      await owner.getByText('Waiting for the first request from another device').waitFor();
      await press(owner.getByRole('link', { name: 'Finish and open Home' }));
    });
    const invitation = await step('the owner', 'invites Anna', async ({ press, type }) => {
      await press(owner.getByRole('button', { name: 'Add a person' }).first());
      const form = owner.getByRole('dialog');
      await type(form.getByLabel('Name', { exact: true }), 'Anna');
      await press(form.getByRole('button', { name: 'Make the invitation' }));
      return owner.getByRole('dialog', { name: 'Invitation for Anna' });
    });
    // What is read out to Anna, or off the screen.
    const code = await invitation.getByText(/^[A-Z]{4}-[A-Z]{4}$/).innerText();
    const address = await invitation.getByText(/^127\.0\.0\.2:\d+\/pair$/).innerText();

    const anna = await step('Anna', 'asks on her own computer to be let in', async ({ act, press, type }) => {
      const page = await act('open', () =>
        server.open(`http://${address}`, {
          ...computer,
          signedIn: false,
          // As on http://192.168…, which is no secure context; this computer's own addresses are one.
          initScript: "Object.defineProperty(navigator, 'clipboard', { value: undefined })",
        }),
      );
      await type(page.getByLabel('Code'), code);
      await press(page.getByRole('button', { name: 'Ask to be let in' }));
      return page;
    });
    await step('the owner', 'compares two digits and allows it', async ({ press }) => {
      await invitation.getByText(/^Anna’s .+ asks to join from /).waitFor();
      const digits = /Do both screens show (\d\d)\?/.exec(await invitation.innerText())?.[1] ?? 'none';
      await anna.getByText(digits, { exact: true }).waitFor();
      await press(invitation.getByRole('button', { name: /^Allow/ }));
    });
    const answered = await step('Anna', 'sets up her editor and asks', async ({ press, act }) => {
      await anna.getByRole('heading', { name: 'You are in' }).waitFor();
      const block = anna.locator('.copy-block').filter({ hasText: 'apiKey' });
      await press(block.getByRole('button', { name: /^Copy/ }));
      await block.getByText('Copied').first().waitFor();
      const { models } = continueConfig.parse(parse(await act('paste', () => paste(anna))));
      const { apiBase = '', apiKey = '', model = '' } = models[0] ?? {};
      expect(new URL(apiBase).hostname).toBe('127.0.0.2');
      return act('ask', () => askTool({ baseUrl: apiBase, key: apiKey, model }));
    });

    expect(answered.text).toMatch(/\w/);
    expect(answered.model).toBe(starterModel);
    await invitation.getByText(/^First request seen from Anna’s .+\. All is set\.$/).waitFor();

    const told = steps.map(({ who, what, acts }) => `${who} ${what} (${acts.join(', ')})`).join('\n');
    expect(steps.length, told).toBeLessThanOrEqual(8);
    for (const { acts } of steps) expect(acts.length, told).toBeLessThanOrEqual(3);
    const acts = steps.flatMap((each) => each.acts);
    // A password, a name, a code; and no more presses than there are decisions.
    expect(acts.filter((act) => act === 'type').length, told).toBeLessThanOrEqual(3);
    expect(acts.filter((act) => act === 'press').length, told).toBeLessThanOrEqual(9);
  });
});
