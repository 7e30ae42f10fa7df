import { readFile, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { AppError, invalidRequest, toAppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import {
  getOwnCertificate,
  removeOwnCertificate,
  setOwnCertificate,
  type StoredOwn,
} from '../store/https-settings.ts';
import type { Store } from '../store/open.ts';
import type { SetCertificateRequest } from '../wire/https.ts';
import { checkPair, type CheckedPair } from './check-pair.ts';
import type { Identity } from './own-names.ts';
import type { Pair } from './pair.ts';

/** The certificate the owner has brought, from files that somebody else renews or as pasted text. */
export type OwnCertificate = {
  /** Null where the owner has brought none. */
  readonly state: () => OwnState | null;
  /** @throws AppError 400 with the reason; the one before stays */
  readonly set: (request: SetCertificateRequest) => Promise<void>;
  readonly remove: () => void;
  /** Reads the files if they have changed since. @returns whether another pair is to be served now */
  readonly look: () => Promise<boolean>;
};

export type OwnState = {
  readonly from: StoredOwn;
  /** What is served; null while nothing could be accepted since the start. */
  readonly served: CheckedPair | null;
  /** Why what there is now could not be accepted. */
  readonly problem: string | null;
};

type OwnServices = {
  readonly store: Store;
  readonly serverSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly identity: () => Identity;
};

/** No chain of certificates is longer. */
const mostBytes = 200_000;
const hourMs = 60 * 60_000;

export function openOwnCertificate(services: OwnServices): OwnCertificate {
  const { store, serverSecret, clock, log, identity } = services;
  let state: OwnState | null = null;
  let readStamp: string | null = null;
  let seenStamp: string | null = null;

  const check = (pair: Pair): CheckedPair => checkPair(pair, { nowMs: clock.nowMs(), identity: identity() });
  const kept = getOwnCertificate(store, serverSecret);
  if (kept !== null) state = { from: kept, served: null, problem: null };

  /** From what is kept; a problem is a state and no error, since nobody is there to be told. */
  async function load(from: StoredOwn): Promise<boolean> {
    const before = state?.served ?? null;
    try {
      const served = check(await pairOf(from));
      state = { from, served, problem: null };
      const isAnother = before?.pair.certificate !== served.pair.certificate;
      if (isAnother) log.info('The own certificate is served.', { names: served.facts.names });
      return isAnother;
    } catch (error) {
      const { message } = toAppError(error);
      if (state?.problem !== message) log.warn('The own certificate cannot be served.', { reason: message });
      state = { from, served: before, problem: message };
      return false;
    }
  }

  /** While something is wrong, another name of this computer or another hour may mend it. */
  function troubleStamp({ served, problem }: OwnState): string {
    if (served !== null && problem === null) return '';
    return `${JSON.stringify(identity())} ${Math.floor(clock.nowMs() / hourMs)}`;
  }

  return {
    state: () => state,
    set: async (request) => {
      const from: StoredOwn =
        'certFile' in request ? { kind: 'files', ...request } : { kind: 'pasted', ...request };
      const stamp = `${from.kind === 'files' ? await stampOf(from) : from.kind} `;
      const served = check(await pairOf(from));
      setOwnCertificate(store, from, serverSecret);
      [readStamp, seenStamp] = [stamp, stamp];
      state = { from, served, problem: null };
    },
    remove: () => {
      removeOwnCertificate(store);
      state = null;
    },
    look: async () => {
      if (state === null) return false;
      const { from } = state;
      const stamp = `${from.kind === 'files' ? await stampOf(from) : from.kind} ${troubleStamp(state)}`;
      // The owner may have chosen another meanwhile.
      if (state?.from !== from) return false;
      const isFirst = seenStamp === null;
      const isStill = stamp === seenStamp;
      seenStamp = stamp;
      // Certificate and key are written one after the other: they are read once both have been left alone for one look.
      if (stamp === readStamp || !(isStill || isFirst)) return false;
      readStamp = stamp;
      return await load(from);
    },
  };
}

type Files = { readonly certFile: string; readonly keyFile: string };

/** Changes whenever either file does, also when both are moved into place with older times. */
async function stampOf({ certFile, keyFile }: Files): Promise<string> {
  const stamps = [certFile, keyFile].map(async (path) => {
    const found = await stat(path).catch(() => null);
    return found === null ? 'none' : `${found.mtimeMs}/${found.size}/${found.ino}`;
  });
  return (await Promise.all(stamps)).join(' ');
}

async function pairOf(from: StoredOwn): Promise<Pair> {
  if (from.kind === 'pasted') return { certificate: from.certificate, key: from.key };
  const { certFile, keyFile } = from;
  return { certificate: await readText(certFile, 'certFile'), key: await readText(keyFile, 'keyFile') };
}

async function readText(path: string, param: string): Promise<string> {
  if (!isAbsolute(path))
    throw invalidRequest('Give the whole path of each file, from the root of the disk on.', param);
  try {
    const found = await stat(path);
    if (!found.isFile()) throw invalidRequest(`${path} is no file.`, param);
    if (found.size > mostBytes)
      throw invalidRequest(`The file ${path} is too large to be a certificate or key.`, param);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new AppError(`The file ${path} cannot be read (${code}). Inglenook must be allowed to read it.`, {
      status: 400,
      code: 'certificate_file_unreadable',
      param,
      cause: error,
    });
  }
}
