import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyRecord } from '../../server/wire/admin.ts';
import { auditPage } from '../../server/wire/audit.ts';
import { backupState, restoreState } from '../../server/wire/backup.ts';
import { exportList } from '../../server/wire/exports.ts';
import { settingRecord } from '../../server/wire/settings.ts';
import { tracesPage } from '../../server/wire/traces.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let folder: string;
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model'] });
  folder = await mkdtemp(join(tmpdir(), 'inglenook-console-backups-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const passphrase = 'an oak beside the brook';
const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const setting = async (name: string) =>
  settingRecord.parse(await server.admin('GET', `/settings/${name}`)).value;
const acts = async () =>
  auditPage
    .parse(await server.admin('GET', '/audit?limit=50'))
    .map(({ act, object }) => `${act} ${object ?? ''}`.trim());

it('keeps everybody’s prompts only after the owner has told them, and no more when switched off', async () => {
  const page = await server.open('/console/settings/privacy');
  const tracing = panel(page, 'Keeping prompts and answers');
  await tracing.getByText('Not kept', { exact: true }).waitFor();
  await tracing.getByRole('button', { name: 'Keep everybody’s prompts' }).click();
  const dialog = page.getByRole('dialog', { name: 'Keep everybody’s prompts?' });
  await dialog.getByLabel(/What the devices are told/).fill('We look into the spelling aid until Friday.');
  await dialog.getByRole('button', { name: 'Keep everybody’s prompts' }).click();
  await dialog.getByText('Tell them first.').waitFor();
  expect(await setting('tracing.office')).toBe('off');
  await dialog.getByRole('checkbox', { name: /I have told everybody/ }).check();
  await dialog.getByRole('button', { name: 'Keep everybody’s prompts' }).click();
  await tracing.getByText('Kept for everybody').waitFor();
  await tracing.getByText('We look into the spelling aid until Friday.').waitFor();
  expect(await setting('tracing.office')).toBe('all');
  const { key } = await server.createKey({ name: 'Anybody' });
  expect((await server.chat(key)).headers.get('x-inglenook-traced')).toBe('office');

  await tracing.getByRole('button', { name: 'Keep no more' }).click();
  await tracing.getByText('Not kept', { exact: true }).waitFor();
  expect((await server.chat(key)).headers.get('x-inglenook-traced')).toBeNull();
  await server.admin('DELETE', '/traces?all=true');
});

it('traces a single device until a day, finds its prompts with a row in the audit, and stops', async () => {
  const { key } = await server.createKey({ name: 'Mira’s laptop', person: 'Mira' });
  const page = await server.open('/console/people');
  await page.getByRole('button', { name: 'Limits of Mira’s laptop' }).click();
  const limits = page.getByRole('dialog');
  await limits.getByRole('button', { name: 'Keeping prompts' }).click();
  await limits.getByLabel('Keep prompts and answers').selectOption('7');
  await limits.getByText('Every answer tells the device that it is kept.').waitFor();
  await limits.getByRole('button', { name: /^Save/ }).click();
  await limits.waitFor({ state: 'detached' });
  const record = keyRecord.parse(await server.admin('GET', '/keys/Mira’s%20laptop'));
  const days = (Date.parse(record.traceUntil ?? '') - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.9);
  expect(days).toBeLessThanOrEqual(7);
  const messages = [{ role: 'user', content: 'Where is the plan for the autumn fair?' }];
  await (await server.chat(key, { messages })).text();
  const isKept = async () => tracesPage.parse(await server.admin('GET', '/traces')).traces.length > 0;
  await expect.poll(isKept).toBe(true);

  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Privacy and retention' }).click();
  const search = panel(page, 'Search kept prompts');
  await search.getByText('is itself written to the audit').waitFor();
  await search.getByRole('button', { name: 'Search' }).click();
  await search.getByText('Enter a word.').waitFor();
  expect(await acts()).not.toContain('trace.search');
  await search.getByLabel('Words').fill('autumn');
  await search.getByLabel('Person').selectOption('Mira');
  await search.getByRole('button', { name: 'Search' }).click();
  await search.getByText('1 request found.').waitFor();
  await search.getByText('plan for the autumn fair').waitFor();
  expect(await acts()).toContain('trace.search Mira');
  await search.getByRole('button', { name: /^Open the request/ }).click();
  const drawer = page.getByRole('dialog', { name: 'What was asked and answered' });
  await drawer.getByText('Where is the plan for the autumn fair?').waitFor();
  expect((await acts()).filter((act) => act.startsWith('trace.read'))).toHaveLength(1);
  await page.keyboard.press('Escape');

  const traced = panel(page, 'Devices whose prompts are kept');
  await traced.getByText(/^Mira · until /).waitFor();
  await traced.getByRole('button', { name: 'Keep no more of Mira’s laptop' }).click();
  await traced.getByText('No single device’s prompts are kept.').waitFor();
  expect((await server.chat(key)).headers.get('x-inglenook-traced')).toBeNull();
});

it('changes how long a kind is kept, and deletes older data on request', async () => {
  const page = await server.open('/console/settings/privacy');
  const kept = panel(page, 'How long things are kept');
  await kept.getByRole('button', { name: 'Change how long is kept: Requests, one by one' }).click();
  const dialog = page.getByRole('dialog', { name: 'Requests, one by one' });
  await dialog.getByRole('switch', { name: 'Keep for ever' }).uncheck();
  await dialog.getByLabel('Days').fill('0');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText(/from 1 to 36500|1 and 36500|1 to 36500/).waitFor();
  await dialog.getByLabel('Days').fill('60');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await kept.getByText('60 days').waitFor();
  expect(await setting('log.keepDays')).toBe(60);
  await kept.getByRole('button', { name: 'Change how long is kept: Audit' }).click();
  const audit = page.getByRole('dialog', { name: 'Audit' });
  await audit.getByRole('button', { name: 'Save' }).click();
  await audit.waitFor({ state: 'detached' });
  expect(await setting('audit.keepDays')).toBe(0);

  await kept.getByRole('button', { name: 'Delete older data now' }).click();
  const purge = page.getByRole('dialog', { name: 'Delete older data' });
  await purge.getByRole('checkbox', { name: 'Requests, one by one' }).uncheck();
  await purge.getByRole('button', { name: 'Delete for good' }).click();
  await purge.getByText('Choose at least one.').waitFor();
  await purge.getByRole('checkbox', { name: 'All kept prompts' }).check();
  await purge.getByRole('checkbox', { name: 'Requests, one by one' }).check();
  await purge.getByRole('button', { name: 'Delete for good' }).click();
  await purge.waitFor({ state: 'detached' });
  expect(tracesPage.parse(await server.admin('GET', '/traces')).traces).toEqual([]);
  await panel(page, 'Search kept prompts').getByText('Nothing is kept at the moment.').waitFor();
  await kept.getByText(/Last deleted/).waitFor();
});

it('exports everything of a person, and erases it after their name was typed', async () => {
  const { key } = await server.createKey({ name: 'Otto’s laptop', person: 'Otto' });
  await (await server.chat(key)).text();
  const page = await server.open('/console/settings/privacy');
  const person = panel(page, 'Everything of one person');
  await person.getByLabel('Person').selectOption('Otto');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    person.getByRole('link', { name: 'Export everything' }).click(),
  ]);
  const held = JSON.parse(await readFile(await download.path(), 'utf8'));
  expect(held).toMatchObject({
    person: 'Otto',
    keys: [{ name: 'Otto’s laptop' }],
    requests: [{ person: 'Otto' }],
  });

  await person.getByRole('button', { name: 'Erase everything' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Type “Otto” to confirm').fill('Anna');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await dialog.getByText('That is another name.').waitFor();
  await dialog.getByLabel('Type “Otto” to confirm').fill('Otto');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await dialog.getByText('1 key revoked').waitFor();
  await dialog.getByText('1 request made nameless').waitFor();
  await dialog.getByText('What was exported elsewhere must be deleted there.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  expect((await server.chat(key)).status).toBe(401);
  await expect
    .poll(() => person.getByLabel('Person').locator('option').allInnerTexts())
    .not.toContain('Otto');
});

it('makes a backup to keep in the browser, and one in a file, under a passphrase typed twice', async () => {
  const page = await server.open('/console/settings/backup', { expectedErrors: /status of 4/ });
  await page.getByRole('button', { name: 'Make a backup' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a backup' });
  const submit = dialog.getByRole('button', { name: 'Make the backup' });
  await dialog.getByLabel('Passphrase').fill('short');
  await submit.click();
  await dialog.getByText('At least 12 characters.').waitFor();
  await dialog.getByLabel('Passphrase').fill(passphrase);
  await dialog.getByLabel('The same again').fill('an oak beside the brock');
  await submit.click();
  await dialog.getByText('The two are not the same.').waitFor();
  await dialog.getByLabel('The same again').fill(passphrase);
  const [download] = await Promise.all([page.waitForEvent('download'), submit.click()]);
  expect(download.suggestedFilename()).toMatch(/^inglenook-backup-\d{4}-\d\d-\d\d\.age$/);
  expect((await readFile(await download.path(), 'utf8')).startsWith('age-encryption.org/v1')).toBe(true);
  await dialog.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Make a backup' }).click();
  await dialog.getByLabel('Passphrase').fill(passphrase);
  await dialog.getByLabel('The same again').fill(passphrase);
  await dialog.getByRole('radio', { name: 'A file on this computer' }).check();
  await dialog.getByLabel('Whole path of the new file').fill('not/whole.age');
  await submit.click();
  await dialog
    .getByRole('alert')
    .or(dialog.getByText(/whole path/i).nth(1))
    .first()
    .waitFor();
  const file = join(folder, 'by-hand.age');
  await dialog.getByLabel('Whole path of the new file').fill(file);
  await submit.click();
  await dialog.waitFor({ state: 'detached' });
  expect((await stat(file)).size).toBeGreaterThan(1000);

  // The way back: checked now, put in place at the next start, and given up again.
  const restore = panel(page, 'Restore');
  await restore.getByRole('button', { name: 'More options' }).click();
  await restore.getByLabel('Whole path of the backup').fill(file);
  await restore.getByLabel('Passphrase', { exact: true }).fill('another passphrase');
  await restore.getByRole('button', { name: 'Check the backup' }).click();
  await expect.poll(() => restore.getByText(/passphrase/i).count()).toBeGreaterThan(2);
  expect(restoreState.parse(await server.admin('GET', '/restore')).prepared).toBeNull();
  await restore.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await restore.getByRole('button', { name: 'Check the backup' }).click();
  await restore.getByText(/^by-hand\.age is ready/).waitFor({ timeout: 20_000 });
  const inside = restore.getByRole('region', { name: 'What is in it' });
  expect(await inside.innerText()).toMatch(
    /Age\s+\S[\s\S]*Devices and keys\s+\d+\s+Names\s+\d+\s+Requests in the log\s+\d+/,
  );
  expect(await inside.innerText()).toMatch(/Owner’s password\s+set/);
  await restore.getByRole('button', { name: 'Do not restore' }).click();
  await restore.getByRole('button', { name: 'Check the backup' }).waitFor();
  expect(restoreState.parse(await server.admin('GET', '/restore')).prepared).toBeNull();
  // The same, sent by the browser: what is no backup is refused by its beginning.
  const chooser = restore.locator('input[type=file]');
  await chooser.setInputFiles({ name: 'photo.age', mimeType: 'image/png', buffer: Buffer.from('PNG') });
  await restore.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await restore.getByRole('button', { name: 'Check the backup' }).click();
  await restore.getByText('it does not begin as one').waitFor();
  await chooser.setInputFiles(file);
  await restore.getByText(/^by-hand\.age, /).waitFor();
  await restore.getByRole('button', { name: 'Check the backup' }).click();
  await restore.getByText(/^uploaded-backup\.age is ready/).waitFor({ timeout: 20_000 });
  await restore.getByRole('button', { name: 'Do not restore' }).click();
  await restore.getByRole('button', { name: 'Check the backup' }).waitFor();
  expect(restoreState.parse(await server.admin('GET', '/restore')).prepared).toBeNull();
});

it('sets up a daily backup, makes it now, shows when it last went well, and switches it off', async () => {
  const daily = join(folder, 'daily');
  await mkdir(daily);
  const page = await server.open('/console/settings/backup', { expectedErrors: /status of 4/ });
  const schedule = panel(page, 'Backup every day');
  await schedule.getByText('Off', { exact: true }).waitFor();
  await schedule.getByRole('button', { name: 'Set it up' }).click();
  const dialog = page.getByRole('dialog', { name: 'Backup every day' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Enter a folder.').waitFor();
  await dialog.getByLabel('Folder').fill(join(folder, 'away'));
  await dialog.getByLabel('At', { exact: true }).selectOption('4');
  await dialog.getByLabel('Passphrase').fill(passphrase);
  await dialog.getByLabel('The same again').fill(passphrase);
  await dialog.getByRole('button', { name: 'Save' }).click();
  // The server's own words, at the field.
  await expect.poll(() => dialog.getByLabel('Folder').getAttribute('aria-invalid')).toBe('true');
  await dialog.getByLabel('Folder').fill(daily);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await schedule.getByText('On', { exact: true }).waitFor();
  await schedule.getByRole('button', { name: 'Back up now' }).click();
  await schedule.getByText('1 backup there').waitFor({ timeout: 20_000 });
  const state = backupState.parse(await server.admin('GET', '/backups'));
  expect(state.schedule).toMatchObject({ on: true, folder: daily, hour: 4 });
  expect(existsSync(state.files[0]?.file ?? '')).toBe(true);
  await schedule.getByRole('button', { name: 'Switch off' }).click();
  await schedule.getByText('Off', { exact: true }).waitFor();
  await schedule.getByText('Last successful').waitFor();
});

it('adds an export, says why it does not work, changes and removes it', async () => {
  const page = await server.open('/console/settings/exports', { expectedErrors: /status of 4/ });
  expect(await page.getByLabel('Address').first().inputValue()).toBe(`${server.url}/metrics`);
  const exports = panel(page, 'Databases and traces');
  await exports.getByText('Nothing goes anywhere.').waitFor();
  await exports.getByRole('button', { name: 'Add an export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add an export' });
  const save = dialog.getByRole('button', { name: 'Save and test' });
  await dialog.getByLabel('What is there').selectOption('otlp');
  await dialog.getByLabel('Name').fill('Not a name');
  await dialog.getByLabel('Headers').fill('no header');
  await save.click();
  await dialog.getByText('Enter an address.').waitFor();
  await dialog.getByText('One header a line').last().waitFor();
  await dialog.getByText('Use small letters, digits and hyphens, at most 40.').waitFor();
  await dialog.getByLabel('Name').fill('traces');
  await dialog.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9');
  await dialog.getByLabel('Headers').fill('Authorization: Bearer secret-word');
  await dialog.getByRole('switch', { name: 'Include who asked' }).uncheck();
  await save.click();
  // It is kept, and stays in the form with the reason.
  await dialog.getByText('It is saved, but does not work yet:').waitFor();
  await dialog.getByText('Nothing answers at that address.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  await exports.getByRole('button', { name: 'Test traces' }).click();
  await exports.getByText('Nothing answers at that address.').first().waitFor();
  await exports.getByText('Without who asked').waitFor();
  const [kept] = exportList.parse(await server.admin('GET', '/exports'));
  // Nobody is told prompts of whom it is not told.
  expect(kept).toMatchObject({
    name: 'traces',
    kind: 'otlp',
    people: false,
    prompts: false,
    hasSecret: true,
  });
  expect(await page.content()).not.toContain('secret-word');

  await exports.getByRole('button', { name: 'Remove traces' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove export' }).click();
  await exports.getByText('Nothing goes anywhere.').waitFor();
  expect(exportList.parse(await server.admin('GET', '/exports'))).toEqual([]);
});

it('sends prompts only where the owner has said so, never to a database, and says whose they are', async () => {
  const page = await server.open('/console/settings/exports', { expectedErrors: /status of 4/ });
  const exports = panel(page, 'Databases and traces');
  const kept = async () => exportList.parse(await server.admin('GET', '/exports'))[0];
  await exports.getByRole('button', { name: 'Add an export' }).click();
  const added = page.getByRole('dialog', { name: 'Add an export' });
  const prompts = (dialog: Locator): Locator =>
    dialog.getByRole('switch', { name: 'With prompts of traced devices' });
  await added.getByLabel('What is there').selectOption('postgres');
  expect(await prompts(added).count()).toBe(0);
  await added.getByLabel('What is there').selectOption('langfuse');
  expect(await prompts(added).isChecked()).toBe(true);
  const whose = 'Only prompts and answers of devices whose prompts are kept (traced keys) are sent';
  await added.getByText(whose).waitFor();
  // Nameless prompts would tell who asks; and what goes far must be said for itself.
  for (const name of ['Include who asked', 'May lie outside the office']) {
    await added.getByRole('switch', { name }).click();
    expect(await prompts(added).isChecked()).toBe(false);
    await added.getByRole('switch', { name }).click();
    await prompts(added).check();
  }
  await prompts(added).uncheck();
  await added.getByLabel('Name').fill('langfuse');
  await added.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9');
  await added.getByLabel('Public key').fill('pk-lf-1');
  await added.getByLabel('Secret key').fill('sk-lf-2');
  await added.getByRole('button', { name: 'Save and test' }).click();
  await added.getByText('It is saved, but does not work yet:').waitFor();
  expect(await kept()).toMatchObject({ kind: 'langfuse', people: true, prompts: false });
  await added.getByRole('button', { name: 'Close' }).last().click();
  await exports.getByText('none', { exact: true }).waitFor();

  await exports.getByRole('button', { name: 'Settings of langfuse' }).click();
  const changed = page.getByRole('dialog', { name: 'Settings of langfuse' });
  await changed.getByText(whose).waitFor();
  await prompts(changed).check();
  await changed.getByRole('button', { name: 'Save and test' }).click();
  await changed.getByText('It is saved, but does not work yet:').waitFor();
  expect(await kept()).toMatchObject({ prompts: true, hasSecret: true });
  await changed.getByRole('button', { name: 'Close' }).last().click();
  await exports.getByText('of traced devices', { exact: true }).waitFor();
  await server.admin('DELETE', '/exports/langfuse');
});

it('verifies the audit, also against an earlier seal, and shows its rows', async () => {
  const page = await server.open('/console/settings/audit');
  const verify = panel(page, 'Is the audit whole?');
  await verify.getByRole('button', { name: 'Verify the audit' }).click();
  await verify.getByText(/^Whole: \d+ rows? (is|are) as/).waitFor();
  const seal = await verify.getByRole('textbox', { name: 'Newest row and its seal' }).inputValue();
  expect(seal).toMatch(/^\d+:[0-9a-f]{64}$/);
  await verify.getByRole('button', { name: 'Check against an earlier report' }).click();
  const expected = verify.getByLabel('Row and seal of an earlier report');
  await expected.fill(seal);
  await verify.getByRole('button', { name: 'Verify the audit' }).click();
  await verify.getByText(/^Whole:/).waitFor();
  await expected.fill(`1:${'0'.repeat(64)}`);
  await verify.getByRole('button', { name: 'Verify the audit' }).click();
  await verify.getByText(/^Not whole: 1 problem/).waitFor();

  const audit = panel(page, 'What was done');
  await audit.getByRole('cell', { name: 'Audit verified' }).first().waitFor();
  await audit.getByLabel('Who').selectOption('server');
  await audit.getByRole('cell', { name: 'Server started' }).first().waitFor();
  expect(await audit.getByRole('cell', { name: 'Audit verified' }).count()).toBe(0);
  await audit
    .getByRole('button', { name: /^Server started.*show details/ })
    .first()
    .click();
  await page.getByRole('dialog', { name: 'What was done' }).getByText('(server.start)').waitFor();
});

it('makes the page for a security review, to read and to keep', async () => {
  const page = await server.open('/console/settings/audit');
  const report = panel(page, 'For a security review');
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    report.getByRole('link', { name: 'Make the page for a security review' }).click(),
  ]);
  await opened.getByRole('heading', { level: 1 }).waitFor();
  expect(await opened.locator('body').innerText()).toContain(new Date().getFullYear().toString());
  await opened.close();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    report.getByRole('link', { name: 'Save it as a file' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^inglenook-security-report-.*\.html$/);
  expect(await acts()).toContain('report.make');
});

it('an unknown part of the settings is a page that is not there', async () => {
  const page = await server.open('/console/settings/nothing');
  await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
});
