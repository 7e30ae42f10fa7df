// For whoever publishes Inglenook: makes the key that news of new versions are signed with, and the signed news.
//   node scripts/release-feed.mjs key FILE              a new key: its secret half into FILE, its public half into the build
//   node scripts/release-feed.mjs sign NEWS --key FILE  reads NEWS (JSON), adds what lies in release/, writes the signed feed
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { failWith, inRoot, say, SetupError } from './lib/project.mjs';
import { newKeyPair, signFeed } from './lib/release-feed.mjs';

const usage =
  'node scripts/release-feed.mjs key FILE\n' +
  'node scripts/release-feed.mjs sign NEWS.json --key FILE [--files release] [--out inglenook-updates.json]';

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      files: { type: 'string', default: inRoot('release') },
      out: { type: 'string', default: inRoot('release', 'inglenook-updates.json') },
    },
  });
  const [command, file] = positionals;
  if (command === 'key' && file !== undefined) await makeKey(file);
  else if (command === 'sign' && file !== undefined && values.key !== undefined) {
    await sign({ newsFile: file, keyFile: values.key, folder: values.files, outFile: values.out });
  } else throw new SetupError(usage);
} catch (error) {
  failWith(error);
}

/** @param {string} file */
async function makeKey(file) {
  const { secret, shared } = newKeyPair();
  // `wx`: a key that is overwritten is lost, and with it everybody who trusts it.
  await writeFile(file, secret, { flag: 'wx', mode: 0o600 });
  const sourceFile = inRoot('resources', 'update-source.json');
  const source = JSON.parse(await readFile(sourceFile, 'utf8'));
  source.keys.push(shared);
  await writeFile(sourceFile, `${JSON.stringify(source, null, 2)}\n`);
  say(
    `The secret half is in ${file}: keep it off this computer, and a copy of it in a safe place. The public half was added to ` +
      'resources/update-source.json; builds made from now on believe news that are signed with it. Set the address of the ' +
      'news there, too ("feed").',
  );
}

/** @param {{ newsFile: string, keyFile: string, folder: string, outFile: string }} options */
async function sign({ newsFile, keyFile, folder, outFile }) {
  const news = JSON.parse(await readFile(newsFile, 'utf8'));
  const feed = await signFeed(news, { secret: await readFile(keyFile, 'utf8'), folder, nowMs: Date.now() });
  await writeFile(outFile, feed);
  say(`Signed: ${outFile}. Put it beside the installers; it is what "feed" of the build leads to.`);
}
