import { z } from 'zod';
import { AppError, invalidRequest } from '../core/errors.ts';
import { allowedOrigins, setAllowedOrigins } from '../store/allowed-origins.ts';
import { auditKeepDays, leastAuditDays, setAuditKeepDays } from '../store/audit-retention.ts';
import { countsEachKey, setCountsEachKey } from '../store/metrics-settings.ts';
import { currencyCode, currencyOf, setCurrency } from '../store/prices.ts';
import { contactText, officeContact, setOfficeContact } from '../store/contact.ts';
import { checksByItself, setChecksByItself } from '../store/model-checks.ts';
import { officeName, setOfficeName } from '../store/office-name.ts';
import { outsideName, setOutsideName } from '../store/outside.ts';
import { fetchesRemoteImages, setFetchesRemoteImages } from '../store/remote-images.ts';
import { mostResponseHours, responseHours, setResponseHours } from '../store/responses.ts';
import { keepDays, keptDays, setKeepDays } from '../store/retention.ts';
import { mostRetries, retries, retryCount, setRetries } from '../store/retries.ts';
import { keepPort, keptPort } from '../store/port-setting.ts';
import { getSetUpStage, setSetUpStage } from '../store/set-up-stage.ts';
import { setSharesPrefixes, sharesPrefixes } from '../store/share-prefixes.ts';
import {
  longestNotice,
  mostTraceDays,
  officeTracing,
  setOfficeTracing,
  setTraceKeepDays,
  setTracingNotice,
  traceKeepDays,
  tracingNotice,
} from '../store/tracing.ts';
import { mayAskUninvited, setMayAskUninvited } from '../store/uninvited.ts';
import { officeDomain, publicNames } from '../wire/https.ts';
import { officeNameText, setUpStage, type SetUpStage } from '../wire/office-model.ts';
import { publicName } from '../wire/outside.ts';
import { portNumber } from '../wire/trials.ts';
import { setSettingRequest, settingList, settingRecord, type SettingRecord } from '../wire/settings.ts';
import { downloadSettings } from './admin-download-settings.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { Setting, SettingValue } from './admin-setting.ts';
import type { AdminContext } from './admin-services.ts';
import { edgeSettingTable } from './edge-settings-table.ts';
import { cacheSetting, listed } from './named-setting.ts';
import { hoursSettingTable } from './owner-settings.ts';
import { updateSettingTable } from './update-settings.ts';

