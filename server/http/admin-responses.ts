import { findKey } from '../store/keys.ts';
import { forgetResponses, sumResponses } from '../store/responses.ts';
import {
  forgottenResponses,
  keptResponsesList,
  type ForgottenResponses,
  type KeptResponsesRecord,
} from '../wire/responses.ts';
import { requireKey } from './admin-keys.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Responses that clients have asked to be kept. The owner sees how many there are, and can forget them. */
export const responseRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/responses',
    summary: 'How many stored responses there are, by key. Nobody but the key’s device can read them.',
    answer: keptResponsesList,
    handle: ({ context }) => list(context),
  }),
  route({
    method: 'delete',
    path: '/responses',
    summary: 'Forget all stored responses.',
    answer: forgottenResponses,
    handle: ({ context }) => forget(context, null),
  }),
  route({
    method: 'delete',
    path: '/keys/:key/responses',
    summary: 'Forget the stored responses of one key, by its name or id.',
    answer: forgottenResponses,
    handle: ({ context, param }: AdminCall) => forget(context, requireKey(context, param('key')).id),
  }),
];

function list(context: AdminContext): KeptResponsesRecord[] {
  return sumResponses(context.store)
    .map(({ keyId, count, bytes, oldestMs }) => ({
      key: findKey(context.store, keyId)?.name ?? keyId,
      keyId,
      count,
      bytes,
      oldestAt: new Date(oldestMs).toISOString(),
    }))
    .toSorted((one, other) => one.key.localeCompare(other.key));
}

function forget(context: AdminContext, keyId: string | null): ForgottenResponses {
  const forgotten = forgetResponses(context.store, keyId);
  context.log.info('Stored responses were forgotten.', { keyId: keyId ?? 'all', forgotten });
  return { forgotten };
}
