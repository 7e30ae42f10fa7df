import type { Request } from 'express';
import { z } from 'zod';
import { readWebAddress } from '../core/egress.ts';
import { AppError, invalidRequest } from '../core/errors.ts';
import { allowedOrigins, setAllowedOrigins } from '../store/allowed-origins.ts';
import { auditKeepDays, leastAuditDays, setAuditKeepDays } from '../store/audit-retention.ts';
import { getCacheSettings } from '../store/cache-settings.ts';
import { getEdgeSettings } from '../store/edge-settings.ts';
import { getDownloadSettings, setDownloadSettings } from '../store/downloads.ts';
import { countsEachKey, setCountsEachKey } from '../store/metrics-settings.ts';
import { currencyCode, currencyOf, setCurrency } from '../store/prices.ts';
import { fetchesRemoteImages, setFetchesRemoteImages } from '../store/remote-images.ts';
import { mostResponseHours, responseHours, setResponseHours } from '../store/responses.ts';
import { keepDays, keptDays, setKeepDays } from '../store/retention.ts';
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
import { cacheSettings, type CacheSettings } from '../wire/cache.ts';
import { officeDomain, publicNames } from '../wire/https.ts';
import { edgeSettings, type EdgeSettings } from '../wire/edge.ts';
import { setSettingRequest, settingList, settingRecord, type SettingRecord } from '../wire/settings.ts';
import { changeCache } from './admin-cache.ts';
import { changeEdge } from './admin-edge.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

type Value = SettingRecord['value'];

/** What can be set by name, for scripts; the console has its own screens for the same things. */
type Setting = {
  readonly meaning: string;
  readonly get: (context: AdminContext) => Value;
  readonly schema: z.ZodType<Value>;
  readonly set: (context: AdminContext, value: never, request: Request) => void | Promise<void>;
};

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
  'edge.allow': edgeAddresses(
    'allow',
    'Addresses and ranges that may come in, separated by commas; empty lets everybody knock. This computer always may.',
  ),
  'edge.trustedProxies': edgeAddresses(
    'trustedProxies',
    'Addresses of your own proxies (nginx, Caddy), whose word on the client’s address and on https is taken. Nobody else’s is.',
  ),
  'edge.connectionsPerAddress': edgeSetting(
    'connectionsPerAddress',
    'So many connections another computer may have open.',
  ),
  'edge.connectionsBeforeKey': edgeSetting(
    'connectionsBeforeKey',
    'So many of them before somebody there has shown a key or signed in.',
  ),
  'edge.connectionsOffice': edgeSetting(
    'connectionsOffice',
    'So many connections all other computers together may have open; strangers at most half of them.',
  ),
  'edge.connectionsLoopback': edgeSetting(
    'connectionsLoopback',
    'So many connections programs on this computer may have open.',
  ),
  'edge.connectionsReserved': edgeSetting(
    'connectionsReserved',
    'So many of those are kept for the console and the command line.',
  ),
  'edge.requestsPerMinute': edgeSetting(
    'requestsPerMinute',
    'So many requests another computer may send within a minute, a sixth of them at once; null for any number.',
  ),
  'edge.streamsPerAddress': edgeSetting(
    'streamsPerAddress',
    'So many answers to another computer may run at the same time; null for any number.',
  ),
  'edge.blockGuessers': edgeSetting(
    'blockGuessers',
    'Whether an address that shows wrong keys, passwords or codes again and again is left outside for a while.',
  ),
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
  'downloads.leaveFreeGb': {
    meaning: 'So much of the disk downloads leave free, in GB.',
    schema: z.number('a number').min(0, 'a number from 0 on').max(1_000_000, 'a number up to 1000000'),
    get: ({ store }) => getDownloadSettings(store).leaveFreeBytes / 1e9,
    set: ({ store }, gigabytes: number) =>
      setDownloadSettings(store, { leaveFreeBytes: Math.round(gigabytes * 1e9) }),
  },
  'downloads.connections': {
    meaning: 'How many connections fetch one file at a time.',
    schema: z.int('a whole number').min(1, 'a number from 1 to 16').max(16, 'a number from 1 to 16'),
    get: ({ store }) => getDownloadSettings(store).parallel,
    set: ({ store }, parallel: number) => setDownloadSettings(store, { parallel }),
  },
  'hub.address': {
    meaning: 'The model hub that hf: names are fetched from, or a mirror of it.',
    schema: z
      .string('an address')
      .refine(isPlainOrigin, 'an address like https://huggingface.co, without a path'),
    get: ({ store }) => getDownloadSettings(store).hubAddress,
    set: ({ store }, hubAddress: string) =>
      // A token is for the one it was made for; another hub must not be shown it.
      setDownloadSettings(store, {
        hubAddress: new URL(hubAddress).origin,
        ...(new URL(hubAddress).origin === getDownloadSettings(store).hubAddress ? {} : { hubToken: null }),
      }),
  },
  'hub.token': {
    meaning:
      'Your access token for the model hub, for models with conditions. It is never shown again; null forgets it.',
    schema: z.union([z.string().regex(/^[\x21-\x7e]{1,500}$/), z.null()], 'a token without spaces, or null'),
    get: ({ store }) => (getDownloadSettings(store).hubToken === null ? null : '(set)'),
    set: ({ store }, hubToken: string | null) => setDownloadSettings(store, { hubToken }),
  },
};

/** Of the edge; all are kept together. */
function edgeSetting(
  name: Exclude<keyof EdgeSettings, 'allow' | 'trustedProxies'>,
  meaning: string,
): Setting {
  return {
    meaning,
    schema: edgeSettings.shape[name],
    get: ({ store }) => getEdgeSettings(store)[name],
    set: (context, value: EdgeSettings[typeof name], request) =>
      changeEdge({ context, request }, { [name]: value }),
  };
}

function edgeAddresses(name: 'allow' | 'trustedProxies', meaning: string): Setting {
  const list = edgeSettings.shape[name];
  return {
    meaning,
    schema: z
      .string('a text')
      .max(50_000, 'at most 50000 characters')
      .superRefine((text, check) => {
        const issue = list.safeParse(listed(text)).error?.issues[0];
        // Whoever tells it puts the full stop behind it.
        const message = `addresses. ${issue?.message.replace(/\.$/, '')}`;
        if (issue !== undefined) check.addIssue({ code: 'custom', message });
      }),
    get: ({ store }) => getEdgeSettings(store)[name].join(', '),
    set: (context, text: string, request) => changeEdge({ context, request }, { [name]: listed(text) }),
  };
}

/** Of the response cache; all are kept together. */
function cacheSetting(name: keyof CacheSettings, meaning: string): Setting {
  return {
    meaning,
    schema: cacheSettings.shape[name],
    get: ({ store }) => getCacheSettings(store)[name],
    set: (context, value: CacheSettings[typeof name]) => changeCache(context, { [name]: value }),
  };
}

function listed(text: string): string[] {
  return text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
}

/** As a browser sends it; apps have schemes of their own. */
function isOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._[\]:-]+$/.test(text);
}

function isPlainOrigin(text: string): boolean {
  const url = readWebAddress(text);
  return typeof url !== 'string' && url.pathname === '/' && url.search === '' && url.hash === '';
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
export function settingValue(context: AdminContext, name: string): Value | undefined {
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