const settings: Readonly<Record<string, Setting>> = {
  'lan.on': {
    meaning: 'Whether the office is let in, or only this computer.',
    schema: z.boolean('true or false'),
    get: ({ office }) => office.state().on,
    set: (context, on: boolean) => context.office.choose({ on, address: chosenAddress(context) }),
  },
  'lan.address': {
    meaning: 'The address the office is told; null lets the routing table decide.',
    schema: z.union([z.ipv4(), z.null()], 'an IPv4 address of this computer, or null'),
    get: (context) => chosenAddress(context),
    set: ({ office }, address: string | null) => office.choose({ on: office.state().on, address }),
  },
  'network.port': {
    meaning:
      'The port the server listens on from its next start on; null for the usual 11500. What INGLENOOK_PORT says counts before it.',
    schema: z.union([portNumber, z.null()], 'a port from 1024 to 65535, or null'),
    get: ({ store }) => keptPort(store),
    set: ({ store }, port: number | null) => keepPort(store, port),
  },
  'https.only': {
    meaning:
      'Whether other computers are answered by https alone. Tools then need https:// addresses and our authority.',
    schema: z.boolean('true or false'),
    get: ({ https }) => https.settings().only,
    set: ({ https }, only: boolean) => https.change({ only }),
  },
  'https.console': {
    meaning: 'Whether the console and the admin API answer other computers too, by https.',
    schema: z.boolean('true or false'),
    get: ({ https }) => https.settings().networkConsole,
    set: ({ https }, networkConsole: boolean) => https.change({ networkConsole }),
  },
  'https.publicNames': {
    meaning:
      'Names under which a tunnel or reverse proxy leads here, separated by commas. From outside of the office domain they lead to the API alone.',
    schema: z
      .string('a text')
      .max(5000, 'at most 5000 characters')
      .refine(
        (text) => publicNames.safeParse(listed(text)).success,
        'names like ai.example.org, without https:// and port, at most 20',
      ),
    get: ({ https }) => https.settings().publicNames.join(', '),
    set: ({ https }, text: string) => https.change({ publicNames: publicNames.parse(listed(text)) }),
  },
  'https.officeDomain': {
    meaning:
      'The office’s own DNS domain, so that our authority may vouch for names in it; null for none. Another one makes a new authority, which devices must be told to trust.',
    schema: officeDomain,
    get: ({ https }) => https.settings().officeDomain,
    set: ({ https }, domain: string | null) => https.change({ officeDomain: domain }),
  },
  'cache.enabled': cacheSetting(
    'enabled',
    'Whether answers are kept in memory and given again when exactly the same is asked (temperature 0 or a seed). Each key has its own, and may be left out.',
  ),
  'cache.maxAgeMinutes': cacheSetting('maxAgeMinutes', 'For how many minutes an answer is given again.'),
  'cache.maxMegabytes': cacheSetting(
    'maxMegabytes',
    'So much memory kept answers take together, in MB; what was used longest ago goes first.',
  ),
  'cache.anySampling': cacheSetting(
    'anySampling',
    'Whether answers that would be different each time are given again too.',
  ),
  'cache.shareAnswers': cacheSetting(
    'shareAnswers',
    'Whether keys are given one another’s answers. Faster where many ask the same; but the time of an answer then tells one key that another has asked it.',
  ),
  'cache.sharePrefixes': {
    meaning:
      'Whether keys may reuse one another’s computed beginnings of prompts. Faster where all share long instructions; but the time of an answer then tells one key whether another has asked the same.',
    schema: z.boolean('true or false'),
    get: ({ store }) => sharesPrefixes(store),
    set: ({ store }, shares: boolean) => setSharesPrefixes(store, shares),
  },
  'routing.retries': {
    meaning:
      'How often another server is asked again, after a pause, when it fails before any part of an answer; 0 for never. The built-in engine is never asked again. After three failures in a row a server is left alone for a while.',
    schema: z.int(`a number from 0 to ${mostRetries}`).and(retryCount),
    get: ({ store }) => retries(store),
    set: ({ store }, count: number) => setRetries(store, count),
  },
  'check.auto': {
    meaning:
      'Whether models are checked again by themselves for which tools they are good, after a change of the engine, the model or its settings: only while they are in memory, nobody uses the server, and nothing leaves the office.',
    schema: z.boolean('true or false'),
    get: ({ store }) => checksByItself(store),
    set: ({ store }, does: boolean) => setChecksByItself(store, does),
  },
  'office.name': {
    meaning:
      'What the office’s server is called where people join it, and on the network; null for “Inglenook on” this computer.',
    schema: z.union([officeNameText, z.null()], 'a text of up to 60 characters, or null'),
    get: ({ store }) => officeName(store),
    set: async ({ store, office }, name: string | null) => {
      setOfficeName(store, name);
      await office.refresh();
    },
  },
  'setup.stage': {
    meaning:
      'How far the set-up is: new opens it in the app’s own window, begun shows on Home what is left of it, done shows nothing.',
    schema: setUpStage,
    get: ({ store }) => getSetUpStage(store),
    set: ({ store }, stage: SetUpStage) => setSetUpStage(store, stage),
  },
  'office.contact': {
    meaning:
      'Whom teammates ask when something does not work, in your own words, such as “Eva, room 12”; shown on everybody’s own page. Null: nobody is named.',
    schema: contactText,
    get: ({ store }) => officeContact(store),
    set: ({ store }, contact: string | null) => setOfficeContact(store, contact),
  },
  ...hoursSettingTable,
  'pairing.uninvited': {
    meaning:
      'Whether devices may ask to be let in that nobody has invited (inglenook connect). You are asked before anything happens, and told that nobody invited them. Off: only invitations, codes and tickets of yours lead in.',
    schema: z.boolean('true or false'),
    get: ({ store }) => mayAskUninvited(store),
    set: ({ store }, may: boolean) => setMayAskUninvited(store, may),
  },
  'cors.origins': {
    meaning:
      'Pages of these origins may use the API from a browser, separated by commas; the API’s own address always may.',
    schema: z
      .string('a text')
      .max(10_000, 'at most 10000 characters')
      .refine(
        (text) => listed(text).every(isOrigin),
        'origins like https://chat.example.org, without a path',
      ),
    get: ({ store }) => allowedOrigins(store).join(', '),
    set: ({ store }, text: string) => setAllowedOrigins(store, listed(text)),
  },
  'outside.name': {
    meaning:
      'The public https name that a proxy or tunnel of yours leads here by. From there only /v1/models and the chat can be reached, with keys that may be used from outside. Null: nobody comes in from the internet.',
    schema: z.union(
      [publicName, z.null()],
      'a public name like ai.example.org, without https:// and port, or null',
    ),
    get: ({ store }) => outsideName(store),
    set: ({ store }, name: string | null) => setOutsideName(store, name),
  },
  ...edgeSettingTable,
  'online.never': {
    meaning:
      'Whether the server never goes online: no model is fetched or searched for, no image, no export leaves the office, and newer versions are looked for on the own network alone. Upstreams that you have added are asked all the same. True for good where it was started with INGLENOOK_OFFLINE=1.',
    schema: z.boolean('true or false'),
    get: ({ online }) => online.isOffline(),
    set: forbidOnline,
  },
  'images.fetchRemote': {
    meaning:
      'Whether the server fetches images that messages only point at, from public addresses on the web. Off: clients send the image itself.',
    schema: z.boolean('true or false'),
    get: ({ store }) => fetchesRemoteImages(store),
    set: ({ store }, fetches: boolean) => setFetchesRemoteImages(store, fetches),
  },
  'responses.keepHours': {
    meaning:
      'For how many hours responses that tools ask to be stored are kept, encrypted so that only the device’s key opens them; 0 keeps none.',
    schema: z
      .number('a number')
      .min(0, 'a number from 0 on')
      .max(mostResponseHours, `a number up to ${mostResponseHours}`),
    get: ({ store }) => responseHours(store),
    set: ({ store, clock }, hours: number) => setResponseHours(store, hours, clock.nowMs()),
  },
  'audit.keepDays': {
    meaning:
      'For how many days the audit is kept, at least 90; 0 keeps it for ever. What is deleted leaves a signed checkpoint, so that the rest can still be verified.',
    schema: z
      .int('a whole number')
      .max(36_500, 'a number up to 36500')
      .refine((days) => days === 0 || days >= leastAuditDays, `0, or a number from ${leastAuditDays} on`),
    get: ({ store }) => auditKeepDays(store),
    set: ({ store }, days: number) => setAuditKeepDays(store, days),
  },
  'log.keepDays': {
    meaning: 'After how many days requests are removed from the log one by one; null keeps them. Sums stay.',
    schema: keptDays,
    get: ({ store }) => keepDays(store, 'requests'),
    set: ({ store }, days: number | null) => setKeepDays(store, 'requests', days),
  },
  'usage.keepDays': {
    meaning: 'After how many days the sums of usage are removed; null keeps them.',
    schema: keptDays,
    get: ({ store }) => keepDays(store, 'usage'),
    set: ({ store }, days: number | null) => setKeepDays(store, 'usage', days),
  },
  'metrics.perKey': {
    meaning:
      'Whether /metrics also counts requests and tokens of each key by its name; for at most 500 keys since the start.',
    schema: z.boolean('true or false'),
    get: ({ store }) => countsEachKey(store),
    set: ({ store }, counts: boolean) => setCountsEachKey(store, counts),
  },
  'tracing.office': {
    meaning:
      'Whether prompts and answers of every key are kept, masked (all), or only those of keys that are traced (off). Every answer tells the device.',
    schema: z.enum(['off', 'all'], 'off or all'),
    get: ({ store }) => officeTracing(store),
    set: ({ store }, office: 'off' | 'all') => setOfficeTracing(store, office),
  },
  'tracing.notice': {
    meaning: 'Your own sentence to the devices while tracing.office is all; null for ours.',
    schema: z.union(
      [z.string().trim().min(1).max(longestNotice), z.null()],
      `a text of up to ${longestNotice} characters, or null`,
    ),
    get: ({ store }) => tracingNotice(store),
    set: ({ store }, notice: string | null) => setTracingNotice(store, notice),
  },
  'tracing.keepDays': {
    meaning: 'For how many days kept prompts can be read; within a day after that they are deleted for good.',
    schema: z
      .int('a whole number')
      .min(1, 'a number from 1 on')
      .max(mostTraceDays, `a number up to ${mostTraceDays}`),
    get: ({ store }) => traceKeepDays(store),
    set: ({ store }, days: number) => setTraceKeepDays(store, days),
  },
  'money.currency': {
    meaning: 'The currency of prices and money budgets. Nothing is converted when it changes.',
    schema: currencyCode,
    get: ({ store }) => currencyOf(store),
    set: ({ store }, currency: string) => setCurrency(store, currency),
  },
  ...updateSettingTable,
  ...downloadSettings,
};

