import { z } from 'zod';
import { aliasModel } from '../core/alias.ts';
import type { AuditTrail } from '../core/audit.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { Download } from '../core/download.ts';
import type { Logger } from '../core/logger.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Pass, PassFor } from '../core/pass.ts';
import { getAlias, setAlias } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';
import { setSetting, settingReader } from '../store/settings.ts';
import { roleNames } from '../wire/aliases.ts';
import type { OfficeModelState } from '../wire/office-model.ts';
import { createAsk } from './ask.ts';
import { isObject } from './fault.ts';

/**
 * The model that is downloaded to answer for the office: once it is here and has really answered, the names for chat and
 * code lead to it in the starter model's place. Tools change nothing. Names that the owner has pointed elsewhere stay.
 */
export type Successor = {
  readonly state: () => OfficeModelState;
  /** This download is to take over. */
  readonly wish: (uri: string) => void;
  /** Something has become of the downloads: cheap, and called often. */
  readonly look: () => void;
  /** The names lead to where they did before. Does nothing where nothing has moved. */
  readonly undo: () => void;
  /** The owner has seen it, or wants none. */
  readonly dismiss: () => void;
  readonly stop: () => Promise<void>;
};

export type SuccessorServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly downloads: () => readonly Download[];
  readonly models: () => readonly ModelDescription[];
  /** Where clients of this computer ask: `http://127.0.0.1:11500`. */
  readonly address: () => string;
  readonly issuePass: (to: PassFor) => Pass;
  /** Names lead elsewhere, or there is another state to be shown. */
  readonly onChange: () => void;
};

/** Those that a chat model serves; the others need models of another kind. */
const namesToMove = [roleNames.chat, roleNames.code] as const;
/** A large model is loaded first. */
const longestAnswerMs = 10 * 60_000;
const againAfterMs = 60_000;
const mostTries = 5;

const keptSchema = z.object({
  uri: z.string().nullable(),
  problem: z.string().nullable(),
  moved: z
    .object({ names: z.array(z.string()), from: z.string(), to: z.string(), atMs: z.number() })
    .nullable(),
});
type Kept = z.infer<typeof keptSchema>;

const settingName = 'office.successor';
const nothing: Kept = { uri: null, problem: null, moved: null };
const readKept = settingReader(settingName, (value) => keptSchema.catch(nothing).parse(value ?? nothing));

