// npm run bench -- console [--rows N] [--inputs N] [--streams N] [--seconds N]
// The owner's console in a real Chromium before the real server: how soon it shows something after an input in a long log,
// and what it costs to leave Home open while the office works.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atLeast, isReached, loadNow, saveResult, showPart } from '../lib/bench-report.mjs';
import { ensureChromium } from '../lib/chromium.mjs';
import { homePart } from './console/part-home.mjs';
import { logPart } from './console/part-log.mjs';
import { openScreen } from './console/screen.mjs';
import { startArm } from './log/arm.mjs';
import { buildLog } from './log/build.mjs';

/** Less is a try, no result. */
const least = { rows: 10_000, inputs: 60, streams: 8, seconds: 20 };
/** What somebody gets from a model of usual size on a good graphics card, and a usual answer. */
const [tokensPerSecond, tokens] = [40, 300];

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: String(least.rows) },
      inputs: { type: 'string', default: String(least.inputs) },
      streams: { type: 'string', default: String(least.streams) },
      seconds: { type: 'string', default: String(least.seconds) },
    },
  });
  const options = {
    rows: atLeast('rows', values.rows, 1),
    inputs: atLeast('inputs', values.inputs, 1),
    streams: atLeast('streams', values.streams, 1),
    seconds: atLeast('seconds', values.seconds, 1),
  };
  process.env['INGLENOOK_CHROMIUM'] = await ensureChromium(process.execPath);
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  console.log(`${machine.processor}, ${machine.cores} cores, load ${loadNow()}`);
  const measured = await measure(options);
  const { log, home } = measured;
  const result = {
    summary: {
      'paging by key, ms': log.paging,
      'paging by wheel, ms': log.wheel,
      'filtering, ms': log.filtering,
      'renderer on Home with nothing to do, % of a core': home.idle.rendererShare * 100,
      'the browser’s other processes meanwhile, and with the streams, % of a core': {
        idle: home.idle.othersShare * 100,
        busy: home.busy.othersShare * 100,
      },
      'answers that ended meanwhile': home.finished,
    },
    targets: [
      { name: 'input to next paint in the log, p95 in ms', value: log.all.p95Ms, most: 100 },
      {
        name: 'renderer on Home with the streams, % of a core',
        value: home.busy.rendererShare * 100,
        most: 5,
      },
    ],
  };
  console.log(
    `${options.rows} rows, ${options.streams} streams of ${tokensPerSecond} tokens/s, ${measured.browser}`,
  );
  showPart(result);
  const isResult = Object.entries(least).every(
    ([name, value]) => options[/** @type {keyof typeof options} */ (name)] >= value,
  );
  if (!isResult) console.log(`Less than ${JSON.stringify(least)}: a try, no result.`);
  saveResult('console', {
    at: new Date().toISOString(),
    isResult,
    machine,
    load: loadNow(),
    options,
    ...measured,
    targets: result.targets,
  });
  if (!result.targets.every(isReached)) process.exitCode = 1;
}

/** @param {{ rows: number, inputs: number, streams: number, seconds: number }} options */
async function measure({ rows, inputs, streams, seconds }) {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-console-'));
  try {
    buildLog(join(dir, 'inglenook.db'), { rows, days: 30, endMs: Date.now() });
    const arm = await startArm(dir, 1000 / tokensPerSecond, tokens);
    try {
      const screen = await openScreen(arm);
      try {
        const log = await logPart(screen, arm.address, { inputs, rows });
        return {
          browser: `Chromium ${screen.version}`,
          log,
          home: await homePart(screen, arm, { streams, seconds }),
        };
      } finally {
        await screen.close();
      }
    } finally {
      await arm.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
