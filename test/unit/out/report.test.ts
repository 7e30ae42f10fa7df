import { afterEach, beforeEach, expect, it } from 'vitest';
import { securityReport, type SecurityReport } from '../../../server/wire/report.ts';
import { startAdminServer, type AdminServer } from '../admin/admin-server.ts';
import { startCollector } from './collector.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server.close();
});

async function report(): Promise<SecurityReport> {
  const { json } = await server.asOwner('GET', '/api/security-report?format=json');
  return securityReport.parse(json);
}

async function page(language: string): Promise<string> {
  return (await server.asOwner('GET', `/api/security-report?language=${language}`)).text.replaceAll(
    /\s+/g,
    ' ',
  );
}

it('tells where exports go, what they are given, and how they are doing, never with a secret', async () => {
  const collector = await startCollector();
  const { host } = new URL(collector.url);
  const headers = { authorization: 'secret-1' };
  await server.asOwner('PUT', '/api/exports/traces', { kind: 'otlp', url: collector.url, headers });
  const away = { kind: 'postgres', url: 'postgres://reader:secret-2@127.0.0.1:1/office', people: false };
  await server.asOwner('PUT', '/api/exports/away', away);
  const { exports } = await report();
  const byName = exports.toSorted((one, other) => one.name.localeCompare(other.name));
  expect(byName).toEqual([
    expect.objectContaining({
      name: 'away',
      kind: 'postgres',
      host: '127.0.0.1:1',
      people: false,
      prompts: false,
    }),
    expect.objectContaining({
      name: 'traces',
      kind: 'otlp',
      host,
      people: true,
      prompts: true,
      lastSuccessAt: null,
    }),
  ]);
  const pages = [await page('en'), await page('de')];
  expect(pages[0]).toContain(`<td>${host}</td>`);
  for (const sent of [
    'with who asked, prompts and answers of traced keys',
    'without who asked, no prompts',
  ]) {
    expect(pages[0]).toContain(`the log, ${sent}`);
  }
  expect(pages[1]).toContain('das Protokoll, ohne Namen, keine Eingaben');
  expect(pages.join('') + JSON.stringify(exports)).not.toMatch(/secret-[12]/);
});

it('tells whose prompts are kept, until when, and how long what is kept', async () => {
  const traceUntil = '2026-12-24T12:00:00.000Z';
  await server.asOwner('POST', '/api/keys', { name: 'anna laptop', person: 'Anna', traceUntil });
  await server.asOwner('POST', '/api/keys', { name: 'tom', person: 'Tom' });
  const before = await report();
  expect(before.tracing).toEqual({
    office: 'off',
    tracedKeys: 1,
    keepDays: 30,
    kept: { requests: 0, oldest: null },
  });
  const ends = before.keys.map(({ name, trace, traceUntil: end }) => [name, trace, end] as const);
  expect(ends.toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
    ['anna laptop', true, traceUntil],
    ['tom', false, null],
  ]);
  const settings = {
    'tracing.office': 'all',
    'tracing.keepDays': 7,
    'log.keepDays': 90,
    'audit.keepDays': 400,
    'responses.keepHours': 12,
  };
  for (const [name, value] of Object.entries(settings)) {
    await server.asOwner('PUT', `/api/settings/${name}`, { value });
  }
  const after = await report();
  expect(after.tracing).toMatchObject({ office: 'all', keepDays: 7 });
  const kept = Object.fromEntries(after.retention.map(({ kind, amount, unit }) => [kind, [amount, unit]]));
  expect(kept).toEqual({
    requests: [90, 'days'],
    usage: [null, 'days'],
    prompts: [7, 'days'],
    responses: [12, 'hours'],
    audit: [400, 'days'],
    serverLog: [14, 'files'],
    snapshots: [14, 'days'],
    backups: [14, 'files'],
  });
  const english = await page('en');
  expect(english).toMatch(/prompts and answers of every key are kept/);
  expect(english).toMatch(/<td>until Dec 24, 2026, 12:00 PM<\/td>/);
  expect(english).toMatch(/<td>Sums of usage<\/td> *<td>for ever<\/td>/);
  expect(await page('de')).toMatch(/<td>bis 24\.12\.2026, 12:00<\/td>/);
});

it('has a section for each thing a security review asks for, in both languages', async () => {
  const sections = async (language: string): Promise<number> =>
    (await page(language)).match(/<h2>/g)?.length ?? 0;
  const english = await page('en');
  const headings = [...english.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  expect(headings).toEqual([
    'Where data lie',
    'Who may come in',
    'Encryption on the way, and certificate',
    'Who holds keys',
    'Limits of teams',
    'What may leave the office, and what has left it',
    'Where the log is sent besides',
    'Whose prompts are kept',
    'How long what is kept',
    'Settings',
    'Backups',
    'Audit',
  ]);
  expect(await sections('de')).toBe(headings.length);
  expect(english).toContain('everything travels as plain http');
});

it('says in its own language what each setting means', async () => {
  const { settings } = await report();
  expect(settings.length).toBeGreaterThan(20);
  const [english, german] = [await page('en'), await page('de')];
  const asShown = (text: string): string => text.replaceAll("'", '&#39;');
  for (const { name, meaning } of settings) {
    expect(english).toContain(`<td>${name}</td>`);
    expect(german).toContain(`<td>${name}</td>`);
    expect(english).toContain(`<td>${asShown(meaning)}</td>`);
    // Whoever adds a setting adds its German words, too.
    expect([name, german.includes(`<td>${asShown(meaning)}</td>`)]).toEqual([name, false]);
  }
  expect(german).toContain('Ob das Büro hereingelassen ist oder nur dieser Rechner.');
});
