import { randomUUID } from 'node:crypto';
import { AppError } from '../core/errors.ts';
import type { Upstream, UpstreamKind } from '../core/upstream.ts';
import { isUniqueViolation, statement, write, type Store } from './open.ts';
import { seal, unseal } from './seal.ts';

/** Upstreams, and their keys sealed by the server's secret. */

export type UpstreamWish = Omit<Upstream, 'id' | 'createdMs'>;

type Row = {
  id: string;
  name: string;
  kind: UpstreamKind;
  url: string;
  mayLeave: number;
  slots: number | null;
  routingHeader: string | null;
  contextTokens: number | null;
  createdMs: number;
};

const columns = `id, name, kind, url, may_leave AS mayLeave, slots, routing_header AS routingHeader,
  context_tokens AS contextTokens, created_ms AS createdMs`;

/** In the order they were added. */
export function listUpstreams(store: Store): Upstream[] {
  const rows = statement(store, `SELECT ${columns} FROM upstreams ORDER BY created_ms, name`).all() as Row[];
  return rows.map(toUpstream);
}

/** By name or id; null when there is none. */
export function findUpstream(store: Store, nameOrId: string): Upstream | null {
  const row = statement(store, `SELECT ${columns} FROM upstreams WHERE name = @wanted OR id = @wanted`).get({
    wanted: nameOrId,
  });
  return row === undefined ? null : toUpstream(row as Row);
}

/** @throws AppError 409 where the name is taken */
export function addUpstream(store: Store, wish: UpstreamWish, nowMs: number): Upstream {
  const id = `up_${randomUUID().replaceAll('-', '')}`;
  namesApart(wish.name, () =>
    write(store, () =>
      statement(
        store,
        `INSERT INTO upstreams (id, name, kind, url, may_leave, slots, routing_header, context_tokens, created_ms)
         VALUES (@id, @name, @kind, @url, @mayLeave, @slots, @routingHeader, @contextTokens, @nowMs)`,
      ).run({ ...toRow(wish), id, nowMs }),
    ),
  );
  return { ...wish, id, createdMs: nowMs };
}

/** What it told of its models is forgotten with its address. @throws AppError 409 where the name is taken */
export function updateUpstream(store: Store, upstream: Upstream): void {
  namesApart(upstream.name, () =>
    write(store, () =>
      statement(
        store,
        `UPDATE upstreams SET name = @name, kind = @kind, may_leave = @mayLeave, slots = @slots,
           routing_header = @routingHeader, context_tokens = @contextTokens,
           known = CASE WHEN url = @url AND kind = @kind THEN known END, url = @url
         WHERE id = @id`,
      ).run({ ...toRow(upstream), id: upstream.id }),
    ),
  );
}

export function removeUpstream(store: Store, id: string): void {
  write(store, () => statement(store, 'DELETE FROM upstreams WHERE id = ?').run(id));
}

/** Null takes the key away. */
export function setUpstreamKey(store: Store, id: string, apiKey: string | null, secret: string): void {
  const sealed = apiKey === null ? null : seal(apiKey, { secret, purpose: `upstream ${id}` });
  write(store, () => statement(store, 'UPDATE upstreams SET sealed_key = ? WHERE id = ?').run(sealed, id));
}

/** `lost`: there is one, but the server's secret is another than the one it was sealed with. */
export function getUpstreamKey(
  store: Store,
  id: string,
  secret: string,
): { readonly key: string | null; readonly isLost: boolean } {
  const row = statement(store, 'SELECT sealed_key AS sealed FROM upstreams WHERE id = ?').get(id);
  const sealed = (row as { sealed: Buffer | null } | undefined)?.sealed ?? null;
  const key = sealed === null ? null : unseal(sealed, { secret, purpose: `upstream ${id}` });
  return { key, isLost: sealed !== null && key === null };
}

export function hasUpstreamKey(store: Store, id: string): boolean {
  return (
    statement(store, 'SELECT 1 FROM upstreams WHERE id = ? AND sealed_key IS NOT NULL').get(id) !== undefined
  );
}

/** Anything JSON can hold; the caller parses what an older program may have written. */
export function keepDiscovered(store: Store, id: string, known: unknown): void {
  write(store, () =>
    statement(store, 'UPDATE upstreams SET known = @known WHERE id = @id AND known IS NOT @known').run({
      id,
      known: JSON.stringify(known),
    }),
  );
}

export function getDiscovered(store: Store, id: string): unknown {
  const row = statement(store, 'SELECT known FROM upstreams WHERE id = ?').get(id);
  const known = (row as { known: string | null } | undefined)?.known ?? null;
  return known === null ? null : (JSON.parse(known) as unknown);
}

function toUpstream({ mayLeave, routingHeader, ...row }: Row): Upstream {
  return {
    ...row,
    mayLeave: mayLeave === 1,
    routingHeader: routingHeader === null ? undefined : routingHeader === '' ? null : routingHeader,
  };
}

function toRow({ name, kind, url, mayLeave, slots, routingHeader, contextTokens }: UpstreamWish): object {
  return {
    name,
    kind,
    url,
    mayLeave: Number(mayLeave),
    slots,
    routingHeader: routingHeader === undefined ? null : (routingHeader ?? ''),
    contextTokens,
  };
}

function namesApart(name: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError(`There is an upstream named “${name}” already.`, {
      status: 409,
      code: 'name_taken',
      param: 'name',
    });
  }
}
