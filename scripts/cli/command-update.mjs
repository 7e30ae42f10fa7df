import { call } from './client.mjs';
import { Refused } from './failures.mjs';
import { localTime, plain, print, printJson, printParts } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/updates.ts').UpdateState} UpdateState */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const updateCommands = {
  update: {
    summary: 'Which version runs, how old it is, and what is known of newer ones. Asks nobody.',
    shape: {},
    run: show,
  },
  'update check': {
    summary:
      'Look for a newer version now, by one request that tells nobody who asks. Exit code 1 if that came to nothing. settings set updates.check yes looks daily.',
    shape: {},
    run: check,
  },
  'update download': {
    summary:
      'Fetch the newer version’s file for this system and hold it against the signed SHA-256. Nothing installs it; make a backup before you do.',
    shape: {},
    run: fetchFile,
  },
};

/** @param {Parsed} parsed */
async function show({ switches }) {
  /** @type {UpdateState} */
  const state = await call('GET', '/updates');
  if (switches.has('json')) return printJson(state);
  printState(state);
}

/** @param {Parsed} parsed */
async function check({ switches }) {
  /** @type {UpdateState} */
  const state = await call('POST', '/updates/check');
  if (switches.has('json')) printJson(state);
  else printState(state);
  return state.problem === null ? 0 : 1;
}

/** How soon its state is asked for again. */
const lookEveryMs = 500;

/** @param {Parsed} parsed */
async function fetchFile({ switches }) {
  /** @type {UpdateState} */
  let state = await call('POST', '/updates/download');
  while (state.download.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    state = await call('GET', '/updates');
  }
  const { download } = state;
  if (switches.has('json')) printJson(state);
  if (download.state === 'failed') throw new Refused(`${download.name}: ${download.reason.en}`);
  if (download.state === 'ready' && !switches.has('json')) print(download.path);
}

const choices = { ask: 'not yet said: settings set updates.check yes|no', yes: 'daily', no: 'no' };

/** @param {UpdateState} state */
function printState(state) {
  const { version, releasedOn, ageDays, choice, feed, knownAt, problemText, news } = state;
  printParts({
    Version: releasedOn === null ? version : `${version} of ${releasedOn}, ${ageDays ?? '?'} days old`,
    'Looks for newer': choices[choice],
    ...(feed === null ? {} : { 'Looks at': plain(feed) }),
    ...(knownAt === null ? {} : { 'Last known': localTime(knownAt) }),
    ...(problemText === null ? {} : { Trouble: problemText.en }),
    Newer: news === null ? 'none known' : `${news.version}, security: ${news.isSecurity ? 'YES' : 'no'}`,
  });
  if (news === null) return;
  print(`\n${plain(news.notes.en)}`);
  if (news.page !== null) print(plain(news.page));
  if (news.file !== null) {
    const { name, sizeBytes } = news.file;
    print(`npx inglenook update download fetches ${plain(name)} (${Math.round(sizeBytes / 1e6)} MB).`);
  }
}
