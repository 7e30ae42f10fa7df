import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { median, spread } from '../../lib/statistics.mjs';
import { openInglenook, openMock, openProxy } from './arms.mjs';
import { askWhole, bodyOf, headersOf } from './load.mjs';

const streams = 1000;
/** Each in processes of its own: memory that was once taken is not given back. */
const mostRounds = 3;
/** Few: what many leave behind unused would hide what the streams take. */
const warmUpRequests = 600;
const warmUpClients = 8;
const samples = 5;
const mostKilobytes = 60;

/**
 * What an open stream takes: a thousand of them, each with a word a second. By the process's size, which holds what
 * nobody needs any more too; and, as `kept`, what a full collection leaves on V8's heap and beside it.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export async function memoryPart({ rounds, mockPort, say }) {
  const mock = await openMock(mockPort);
  /** @type {Record<string, { beforeBytes: number, perStreamBytes: number, keptBytes: number }[]>} */
  const results = {};
  try {
    for (let round = 1; round <= Math.min(rounds, mostRounds); round += 1) {
      for (const open of [
        () => openProxy(mock.url, 'pipe'),
        () => openProxy(mock.url, 'split'),
        () => openInglenook(mock.url),
      ]) {
        const arm = await open();
        try {
          const measured = await hold(arm);
          (results[arm.name] ??= []).push(measured);
          say(
            `round ${round}: ${arm.name} ${(measured.beforeBytes / 1e6).toFixed(0)} MB, ${(measured.perStreamBytes / 1000).toFixed(1)} KB a stream`,
          );
        } finally {
          await arm.stop();
        }
      }
    }
  } finally {
    await mock.stop();
  }
  /** @type {Record<string, unknown>} */
  const summary = {};
  for (const [name, measured] of Object.entries(results)) {
    summary[name] = {
      kilobytesPerStream: spread(measured.map(({ perStreamBytes }) => perStreamBytes / 1000)),
      keptKilobytesPerStream: spread(measured.map(({ keptBytes }) => keptBytes / 1000)),
      megabytesBefore: spread(measured.map(({ beforeBytes }) => beforeBytes / 1e6)),
    };
  }
  const own = (results['Inglenook'] ?? []).map(({ perStreamBytes }) => perStreamBytes / 1000);
  const targets = [
    { name: `KB per open stream at ${streams}`, value: spread(own).median, most: mostKilobytes },
  ];
  return { summary, targets, results };
}

/** @param {import('./arms.mjs').OwnArm} arm */
async function hold(arm) {
  const pool = new Pool(arm.url, { connections: streams, bodyTimeout: 60_000, headersTimeout: 60_000 });
  try {
    const body = bodyOf('instant', false);
    await Promise.all(
      Array.from({ length: warmUpClients }, async () => {
        for (let done = 0; done < warmUpRequests / warmUpClients; done += 1) await askWhole(pool, arm, body);
      }),
    );
    const keptBefore = await arm.kept();
    const beforeBytes = (await arm.measure()).rssBytes ?? NaN;
    await Promise.all(Array.from({ length: streams }, () => openStream(pool, arm)));
    /** @type {number[]} */
    const taken = [];
    for (let sample = 0; sample < samples; sample += 1) {
      await sleep(1000);
      taken.push((await arm.measure()).rssBytes ?? NaN);
    }
    return {
      beforeBytes,
      perStreamBytes: (median(taken) - beforeBytes) / streams,
      keptBytes: ((await arm.kept()) - keptBefore) / streams,
    };
  } finally {
    await pool.destroy();
  }
}

/**
 * Resolves with the first word; what follows is read and forgotten until the pool is destroyed.
 * @param {Pool} pool
 * @param {import('./arms.mjs').Arm} arm
 */
async function openStream(pool, arm) {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: headersOf(arm.key),
    body: bodyOf('trickle', true),
  });
  if (statusCode !== 200) throw new Error(`${arm.name} answered ${statusCode}: ${await body.text()}`);
  await new Promise((resolve) => {
    body.on('error', () => {});
    body.on('data', resolve);
  });
}
