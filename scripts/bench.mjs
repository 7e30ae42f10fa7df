// npm run bench -- NAME [arguments]: each scripts/bench/NAME.mjs exports `run(args)`.
import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { failWith, inRoot, SetupError } from './lib/project.mjs';
import { supervise } from './lib/supervise.mjs';
import { setUp } from './setup.mjs';

try {
  const [name = '', ...args] = process.argv.slice(2);
  const file = inRoot('scripts', 'bench', `${name}.mjs`);
  if (!/^[a-z][a-z-]*$/u.test(name) || !existsSync(file)) throw new SetupError(usage());
  const node = await setUp({ needsModel: true });
  const script = `const { run } = await import(${JSON.stringify(pathToFileURL(file).href)}); await run(process.argv.slice(1));`;
  process.exitCode = await supervise(node, ['--input-type=module', '--eval', script, '--', ...args]);
} catch (error) {
  failWith(error);
}

function usage() {
  const names = readdirSync(inRoot('scripts', 'bench')).filter((file) => /^[a-z-]+\.mjs$/u.test(file));
  return `Usage: npm run bench -- NAME [arguments]\nNames: ${names.map((file) => file.slice(0, -4)).join(', ')}`;
}