export function createSuccessor(services: SuccessorServices): Successor {
  const { store, clock, log, audit } = services;
  const stopping = new AbortController();
  let trying: Promise<void> | null = null;
  let tries = 0;
  let cancelRetry: (() => void) | null = null;

  function keep(change: Partial<Kept>): void {
    setSetting(store, settingName, { ...readKept(store), ...change });
    services.onChange();
  }

  function forgetRetry(): void {
    cancelRetry?.();
    cancelRetry = null;
    tries = 0;
  }

  function look(): void {
    const { uri } = readKept(store);
    if (uri === null || trying !== null || cancelRetry !== null || stopping.signal.aborted) return;
    const download = services.downloads().find((one) => one.uri === uri);
    if (download?.state !== 'ready' || tries >= mostTries) return;
    const model = services.models().find(({ path }) => path === download.path);
    if (model === undefined) return;
    // Begun a moment later: whoever tells of a download goes on first.
    trying = Promise.resolve()
      .then(() => takeOver(model))
      .catch(failed)
      .then(() => {
        trying = null;
        tryAgainLater();
      });
  }

  async function takeOver(model: ModelDescription): Promise<void> {
    const { uri } = readKept(store);
    if (model.state === 'failed') throw new Error(model.reason ?? 'The model cannot be used.');
    if (namesAtStarter().length > 0) await requireAnswer(model);
    // The owner may have thought of something else meanwhile.
    if (readKept(store).uri !== uri) return;
    const names = namesAtStarter();
    const from = names.length === 0 ? null : starterId();
    for (const name of names) {
      setAlias(
        store,
        { name, model: model.id },
        services.models().map(({ id }) => id),
      );
      audit.appendLate({
        actor: 'server',
        act: 'alias.set',
        object: name,
        outcome: 'done',
        details: { changes: { model: { from, to: model.id } } },
      });
    }
    const moved = from === null ? null : { names: [...names], from, to: model.id, atMs: clock.nowMs() };
    log.info('The downloaded model answers for the office now.', { model: model.id, names });
    keep({ uri: null, problem: null, moved });
  }

  function failed(error: unknown): void {
    if (stopping.signal.aborted) return;
    tries += 1;
    const problem = error instanceof Error ? error.message : String(error);
    log.warn('The downloaded model did not answer, so the office keeps the one it has.', { problem, tries });
    keep({ problem });
  }

  function tryAgainLater(): void {
    const isOpen = readKept(store).uri !== null && !stopping.signal.aborted;
    if (!isOpen || tries === 0 || tries >= mostTries) return;
    cancelRetry = services.timers.after(againAfterMs, () => {
      cancelRetry = null;
      look();
    });
  }

  function starterId(): string {
    const [name] = namesToMove;
    const alias = getAlias(store, name);
    const models = services.models();
    return alias === null ? name : aliasModel({ ...alias, model: null }, models);
  }

  /** As they were from the start, or pointed at the starter model by hand. */
  function namesAtStarter(): string[] {
    const starter = starterId();
    return namesToMove.filter((name) => {
      const alias = getAlias(store, name);
      return alias !== null && alias.shares.length === 0 && (alias.model ?? starter) === starter;
    });
  }

  /** By the way every client takes, so that what is proved is what they will have. @throws what was wrong */
  async function requireAnswer({ id, engine }: ModelDescription): Promise<void> {
    const pass = services.issuePass({ engine, model: id });
    const late = new AbortController();
    const cancel = services.timers.after(longestAnswerMs, () =>
      late.abort(new Error('The model has not answered within ten minutes.')),
    );
    try {
      const signal = AbortSignal.any([stopping.signal, late.signal]);
      const ask = createAsk({ address: services.address(), key: pass.key, signal });
      const answer = await ask.whole('/v1/chat/completions', question(id));
      if (!hasWords(answer)) throw new Error('The model has answered without a word.');
    } finally {
      cancel();
      pass.withdraw();
    }
  }

  return {
    look,
    state() {
      const { uri, problem, moved } = readKept(store);
      return {
        waitingFor: uri === null ? null : { uri, problem },
        moved: moved === null ? null : told(moved),
      };
    },
    wish(uri) {
      forgetRetry();
      keep({ uri, problem: null });
      look();
    },
    undo() {
      const { moved } = readKept(store);
      if (moved === null) return;
      const ids = services.models().map(({ id }) => id);
      for (const name of moved.names) {
        // What the owner has pointed elsewhere since is the owner's.
        if (getAlias(store, name)?.model === moved.to) setAlias(store, { name, model: moved.from }, ids);
      }
      log.info('The office has its former model again.', { model: moved.from });
      keep({ moved: null });
    },
    dismiss() {
      forgetRetry();
      keep(nothing);
    },
    async stop() {
      cancelRetry?.();
      stopping.abort(new Error('The server stops.'));
      await trying;
    },
  };
}

function told({ names, from, to, atMs }: NonNullable<Kept['moved']>): NonNullable<OfficeModelState['moved']> {
  return { names, from, to, at: new Date(atMs).toISOString() };
}

function question(model: string): object {
  return { model, max_tokens: 16, messages: [{ role: 'user', content: 'Say hello in one short sentence.' }] };
}

/** Thoughts count: sixteen tokens may not suffice for more. */
function hasWords(answer: unknown): boolean {
  const choices = isObject(answer) ? answer['choices'] : null;
  const first: unknown = Array.isArray(choices) ? choices[0] : null;
  const message = isObject(first) ? first['message'] : null;
  if (!isObject(message)) return false;
  return [message['content'], message['reasoning_content']].some(
    (text) => typeof text === 'string' && text.trim() !== '',
  );
}
