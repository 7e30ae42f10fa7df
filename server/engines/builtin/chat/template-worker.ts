/** Thread in which chat templates run; see chat-template.ts for the limits around it. */
import { parentPort } from 'node:worker_threads';
import { Template } from '@huggingface/jinja';
import type { RenderJob, RenderResult } from './chat-template.ts';

/** Parsing takes longer than rendering, and a process has one template. */
let parsed: { readonly source: string; readonly template: Template } | null = null;

parentPort?.on('message', (job: RenderJob) => answer(render(job)));
answer({ type: 'ready' });

function render({ template, values, mostCharacters }: RenderJob): RenderResult {
  try {
    if (parsed?.source !== template) parsed = { source: template, template: new Template(template) };
    const text = parsed.template.render({ ...values });
    if (text.length <= mostCharacters) return { type: 'rendered', text };
    return { type: 'failed', reason: `its text is longer than ${mostCharacters} characters` };
  } catch (error) {
    return { type: 'failed', reason: error instanceof Error ? error.message : 'unknown' };
  }
}

function answer(result: RenderResult): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(result);
}
