import { z } from 'zod';
import { readWebAddress } from '../core/egress.ts';
import { getDownloadSettings, setDownloadSettings } from '../store/downloads.ts';
import { dailyHoursText, hoursInWords, readHours } from '../wire/daily-hours.ts';
import type { Setting } from './admin-setting.ts';

/** How models are fetched, and from where. */
export const downloadSettings: Readonly<Record<string, Setting>> = {
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
  'downloads.paused': {
    meaning: 'Whether all downloads wait until you let them go on; what is here stays.',
    schema: z.boolean('true or false'),
    get: ({ store }) => getDownloadSettings(store).isHeld,
    set: ({ store, supply }, isHeld: boolean) => {
      setDownloadSettings(store, { isHeld });
      supply.downloads.follow();
    },
  },
  'downloads.hours': {
    meaning:
      'Within which hours of each day models are downloaded, by this computer’s clock, such as 22:00-06:00; null for at any time.',
    schema: z.union([dailyHoursText, z.null()], 'hours like 22:00-06:00, or null'),
    get: ({ store }) => hoursInWords(getDownloadSettings(store).hours),
    set: ({ store, supply }, text: string | null) => {
      setDownloadSettings(store, { hours: text === null ? null : readHours(text) });
      supply.downloads.follow();
    },
  },
  'downloads.mostMegabytesPerSecond': {
    meaning:
      'So much of the line all downloads together may take, in MB per second; null for as much as there is.',
    schema: z.union([z.number().min(0.1).max(100_000), z.null()], 'a number from 0.1 to 100000, or null'),
    get: ({ store }) => {
      const most = getDownloadSettings(store).mostBytesPerSecond;
      return most === null ? null : most / 1e6;
    },
    set: ({ store }, megabytes: number | null) =>
      setDownloadSettings(store, {
        mostBytesPerSecond: megabytes === null ? null : Math.round(megabytes * 1e6),
      }),
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

function isPlainOrigin(text: string): boolean {
  const url = readWebAddress(text);
  return typeof url !== 'string' && url.pathname === '/' && url.search === '' && url.hash === '';
}
