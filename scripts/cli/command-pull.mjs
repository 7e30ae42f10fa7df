import { call, openEvents } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { print, printJson, printParts, printTable, plain, size, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/downloads.ts').WireDownload} WireDownload */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const pullCommands = {
  'model pull': {
    summary: 'Fetch a model by hf:USER/REPO:QUANT or address, and wait until it is here. Ctrl-C pauses.',
    shape: { arguments: ['URI'] },
    run: pull,
  },
  'model downloads': { summary: 'What is being fetched, or was.', shape: {}, run: list },
  'model inspect': {
    summary: 'What a model at an address is and whether it fits this computer, before it is fetched.',
    shape: { arguments: ['URI'], flags: { people: 'N', context: 'TOKENS' } },
    run: inspect,
  },
  'model found': {
    summary: 'Models of Ollama and LM Studio on this computer, to be added by their paths.',
    shape: {},
    run: found,
  },
};

/** @param {Parsed} parsed */
async function pull({ args: [uri = ''], switches }) {
  if (uri === '') throw new UsageError('URI is empty.');
  const ending = new AbortController();
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const show = createProgress(switches.has('json'));
  /** @type {WireDownload} */
  const asked = await call('POST', '/downloads', { uri });
  try {
    const signal = AbortSignal.any([ending.signal, interrupted.signal]);
    const last = isOver(asked) ? asked : await follow(asked, show, signal);
    show.end();
    if (last === null && interrupted.signal.aborted) return await pauseAndSay(asked);
    return await report(last, switches);
  } finally {
    ending.abort();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/**
 * Shows what happens until it is over; null when the events end before. The first packet tells how things stand.
 * @param {WireDownload} asked
 * @param {ReturnType<typeof createProgress>} show
 * @param {AbortSignal} signal
 * @returns {Promise<WireDownload | null>}
 */
async function follow(asked, show, signal) {
  const events = await openEvents(signal).catch((error) => {
    if (signal.aborted) return [];
    throw error;
  });
  for await (const packet of events) {
    if (packet.type !== 'downloads') continue;
    /** @type {WireDownload | undefined} */
    const download = packet.downloads.find((/** @type {WireDownload} */ each) => each.id === asked.id);
    if (download === undefined) throw new Refused('The download was taken off the list.');
    show.step(download);
    if (isOver(download)) return download;
  }
  return null;
}

/** @param {WireDownload} download */
function isOver({ state }) {
  return ['ready', 'failed', 'paused', 'cancelled', 'no-space'].includes(state);
}

/** @param {WireDownload} asked */
async function pauseAndSay(asked) {
  await call('POST', `/downloads/${encodeURIComponent(asked.id)}/pause`);
  warn(`Paused. What is here stays; go on with: npx inglenook model pull ${asked.uri}`);
  return 1;
}

/**
 * @param {WireDownload | null} download
 * @param {Set<string>} switches
 */
async function report(download, switches) {
  if (download === null)
    throw new Refused('The connection to Inglenook broke off; the download goes on with the server.');
  if (download.state !== 'ready') throw new Refused(reasonOf(download));
  /** @type {import('../../server/wire/admin.ts').WireModel[]} */
  const models = await call('GET', '/models');
  const model = models.find(({ path }) => path === download.path);
  if (switches.has('json')) printJson({ ...download, modelId: model?.id ?? null });
  else print(`${plain(model?.id ?? download.name)}  ${plain(download.path)}`);
  if (model !== undefined && model.reason !== null) warn(`It is here, but cannot be used: ${model.reason}`);
  return 0;
}

/** @param {WireDownload} download */
function reasonOf({ state, reason }) {
  if (state === 'paused') return 'The download was paused elsewhere.';
  if (state === 'cancelled') return 'The download was cancelled elsewhere.';
  return reason ?? 'The download has failed.';
}

/**
 * One line that changes, on a terminal; elsewhere a line for each new state.
 * @param {boolean} isQuiet
 */
function createProgress(isQuiet) {
  const { stderr } = process;
  const isTerminal = stderr.isTTY && !isQuiet;
  let shown = '';
  return {
    /** @param {WireDownload} download */
    step(download) {
      const line = isTerminal ? lineOf(download) : stateLine(download);
      if (line === shown || isQuiet) return;
      shown = line;
      stderr.write(isTerminal ? `\r\u001b[K${plain(line)}` : `${plain(line)}\n`);
    },
    end() {
      if (isTerminal && shown !== '') stderr.write('\r\u001b[K');
    },
  };
}

/** @param {WireDownload} download */
function stateLine({ name, state, reason }) {
  return `${name}: ${state}${reason === null ? '' : `. ${reason}`}`;
}

/** @param {WireDownload} download */
function lineOf(download) {
  if (download.state !== 'downloading' && download.state !== 'checking') return stateLine(download);
  const { name, state, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = download;
  const percent =
    totalBytes === null || totalBytes === 0 ? '' : ` ${Math.floor((doneBytes * 100) / totalBytes)} %`;
  const total = totalBytes === null ? '' : ` of ${size(totalBytes)}`;
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
  return `${name}: ${state}${percent}, ${size(doneBytes)}${total}, ${size(bytesPerSecond)}/s${left}`;
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {WireDownload[]} */
  const downloads = await call('GET', '/downloads');
  if (switches.has('json')) return printJson(downloads);
  printTable(
    {
      ID: (download) => download.id,
      NAME: (download) => download.name,
      STATE: (download) => download.state,
      DONE: (download) => size(download.doneBytes),
      SIZE: (download) => (download.totalBytes === null ? null : size(download.totalBytes)),
      SPEED: (download) => (download.bytesPerSecond === 0 ? null : `${size(download.bytesPerSecond)}/s`),
      LEFT: (download) => (download.secondsLeft === null ? null : duration(download.secondsLeft)),
    },
    downloads,
    'Nothing is being fetched. Fetch a model with: npx inglenook model pull URI',
  );
  for (const { name, reason } of downloads) if (reason !== null) warn(`${name}: ${reason}`);
}

/** @param {Parsed} parsed */
async function inspect({ args: [uri = ''], values, switches }) {
  if (uri === '') throw new UsageError('URI is empty.');
  const query = new URLSearchParams({ uri });
  for (const [flag, name] of /** @type {const} */ ([
    ['people', 'slots'],
    ['context', 'context'],
  ])) {
    const value = values[flag];
    if (value === undefined) continue;
    if (!/^[1-9]\d{0,7}$/.test(value)) throw new UsageError(`--${flag} takes a whole number from 1 on.`);
    query.set(name, value);
  }
  /** @type {import('../../server/wire/downloads.ts').InspectedModel} */
  const model = await call('GET', `/models/inspect?${query.toString()}`);
  if (switches.has('json')) return printJson(model);
  const { fit } = model;
  printParts({
    Name: model.name,
    Size: model.sizeBytes === null ? null : size(model.sizeBytes),
    Files: model.fileCount,
    Architecture: model.architecture,
    Quantisation: model.quantisation,
    Context: model.contextTokens,
    Tools: model.canUseTools === null ? null : model.canUseTools ? 'yes' : 'no',
    Checksum: model.hasChecksum ? 'yes' : 'no',
    'Fits here': `${fit.sentence} (${fit.slots} at once, ${fit.contextTokens} tokens each)`,
  });
  if (fit.fitsWithContextTokens !== null) print(`It fits with ${fit.fitsWithContextTokens} tokens each.`);
}

/** @param {Parsed} parsed */
async function found({ switches }) {
  /** @type {import('../../server/wire/downloads.ts').WireFoundModel[]} */
  const models = await call('GET', '/models/found');
  if (switches.has('json')) return printJson(models);
  printTable(
    {
      NAME: (model) => model.name,
      PROGRAM: (model) => model.program,
      SIZE: (model) => size(model.sizeBytes),
      HERE: (model) => model.modelId,
      PATH: (model) => model.path,
    },
    models,
    'No models of other programs were found on this computer.',
  );
  for (const { name, reason } of models) if (reason !== null) warn(`${name}: ${reason}`);
}
