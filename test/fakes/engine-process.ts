/**
 * A runnable engine process without a model: the real protocol and the real tick loop over a fake addon. The name of
 * the model's file tells how it behaves when it is loaded, the last word of the prompt how it answers.
 */
import { basename } from 'node:path';
import { serveEngine } from '../../server/engines/builtin/engine-service.ts';
import { createFakeAddon } from './fake-addon.ts';

serveEngine({
  async load({ path }, report) {
    report.progress(50);
    const name = basename(path);
    if (name.startsWith('hang')) await new Promise(() => {});
    if (name.startsWith('fail')) throw new Error('there is not enough memory for this model');
    if (name.startsWith('crash')) process.kill(process.pid, 'SIGKILL');
    return createFakeAddon({
      slots: 2,
      contextTokens: 200,
      answer: (prompt) => {
        if (prompt.includes('forever')) return 'word '.repeat(40);
        return prompt.includes('pid') ? String(process.pid) : 'one two three';
      },
      onDecode: async (_, count) => {
        // Slow enough to be interrupted, for those answers that would otherwise be over at once.
        if (name.startsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 20));
        if (name.startsWith('break') && count === 3) throw new Error('a failed computation');
        if (name.startsWith('die') && count === 3) process.kill(process.pid, 'SIGKILL');
      },
    });
  },
});
