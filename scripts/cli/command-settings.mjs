import { call } from './client.mjs';
import { plain, print, printJson, printTable } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/settings.ts').SettingRecord} SettingRecord */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const settingsCommands = {
  'settings list': { summary: 'All settings that can be set by name.', shape: {}, run: list },
  'settings get': {
    summary: 'One setting’s value.',
    shape: { arguments: ['NAME'] },
    run: async ({ args, switches }) => show(await call('GET', path(args)), switches),
  },
  'settings set': {
    summary: 'Set it; for instance: settings set lan.on true',
    shape: { arguments: ['NAME', 'VALUE'] },
    run: async ({ args, switches }) =>
      show(await call('PUT', path(args), { value: parseValue(args[1] ?? '') }), switches),
  },
};

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {SettingRecord[]} */
  const settings = await call('GET', '/settings');
  if (switches.has('json')) return printJson(settings);
  printTable(
    {
      SETTING: (setting) => setting.name,
      VALUE: (setting) => String(setting.value),
      MEANING: (setting) => setting.meaning,
    },
    settings,
    'There are no settings.',
  );
}

/**
 * @param {SettingRecord} setting
 * @param {Set<string>} switches
 */
function show(setting, switches) {
  if (switches.has('json')) printJson(setting);
  else print(plain(String(setting.value)));
}

/** @param {string[]} args */
function path(args) {
  return `/settings/${encodeURIComponent(args[0] ?? '')}`;
}

/**
 * `true`, `false`, `null` and numbers mean what they mean in JSON; everything else is text.
 * @param {string} text
 */
function parseValue(text) {
  return /^(true|false|null|-?\d+(\.\d+)?)$/.test(text) ? JSON.parse(text) : text;
}
