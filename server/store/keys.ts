import { AppError } from '../core/errors.ts';
import { hashKey, keyHint, newKeyText, randomBase62 } from '../core/key-format.ts';
import { usualPolicy, type KeyPolicy } from '../core/policy.ts';
import type { CreateKeyRequest, KeyRecord, UpdateKeyRequest } from '../wire/admin.ts';
import { changedPolicy, policyOf, readPolicy } from './limits.ts';
import { isUniqueViolation, statement, write } from './open.ts';
import type { Store } from './open.ts';
import { requireBounds } from './outside.ts';
import { forgetResponses } from './responses.ts';
import { pausedMs } from './teams.ts';

/** A key as stored; times in milliseconds since 1970 UTC. */
export type StoredKey = {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly person: string | null;
  readonly team: string | null;
  readonly device: string | null;
  /** Names of models and aliases; null for all. */
  readonly models: readonly string[] | null;
  readonly role: 'inference' | 'ops';
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  readonly lastUsedMs: number | null;
  readonly lastIp: string | null;
  /** Our name or address as the key's user last called it, and what showed the key then. */
  readonly lastHost: string | null;
  readonly lastClient: string | null;
  readonly lastPlain: boolean | null;
  /** Set for keys made by pairing. */
  readonly preset: KeyRecord['preset'];
  readonly pairedFrom: string | null;
  /** Since when the owner has paused it. */
  readonly pausedMs: number | null;
  /** When its text was last replaced by another, and those of before that may still count. */
  readonly replacedMs: number | null;
  readonly former: readonly FormerKey[];
  readonly policy: KeyPolicy;
};

/** A text of the key from before it was replaced. */
export type FormerKey = {
  readonly hint: string;
  readonly endsMs: number;
  readonly lastUsedMs: number | null;
};

/** How a key came to be, where it was made by pairing. */
export type KeyOrigin = Pick<StoredKey, 'preset' | 'pairedFrom'>;

type KeyRow = Omit<StoredKey, 'models' | 'lastPlain' | 'policy' | 'former'> & {
  readonly former: string;
  readonly policy: string;
  readonly models: string | null;
  readonly lastPlain: number | null;
};

const columns = `id, name, hint, person, team, device, models, role, created_ms AS createdMs,
  expires_ms AS expiresMs, revoked_ms AS revokedMs, last_used_ms AS lastUsedMs, last_ip AS lastIp,
  last_host AS lastHost, last_client AS lastClient, last_plain AS lastPlain, preset, paired_from AS pairedFrom,
  paused_ms AS pausedMs, policy, replaced_ms AS replacedMs,
  (SELECT json_group_array(json_object('hint', f.hint, 'endsMs', f.ends_ms, 'lastUsedMs', f.last_used_ms)
     ORDER BY f.replaced_ms DESC)
   FROM former_keys AS f WHERE f.key_id = keys.id) AS former`;

/**
 * Makes a key. `key` is its text, which exists nowhere else afterwards. Throws 409 when an unrevoked key bears
 * the name, 400 when it would be expired from the start.
 */
export function createKey(
  store: Store,
  input: CreateKeyRequest,
  nowMs: number,
  origin: KeyOrigin = { preset: null, pairedFrom: null },
): { readonly record: KeyRecord; readonly key: string } {
  const key = newKeyText();
  const stored: StoredKey = {
    id: `key_${randomBase62(20)}`,
    name: input.name,
    hint: keyHint(key),
    person: input.person ?? null,
    team: input.team ?? null,
    device: input.device ?? null,
    models: input.models ?? null,
    role: input.role ?? 'inference',
    createdMs: nowMs,
    expiresMs: parseExpiry(input.expiresAt, nowMs),
    revokedMs: null,
    lastUsedMs: null,
    lastIp: null,
    lastHost: null,
    lastClient: null,
    lastPlain: null,
    pausedMs: null,
    replacedMs: null,
    former: [],
    policy: changedPolicy(usualPolicy, input, nowMs),
    ...origin,
  };
  requireBounds(stored, nowMs);
  refusingTakenName(stored.name, () => {
    write(store, () => {
      refuseNameThatIsAnId(store, stored.name);
      statement(
        store,
        `INSERT INTO keys (id, name, hash, hint, person, team, device, models, role, created_ms, expires_ms,
           preset, paired_from, policy)
         VALUES (@id, @name, @hash, @hint, @person, @team, @device, @models, @role, @createdMs, @expiresMs,
           @preset, @pairedFrom, @policy)`,
      ).run({
        ...stored,
        hash: hashKey(key),
        models: toJson(stored.models),
        policy: JSON.stringify(stored.policy),
      });
      store.policyVersion += 1;
    });
  });
  return { record: toKeyRecord(stored, nowMs), key };
}

