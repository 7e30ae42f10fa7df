import { z } from 'zod';
import { describeNames } from '../connect/names.ts';
import { connectGuides } from '../connect/guides.ts';
import { AppError } from '../core/errors.ts';
import { findAlias } from '../store/aliases.ts';
import { findKey } from '../store/keys.ts';
import { connectPage, type ConnectPage } from '../wire/connect.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

const connectQuery = z.strictObject({ key: z.string().min(1).max(200).optional() });

/** How tools are set up with this server. */
export const connectRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/connect',
    summary:
      'How each tool is set up, with the real address and names; with `key` (name or id) by the names that key may use.',
    query: connectQuery,
    answer: connectPage,
    handle: showConnect,
  }),
];

/** The key's text is known to nobody by now; the console fills it in where it has just made the key. */
function showConnect({ context, query }: AdminCall<null, z.infer<typeof connectQuery>>): ConnectPage {
  const { store, engine } = context;
  const { address, lan } = context.status();
  const root = lan.address ?? address;
  const keyModels = query.key === undefined ? null : modelsOfKey(context, query.key);
  const names = describeNames(keyModels, engine.models(), (name) => findAlias(store, name));
  const shared = {
    baseUrl: `${root}/v1`,
    plain: root.startsWith('http:'),
    trust: context.https.trustFor(root),
  };
  return {
    ...shared,
    isLanAddress: lan.address !== null,
    isTestModel: names.isTestModel,
    contextTokens: names.contextTokens,
    guides: connectGuides({ ...shared, ...names, key: null }),
  };
}

function modelsOfKey({ store }: AdminContext, nameOrId: string): readonly string[] | null {
  const key = findKey(store, nameOrId);
  if (key !== null) return key.models;
  throw new AppError(`There is no key with the name or id “${nameOrId}”.`, {
    status: 404,
    code: 'key_not_found',
    param: 'key',
  });
}
