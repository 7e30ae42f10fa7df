import { AppError, invalidRequest, toAppError } from '../../core/errors.ts';
import { requireOnline, type IsOffline } from '../../core/offline.ts';
import type { OllamaPull } from '../../core/ollama.ts';
import { modelName, type OllamaClient, type PullProgress } from './ollama-client.ts';

export type Pulls = {
  readonly list: () => readonly OllamaPull[];
  readonly begin: (model: string) => OllamaPull;
  readonly cancel: (model: string) => void;
  readonly stop: () => void;
};

const mostRemembered = 50;
const mostAtOnce = 3;

/** What Ollama fetches for us. It tells of each layer by itself; people want one sum. */
export function createPulls(options: {
  readonly isOffline: IsOffline;
  readonly client: () => OllamaClient;
  readonly onChange: () => void;
  /** A model is here that was not. */
  readonly onDone: () => void;
}): Pulls {
  const pulls = new Map<string, { pull: OllamaPull; readonly abort: AbortController }>();

  function set(model: string, change: Partial<OllamaPull>): void {
    const entry = pulls.get(model);
    if (entry === undefined) return;
    entry.pull = { ...entry.pull, ...change };
    options.onChange();
  }

  async function run(model: string, signal: AbortSignal): Promise<void> {
    const layers = new Map<string, PullProgress>();
    try {
      for await (const progress of options.client().pull(model, signal)) {
        if (progress.totalBytes !== null) layers.set(progress.status, progress);
        const sums = [...layers.values()];
        set(model, {
          status: progress.status,
          doneBytes: sums.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
          totalBytes:
            sums.length === 0 ? null : sums.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0),
        });
      }
      if (pulls.get(model)?.pull.status !== 'success') throw endedEarly();
      set(model, { state: 'done' });
      options.onDone();
    } catch (error) {
      if (signal.aborted) set(model, { state: 'cancelled', status: 'Given up; what is here stays.' });
      else set(model, { state: 'failed', status: toAppError(error).message });
    }
  }

  return {
    list: () => [...pulls.values()].map(({ pull }) => pull),
    begin(model) {
      if (!modelName.test(model) || model.includes('..')) {
        throw invalidRequest(
          'This is no name of a model as Ollama writes them, such as llama3.2:3b.',
          'model',
        );
      }
      requireOnline(options.isOffline);
      const known = pulls.get(model);
      if (known?.pull.state === 'running') return known.pull;
      const running = [...pulls.values()].filter(({ pull }) => pull.state === 'running').length;
      if (running >= mostAtOnce) throw tooMany();
      pulls.delete(model);
      const abort = new AbortController();
      const pull: OllamaPull = { model, state: 'running', status: 'begins', doneBytes: 0, totalBytes: null };
      pulls.set(model, { pull, abort });
      for (const name of pulls.keys()) {
        if (pulls.size <= mostRemembered) break;
        if (pulls.get(name)?.pull.state !== 'running') pulls.delete(name);
      }
      void run(model, abort.signal);
      options.onChange();
      return pull;
    },
    cancel(model) {
      const entry = pulls.get(model);
      if (entry === undefined) throw notPulled(model);
      if (entry.pull.state === 'running') entry.abort.abort();
      else {
        pulls.delete(model);
        options.onChange();
      }
    },
    stop() {
      for (const { abort } of pulls.values()) abort.abort();
    },
  };
}

function endedEarly(): AppError {
  return new AppError(
    'Ollama ended the fetch before the model was whole. Ask again: it goes on where it was.',
    {
      status: 502,
      code: 'pull_failed',
    },
  );
}

function tooMany(): AppError {
  return new AppError(`Ollama already fetches ${mostAtOnce} models. Wait for one of them.`, {
    status: 429,
    code: 'too_many_downloads',
    retryAfterSeconds: 60,
  });
}

function notPulled(model: string): AppError {
  return new AppError(`Ollama fetches no model named “${model.slice(0, 200)}”.`, {
    status: 404,
    code: 'pull_not_found',
    param: 'model',
  });
}