/** The key with this SHA-256, revoked and expired ones included: see `keyStatus`. */
export function findKeyByHash(store: Store, hash: Buffer): StoredKey | null {
  return fromRow(statement(store, `SELECT ${columns} FROM keys WHERE hash = ?`).get(hash));
}

/** By the name of an unrevoked key, else by id, else the key of that name that was revoked last. */
export function findKey(store: Store, nameOrId: string): StoredKey | null {
  const row = statement(
    store,
    `SELECT ${columns} FROM keys WHERE name = @text OR id = @text
     ORDER BY (name = @text AND revoked_ms IS NULL) DESC, (id = @text) DESC, revoked_ms DESC LIMIT 1`,
  ).get({ text: nameOrId });
  return fromRow(row);
}

/** All keys, revoked ones included, newest first. */
export function listKeys(store: Store, nowMs: number): KeyRecord[] {
  const rows = statement(store, `SELECT ${columns} FROM keys ORDER BY created_ms DESC, rowid DESC`).all();
  return rows.map((row) => toKeyRecord(fromRow(row) as StoredKey, nowMs));
}

/** Changes what `changes` names; null clears. Throws 404 for an unknown id, 409 for a revoked key or a taken name. */
export function updateKey(store: Store, id: string, changes: UpdateKeyRequest, nowMs: number): KeyRecord {
  return refusingTakenName(changes.name ?? '', () =>
    write(store, () => {
      const before = requireKey(store, id);
      if (before.revokedMs !== null) {
        throw new AppError(
          `The key “${before.name}” has been revoked and cannot be changed. Create a new one.`,
          {
            status: 409,
            code: 'key_revoked',
          },
        );
      }
      if (changes.name !== undefined && changes.name !== before.name) {
        refuseNameThatIsAnId(store, changes.name);
      }
      const after: StoredKey = {
        ...before,
        name: changes.name ?? before.name,
        person: changes.person === undefined ? before.person : changes.person,
        team: changes.team === undefined ? before.team : changes.team,
        device: changes.device === undefined ? before.device : changes.device,
        models: changes.models === undefined ? before.models : changes.models,
        expiresMs: changes.expiresAt === undefined ? before.expiresMs : parseExpiry(changes.expiresAt, nowMs),
        pausedMs: pausedMs(before.pausedMs, changes.paused, nowMs),
        policy: changedPolicy(before.policy, changes, nowMs),
      };
      requireBounds(after, nowMs);
      statement(
        store,
        `UPDATE keys SET name = @name, person = @person, team = @team, device = @device, models = @models,
           expires_ms = @expiresMs, paused_ms = @pausedMs, policy = @policy WHERE id = @id`,
      ).run({ ...after, models: toJson(after.models), policy: JSON.stringify(after.policy) });
      store.policyVersion += 1;
      return toKeyRecord(after, nowMs);
    }),
  );
}

/** Ends a key for good, and forgets its responses; a second time changes nothing. Throws 404 for an unknown id. */
export function revokeKey(store: Store, id: string, nowMs: number): KeyRecord {
  return write(store, () => {
    statement(store, 'UPDATE keys SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL').run(nowMs, id);
    statement(store, 'DELETE FROM former_keys WHERE key_id = ?').run(id);
    store.policyVersion += 1;
    forgetResponses(store, id);
    return toKeyRecord(requireKey(store, id), nowMs);
  });
}

/** One request made with a key, as far as the list of devices tells of it. */
export type KeyUse = {
  readonly atMs: number;
  readonly ip: string;
  /** Our name or address as the client called it. */
  readonly host: string;
  readonly client: string | null;
  /** Whether it travelled unencrypted. */
  readonly plain: boolean;
  /** Set where the text shown was one from before it was replaced: by its hint. */
  readonly formerHint?: string;
};

/** Notes that the key was used. Times never go back, so late news from a long request does no harm. */
export function touchKey(store: Store, id: string, use: KeyUse): void {
  const { formerHint, ...shown } = use;
  const touch = (): void => {
    statement(
      store,
      `UPDATE keys SET last_used_ms = @atMs, last_ip = @ip, last_host = @host, last_client = @client,
         last_plain = @plain
       WHERE id = @id AND (last_used_ms IS NULL OR last_used_ms <= @atMs)`,
    ).run({ ...shown, id, plain: use.plain ? 1 : 0 });
    if (formerHint === undefined) return;
    statement(
      store,
      `UPDATE former_keys SET last_used_ms = @atMs
       WHERE key_id = @id AND hint = @formerHint AND (last_used_ms IS NULL OR last_used_ms <= @atMs)`,
    ).run({ id, formerHint, atMs: use.atMs });
  };
  // A transaction inside another would cost as much again.
  if (store.db.inTransaction) touch();
  else write(store, touch);
}

