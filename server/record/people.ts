import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { revokeKey } from '../store/keys.ts';
import type { Store } from '../store/open.ts';
import { anonymise, findPerson, isEndUser, scrubRows, type PersonParts } from '../store/people.ts';
import { listSnapshots } from '../store/snapshots.ts';
import type { ErasedPerson } from '../wire/traces.ts';
import type { Retention } from './retention.ts';
import type { Ledger } from './settle.ts';
import type { Traces } from './traces.ts';

/** Everything of one person, to be given or erased. */
export type People = {
  /** @throws AppError 404 where nothing bears the name */
  readonly find: (person: string) => Promise<PersonParts>;
  /**
   * Revokes their keys, deletes what they asked, and takes their name out of the log; sums stay what they were. Can be
   * repeated where it was cut off.
   * @throws AppError 404 where nothing bears the name, 503 while the log cannot be written
   */
  readonly erase: (person: string) => Promise<ErasedPerson>;
};

type Services = {
  readonly store: Store;
  readonly clock: Clock;
  readonly traces: Pick<Traces, 'ask' | 'forget'>;
  readonly retention: Pick<Retention, 'purge'>;
  readonly ledger: Pick<Ledger, 'unwritten' | 'catchUp'>;
  /** Ends what runs by this key. */
  readonly onKeyRevoked: (keyId: string) => void;
  readonly isRunning: (keyId: string) => boolean;
  /** Folders of an earlier state that a restore has left. */
  readonly keptFolders: () => readonly string[];
};

/** Answers of revoked keys end within moments; their rows must be there before names are taken out of the log. */
const longestWaitMs = 5_000;

export function createPeople(services: Services): People {
  const { store, clock, traces, retention, ledger } = services;

  async function find(person: string): Promise<PersonParts> {
    const parts = findPerson(store, person);
    const isKnown = parts.keyIds.length + parts.pairingIds.length + parts.askers.length > 0;
    if (isKnown || isEndUser(store, person) || (await hasTraces(person))) return parts;
    throw new AppError(
      `Nothing here bears the name “${person.slice(0, 200)}”. Names are compared letter by letter.`,
      { status: 404, code: 'person_not_found', param: 'person' },
    );
  }
  async function hasTraces(person: string): Promise<boolean> {
    const { rows } = await traces.ask('list', { filters: { person }, limit: 1, beforeSeq: null });
    return rows.length > 0;
  }
  async function endAnswers(keyIds: readonly string[]): Promise<void> {
    const deadline = performance.now() + longestWaitMs;
    while (keyIds.some(services.isRunning) && performance.now() < deadline) await sleep(20);
    ledger.catchUp();
    if (keyIds.some(services.isRunning) || ledger.unwritten() > 0) {
      throw new AppError(
        'The keys are revoked, but their last requests are not written yet. Please erase once more in a moment.',
        { status: 503, code: 'still_writing', retryAfterSeconds: 5 },
      );
    }
  }
  async function erase(person: string): Promise<ErasedPerson> {
    const { keyIds } = await find(person);
    for (const keyId of keyIds) {
      revokeKey(store, keyId, clock.nowMs());
      services.onKeyRevoked(keyId);
    }
    await endAnswers(keyIds);
    const erasedTraces = await traces.forget({ person, keyIds });
    // With what those last requests have added.
    const parts = findPerson(store, person);
    const state = { fromSeq: 0, rows: 0 };
    const scrubbed = await retention.purge({
      beside: () => scrubRows(store, state, { askers: parts.askers, person }),
    });
    // The name goes last: by it the rest is found again when something went wrong before.
    if (scrubbed.purge.problem !== null) throw unfinished(scrubbed.purge.problem);
    const responses = anonymise(store, parts);
    const { purge } = await retention.purge({ sweep: true });
    for (const { path } of listSnapshots(dirname(store.db.name))) rmSync(path, { force: true });
    return {
      person,
      keys: keyIds.length,
      invitations: parts.pairingIds.length,
      responses,
      traces: erasedTraces,
      requests: state.rows,
      left: whatIsLeft(purge.problem, services.keptFolders()),
    };
  }
  return { find, erase };
}

function unfinished(problem: string): AppError {
  return new AppError(
    `The keys are revoked, but not everything could be erased (${problem}). Please erase once more.`,
    {
      status: 503,
      code: 'erase_unfinished',
      retryable: true,
    },
  );
}

function whatIsLeft(problem: string | null, folders: readonly string[]): string[] {
  return [
    'The audit still tells by name what was done with their keys, never what they asked: each of its rows is sealed with the one before, so none can be taken out. Its time is set by audit.keepDays.',
    'The server’s own log files may name their keys until they are replaced by newer ones.',
    'Backups that were made before still hold their keys and rows, without prompts; delete the files you do not need.',
    'What was exported elsewhere (Postgres, traces over OTLP) is to be erased there.',
    ...folders.map(
      (folder) =>
        `The folder ${folder} holds the state from before a restore; delete it when you no longer need it.`,
    ),
    ...(problem === null ? [] : [problem]),
  ];
}