/** As a browser sends it; apps have schemes of their own. */
function isOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._[\]:-]+$/.test(text);
}

function chosenAddress({ office }: AdminContext): string | null {
  return office.chosenAddress();
}

export const settingRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/settings',
    summary: 'All settings that can be set by name.',
    answer: settingList,
    handle: ({ context }) => listSettings(context),
  }),
  route({
    method: 'get',
    path: '/settings/:name',
    summary: 'One setting.',
    answer: settingRecord,
    handle: ({ context, param }) => recordOf(context, param('name')),
  }),
  route({
    method: 'put',
    path: '/settings/:name',
    summary: 'Sets one setting; it counts at once.',
    body: setSettingRequest,
    answer: settingRecord,
    handle: async ({ context, param, body, request }) => {
      const name = param('name');
      const setting = find(name);
      const parsed = setting.schema.safeParse(body.value);
      if (!parsed.success) throw invalidRequest(`${name} takes ${parsed.error.issues[0]?.message}.`, 'value');
      // `find` gave schema and setter of the same entry, so the value is what this setter takes.
      await setting.set(context, parsed.data as never, request);
      return recordOf(context, name);
    },
  }),
];

/** All of them, as `GET /settings` tells them: what is secret is never among the values. */
export function listSettings(context: AdminContext): SettingRecord[] {
  return Object.keys(settings).map((name) => recordOf(context, name));
}

/** Undefined where there is no setting of that name. */
export function settingValue(context: AdminContext, name: string): SettingValue | undefined {
  return Object.hasOwn(settings, name) ? recordOf(context, name).value : undefined;
}

function recordOf(context: AdminContext, name: string): SettingRecord {
  const setting = find(name);
  return { name, value: setting.get(context), meaning: setting.meaning };
}

function find(name: string): Setting {
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (setting !== undefined) return setting;
  throw new AppError(`There is no setting of that name. There are: ${Object.keys(settings).join(', ')}.`, {
    status: 404,
    code: 'setting_not_found',
    retryable: false,
  });
}

/** What is under way ends, or goes on. */
async function forbidOnline(
  { online, supply, ollama, exports }: AdminContext,
  never: boolean,
): Promise<void> {
  online.forbid(never);
  supply.downloads.follow();
  if (never) ollama.cancelPulls();
  await exports.follow();
}