/** The wanted name, or the first of “name (2)”, “name (3)” … that no other key bears. At most 100 characters. */
export function freeKeyName(store: Store, wanted: string): string {
  const isTaken = statement(
    store,
    'SELECT 1 FROM keys WHERE (name = @name AND revoked_ms IS NULL) OR id = @name',
  );
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? '' : ` (${count})`;
    // Half an emoji at the cut would not be text any more.
    const name = wanted.slice(0, 100 - suffix.length).replace(/[\ud800-\udbff]$/, '') + suffix;
    if (isTaken.get({ name }) === undefined) return name;
  }
}

export function keyStatus(
  key: Pick<StoredKey, 'expiresMs' | 'revokedMs' | 'pausedMs'>,
  nowMs: number,
): KeyRecord['status'] {
  if (key.revokedMs !== null) return 'revoked';
  if (key.expiresMs !== null && key.expiresMs <= nowMs) return 'expired';
  return key.pausedMs === null ? 'active' : 'paused';
}

export function toKeyRecord(key: StoredKey, nowMs: number): KeyRecord {
  return {
    id: key.id,
    name: key.name,
    person: key.person,
    team: key.team,
    device: key.device,
    models: key.models === null ? null : [...key.models],
    role: key.role,
    hint: key.hint,
    createdAt: new Date(key.createdMs).toISOString(),
    expiresAt: toIso(key.expiresMs),
    revokedAt: toIso(key.revokedMs),
    lastUsedAt: toIso(key.lastUsedMs),
    lastIp: key.lastIp,
    lastHost: key.lastHost,
    lastClient: key.lastClient,
    plain: key.lastPlain,
    preset: key.preset,
    pairedFrom: key.pairedFrom,
    pausedAt: toIso(key.pausedMs),
    replacedAt: toIso(key.replacedMs),
    formerKeys: key.former
      .filter(({ endsMs }) => endsMs > nowMs)
      .map(({ hint, endsMs, lastUsedMs }) => ({
        hint,
        endsAt: new Date(endsMs).toISOString(),
        lastUsedAt: toIso(lastUsedMs),
      })),
    ...toWirePolicy(key.policy, nowMs),
    status: keyStatus(key, nowMs),
  };
}

/** The same values; the schemas of the wire do not know that nobody changes them. */
function toWirePolicy(policy: KeyPolicy, nowMs: number): WirePolicy {
  const { traceUntilMs, ...rest } = policyOf(policy);
  const untilMs = traceUntilMs !== null && traceUntilMs > nowMs ? traceUntilMs : null;
  return {
    ...(structuredClone(rest) as Omit<WirePolicy, 'trace' | 'traceUntil'>),
    trace: untilMs !== null,
    traceUntil: toIso(untilMs),
  };
}

type WirePolicy = Pick<KeyRecord, Exclude<keyof KeyPolicy, 'traceUntilMs'> | 'trace' | 'traceUntil'>;

function requireKey(store: Store, id: string): StoredKey {
  const key = fromRow(statement(store, `SELECT ${columns} FROM keys WHERE id = ?`).get(id));
  if (key === null) {
    throw new AppError('There is no such key.', { status: 404, code: 'key_not_found', param: 'key' });
  }
  return key;
}

function parseExpiry(expiresAt: string | null | undefined, nowMs: number): number | null {
  if (expiresAt === null || expiresAt === undefined) return null;
  const expiresMs = Date.parse(expiresAt);
  if (expiresMs > nowMs) return expiresMs;
  throw new AppError('The key would be expired already. Give a time in the future, or revoke the key.', {
    status: 400,
    code: 'invalid_request',
    param: 'expiresAt',
  });
}

// Names and ids are accepted in the same places, so a name must not hide another key's id.
function refuseNameThatIsAnId(store: Store, name: string): void {
  if (statement(store, 'SELECT 1 FROM keys WHERE id = ?').get(name) !== undefined) throw takenName(name);
}

function refusingTakenName<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isUniqueViolation(error)) throw takenName(name);
    throw error;
  }
}

function takenName(name: string): AppError {
  return new AppError(
    `A key named “${name}” exists already. Choose another name, or revoke that key first.`,
    {
      status: 409,
      code: 'name_taken',
      param: 'name',
    },
  );
}

function fromRow(row: unknown): StoredKey | null {
  if (row === undefined) return null;
  const { models, lastPlain, policy, former, ...rest } = row as KeyRow;
  return {
    ...rest,
    former: JSON.parse(former) as FormerKey[],
    policy: readPolicy(policy),
    models: models === null ? null : (JSON.parse(models) as string[]),
    lastPlain: lastPlain === null ? null : lastPlain === 1,
  };
}

function toJson(models: readonly string[] | null): string | null {
  return models === null ? null : JSON.stringify(models);
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
