import { join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { connectGuides } from '../connect/guides.ts';
import { describeNames } from '../connect/names.ts';
import type { Principal } from '../core/principal.ts';
import { clientOf } from '../edge/client.ts';
import { findAlias } from '../store/aliases.ts';
import { outsideName } from '../store/outside.ts';
import type { Https } from '../tls/https.ts';
import { keyPlaceholder } from '../wire/connect.ts';
import type { MeGuides } from '../wire/me.ts';
import { readPage, sendPage } from './console-pages.ts';
import { describeMe, type MeStateServices } from './me-state.ts';
import { createOwnUsage } from './me-usage.ts';
import { ownHost } from './pair-request.ts';

export type MeServices = Omit<MeStateServices, 'usageOf'> & {
  readonly ledger: { readonly catchUp: () => void };
  readonly https: Pick<Https, 'trustFor'>;
  readonly me: MePage;
};

/** What only the teammate's page needs. */
export type MePage = Pick<MeStateServices, 'officeName' | 'badgesOf'> & {
  readonly reader: Parameters<typeof createOwnUsage>[0];
};

/**
 * `/me`: a page for whoever has a key, and what it asks with that key. Like the API it is for everybody in the office, and
 * every answer is about the one key that was shown; nothing here changes anything.
 */
export function meRoutes(
  services: Omit<MeServices, keyof MePage>,
  rendererDir: string,
): Readonly<Record<'page' | 'state' | 'guides', RequestHandler>> {
  const { reader, ...page } = services.me;
  const usageOf = createOwnUsage(reader, services.clock);
  const known: MeStateServices = { ...services, ...page, usageOf };

  /** @throws AppError for whoever shows no key that holds; see `Gate.enter` */
  const enter = (request: Request, response: Response): Principal => {
    response.setHeader('Cache-Control', 'no-store');
    return services.gate.enter(request, clientOf(request).address);
  };
  return {
    async page(_request, response) {
      const html = await readPage(join(rendererDir, 'me.html'));
      // Built together with the console, whose address is closed to the office.
      sendPage(response, html.replaceAll('"/console/assets/', '"/pair/assets/'));
    },
    async state(request, response) {
      const principal = enter(request, response);
      services.ledger.catchUp();
      response.json(await describeMe(known, principal));
    },
    guides(request, response) {
      response.json(guidesFor(services, request, enter(request, response)));
    },
  };
}

/** With the address at which the device has just reached us; its key is known to the device alone. */
function guidesFor(
  { store, engines, https }: Pick<MeServices, 'store' | 'engines' | 'https'>,
  request: Request,
  principal: Principal,
): MeGuides {
  const baseUrl = `${request.protocol}://${ownHost(request)}/v1`;
  const plain = !request.secure;
  const trust = https.trustFor(baseUrl);
  const models = engines.flatMap((engine) => engine.models());
  const names = describeNames(principal.models, models, (name) => findAlias(store, name));
  const outside = { name: principal.outside ? outsideName(store) : null, port: null };
  return {
    baseUrl,
    placeholder: keyPlaceholder,
    chatModel: names.roles.chat,
    plain,
    trust,
    isTestModel: names.isTestModel,
    contextTokens: names.contextTokens,
    guides: connectGuides({ ...names, baseUrl, key: null, plain, trust, outside }),
  };
}
