import { AppError } from '../core/errors.ts';
import { endFormerKeys, replaceKey } from '../store/former-keys.ts';
import { createKey, findKey, listKeys, revokeKey, toKeyRecord, updateKey } from '../store/keys.ts';
import type { StoredKey } from '../store/keys.ts';
import {
  createdKey,
  createKeyRequest,
  keyList,
  keyRecord,
  replaceKeyRequest,
  updateKeyRequest,
} from '../wire/admin.ts';
import type {
  CreatedKey,
  CreateKeyRequest,
  KeyRecord,
  ReplaceKeyRequest,
  UpdateKeyRequest,
} from '../wire/admin.ts';
import { spending } from '../wire/limits.ts';
import { ofKey, spendingOf } from './admin-spending.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import { listPrices } from '../store/prices.ts';
import { listAliases } from '../store/aliases.ts';
import type { AdminContext } from './admin-services.ts';

/** API keys. `:key` is a name or an id. */
export const keyRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/keys',
    summary: 'All keys, revoked ones included, newest first.',
    answer: keyList,
    handle: ({ context }) => listKeys(context.store, context.clock.nowMs()),
  }),
  route({
    method: 'post',
    path: '/keys',
    summary: 'Create a key. The answer is the only place where the key itself is ever shown.',
    status: 201,
    body: createKeyRequest,
    answer: createdKey,
    handle: create,
  }),
  route({
    method: 'get',
    path: '/keys/:key',
    summary: 'One key.',
    answer: keyRecord,
    handle: ({ context, param }) => toKeyRecord(requireKey(context, param('key')), context.clock.nowMs()),
  }),
  route({
    method: 'patch',
    path: '/keys/:key',
    summary: 'Change a key; what is left out stays as it is. Counts from the next request.',
    body: updateKeyRequest,
    answer: keyRecord,
    handle: update,
  }),
  route({
    method: 'delete',
    path: '/keys/:key',
    summary: 'Revoke a key for good. Its running answers end. Revoking it again changes nothing.',
    answer: keyRecord,
    handle: revoke,
  }),
  route({
    method: 'post',
    path: '/keys/:key/replace',
    summary:
      'Give a key another text, shown in this answer only. The old one goes on for the overlap; limits and what was spent stay.',
    status: 201,
    body: replaceKeyRequest,
    answer: createdKey,
    handle: replace,
  }),
  route({
    method: 'delete',
    path: '/keys/:key/former',
    summary:
      'End the texts that a key had before, with their running answers. Changes nothing where none counts.',
    answer: keyRecord,
    handle: endFormer,
  }),
  route({
    method: 'get',
    path: '/keys/:key/spending',
    summary: 'What a key has spent of its limits, in all and by model.',
    answer: spending,
    handle: ({ context, param }) => {
      const { id, policy } = requireKey(context, param('key'));
      return spendingOf(context, ofKey({ id, ...policy }));
    },
  }),
];

function create({ context, body }: AdminCall<CreateKeyRequest>): CreatedKey {
  const { record, key } = createKey(context.store, body, context.clock.nowMs());
  context.log.info('A key was created.', { key: record.name, keyId: record.id });
  context.live.publish({ type: 'keys-changed' });
  return { ...record, key, warnings: warningsFor(context, record) };
}

function update({ context, body, param }: AdminCall<UpdateKeyRequest>): KeyRecord {
  const { id } = requireKey(context, param('key'));
  const record = updateKey(context.store, id, body, context.clock.nowMs());
  if (!record.cache) context.answers.forgetKey(id);
  context.log.info('A key was changed.', { key: record.name, keyId: id, fields: Object.keys(body) });
  context.live.publish({ type: 'keys-changed' });
  return record;
}

function revoke({ context, param }: AdminCall): KeyRecord {
  const key = requireKey(context, param('key'));
  const record = revokeKey(context.store, key.id, context.clock.nowMs());
  if (key.revokedMs === null) {
    context.onKeyRevoked(key.id);
    context.answers.forgetKey(key.id);
    context.log.info('A key was revoked.', { key: key.name, keyId: key.id });
    context.live.publish({ type: 'keys-changed' });
  }
  return record;
}

function replace({ context, body, param }: AdminCall<ReplaceKeyRequest>): CreatedKey {
  const { id } = requireKey(context, param('key'));
  const nowMs = context.clock.nowMs();
  const oldEndsMs = nowMs + body.overlapSeconds * 1000;
  const { record, key } = replaceKey(context.store, id, { oldEndsMs, nowMs });
  // All that runs was begun with a text that counts no more.
  if (body.overlapSeconds === 0) context.onKeyRevoked(id);
  context.log.info('A key was replaced.', { key: record.name, keyId: id, ...body });
  context.live.publish({ type: 'keys-changed' });
  return { ...record, key, warnings: [] };
}

function endFormer({ context, param }: AdminCall): KeyRecord {
  const { id, name } = requireKey(context, param('key'));
  endFormerKeys(context.store, id);
  context.onKeyRevoked(id, 'former');
  context.log.info('The earlier texts of a key were ended.', { key: name, keyId: id });
  context.live.publish({ type: 'keys-changed' });
  return toKeyRecord(requireKey(context, id), context.clock.nowMs());
}

function warningsFor(context: AdminContext, { models, modelLimits, limits }: KeyRecord): string[] {
  const named = [...new Set([...(models ?? []), ...Object.keys(modelLimits)])];
  const hasMoney = [limits, ...Object.values(modelLimits)].some(({ budgets }) =>
    budgets.some(({ unit }) => unit === 'money'),
  );
  return [
    ...warningsForModels(context, named),
    ...(hasMoney && listPrices(context.store).length === 0
      ? ['No model has a price yet, so the money budget refuses every request. Set prices first.']
      : []),
  ];
}

/** By name or id. Throws 404. */
export function requireKey(context: AdminContext, nameOrId: string): StoredKey {
  const key = findKey(context.store, nameOrId);
  if (key !== null) return key;
  throw new AppError(`There is no key with the name or id “${nameOrId.slice(0, 200)}”.`, {
    status: 404,
    code: 'key_not_found',
    param: 'key',
  });
}

/** Not refused: the model may be about to be added. */
export function warningsForModels(context: AdminContext, models: readonly string[] | null): string[] {
  const known = new Set([
    ...context.engine.models().map(({ id }) => id),
    ...listAliases(context.store).map(({ name }) => name),
  ]);
  return (models ?? [])
    .filter((name) => !known.has(name))
    .map((name) => `There is no model named “${name}” yet; the key can use it once there is.`);
}
