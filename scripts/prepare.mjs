// npm runs this after an install by hand. It never fails an install: hooks are a help, not a need.
import { useTrackedHooks } from './lib/git-hooks.mjs';

try {
  await useTrackedHooks();
} catch (error) {
  process.stderr.write(`git hooks were not set up: ${String(error)}\n`);
}
