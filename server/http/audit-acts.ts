import { listAliases } from '../store/aliases.ts';
import { getEdgeSettings } from '../store/edge-settings.ts';
import { findKey, toKeyRecord } from '../store/keys.ts';
import { findPairing } from '../store/pairing.ts';
import { listPrices } from '../store/prices.ts';
import { findTeam } from '../store/teams.ts';
import { findTicket, ticketState } from '../store/tickets.ts';
import { findUpstream, hasUpstreamKey } from '../store/upstreams.ts';
import { pauseKind } from '../wire/owner.ts';
import type { AdminCall, AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { settingValue } from './admin-settings.ts';

/** How the audit speaks of an act of the admin API. */
export type ActDefinition = {
  /** Such as `key.create`. */
  readonly act: string;
  /** By which name or id the thing is found; the first part of the path that has a name, unless said otherwise. */
  readonly target?: (call: AdminCall) => string | null;
  /** The act makes it: what is found by that name before is another thing. */
  readonly isNew?: true;
  /** One of hundreds of pieces of what has begun with a row: only what is refused or fails has its own. */
  readonly isPart?: true;
  /** What may be said of the thing: asked before and after, so that the audit can tell what has changed. */
  readonly look?: (context: AdminContext, target: string) => Looked | null;
};

/** A thing with what may be said of it. `id` finds it again after it was given another name. */
export type Looked = {
  readonly id: string;
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/**
 * Routes by method and path. One that is missing here is written to the audit all the same, by method and path; a test
 * wants every route that changes something to be here. A GET that is here is written too: it shows what others said, or
 * takes data out of the house.
 */
const acts: Readonly<Record<string, ActDefinition>> = {
  'post /session': { act: 'session.begin' },
  'post /session/ticket': { act: 'session.begin-by-link' },
  'post /session/confirm': { act: 'session.confirm' },
  'delete /session': { act: 'session.end' },
  'post /setup': { act: 'owner.set-password' },
  'post /setup/restore': { act: 'restore.prepare', target: named('file') },
  'post /setup/restore/uploads': { act: 'restore.upload-begin', target: () => null },
  'put /setup/restore/uploads/:upload': { act: 'restore.upload', target: () => null, isPart: true },
  'post /password': { act: 'owner.change-password' },
  'post /totp': { act: 'second-step.begin' },
  'post /totp/confirm': { act: 'second-step.switch-on' },
  'post /totp/recovery-codes': { act: 'second-step.renew-recovery-codes' },
  'post /totp/off': { act: 'second-step.switch-off' },
  'delete /totp': { act: 'second-step.reset' },
  'delete /sessions': { act: 'session.end-others' },
  'delete /sessions/:session': { act: 'session.end', look: lookAtSession },
  'post /admin-tokens': { act: 'admin-token.create', target: named('name'), isNew: true, look: lookAtToken },
  'delete /admin-tokens/:token': { act: 'admin-token.revoke', look: lookAtToken },

  'post /keys': { act: 'key.create', target: named('name'), isNew: true, look: lookAtKey },
  'patch /keys/:key': { act: 'key.change', look: lookAtKey },
  'delete /keys/:key': { act: 'key.revoke', look: lookAtKey },
  'post /keys/:key/replace': { act: 'key.replace', look: lookAtKey },
  'delete /keys/:key/former': { act: 'key.end-former', look: lookAtKey },
  'delete /keys/:key/responses': { act: 'responses.forget', look: lookAtKey },
  'delete /responses': { act: 'responses.forget' },
  'delete /cache': { act: 'cache.forget' },
  'get /traces/:requestId': { act: 'trace.read' },
  // Whose were searched, and how many were found; the words may themselves be secret.
  'post /traces/search': { act: 'trace.search', target: searched },
  'delete /traces/:requestId': { act: 'trace.erase' },
  'delete /traces': {
    act: 'trace.erase',
    target: ({ query }) => Object.values(query as object).map(String)[0] ?? null,
  },
  'get /people/:person/export': { act: 'person.export' },
  'delete /people/:person': { act: 'person.erase' },

  'put /teams/:team': { act: 'team.set', look: lookAtTeam },
  'delete /teams/:team': { act: 'team.remove', look: lookAtTeam },
  'put /prices/:model': { act: 'price.set', look: lookAtPrice },
  'delete /prices/:model': { act: 'price.remove', look: lookAtPrice },

  'post /pairings': { act: 'pairing.invite', target: named('person') },
  'delete /pairings/:id': { act: 'pairing.close', look: lookAtPairing },
  'post /pairings/:id/approve': { act: 'pairing.approve', look: lookAtPairing },
  'post /pairings/:id/deny': { act: 'pairing.deny', look: lookAtPairing },

  'post /tickets': { act: 'ticket.create', target: named('name') },
  'delete /tickets/:ticket': { act: 'ticket.revoke', look: lookAtTicket },

  'put /aliases/:name': { act: 'alias.set', look: lookAtAlias },
  'delete /aliases/:name': { act: 'alias.remove', look: lookAtAlias },
  'post /aliases/usual-names': { act: 'alias.add-usual' },
  'delete /unknown-names/:name': { act: 'unknown-name.strike' },

  'post /upstreams': { act: 'upstream.add', target: named('name'), isNew: true, look: lookAtUpstream },
  'patch /upstreams/:upstream': { act: 'upstream.change', look: lookAtUpstream },
  'post /upstreams/:upstream/test': { act: 'upstream.test' },
  'delete /upstreams/:upstream': { act: 'upstream.remove', look: lookAtUpstream },

  // Only whose limits were tried, if anybody's: what was asked is in no log.
  'post /playground/chat': {
    act: 'playground.ask',
    target: ({ query }) => (query as { readonly as?: string }).as ?? null,
    look: lookAtKey,
  },

  'patch /ollama': { act: 'ollama.set' },
  'post /ollama/pulls': { act: 'ollama.pull', target: named('model') },
  'delete /ollama/pulls/:model': { act: 'ollama.cancel-pull' },

  'post /models': { act: 'model.add', target: named('path') },
  'patch /models/:model': { act: 'model.set' },
  'post /models/:model/load': { act: 'model.load' },
  'post /models/:model/unload': { act: 'model.unload' },
  'post /models/:model/check': { act: 'model.check' },
  'delete /models/:model/check': { act: 'model.cancel-check' },
  'delete /models/:model': { act: 'model.remove' },
  'post /office-model/undo': { act: 'office-model.undo' },
  'delete /office-model': { act: 'office-model.dismiss' },
  'post /model-folders': { act: 'model-folder.add', target: named('path') },
  'delete /model-folders/:path': { act: 'model-folder.remove' },

  'post /downloads': { act: 'download.start', target: named('uri') },
  'post /downloads/:id/move': { act: 'download.move' },
  'post /downloads/:id/pause': { act: 'download.pause' },
  'post /downloads/:id/resume': { act: 'download.resume' },
  'post /downloads/:id/cancel': { act: 'download.cancel' },
  'delete /downloads/:id': { act: 'download.remove' },

  'post /engine/restart': { act: 'engine.restart' },
  'post /engine/stop': { act: 'engine.stop' },
  'post /trials/:name/keep': { act: 'trial.keep' },
  'post /trials/:name/take-back': { act: 'trial.take-back' },
  'post /port': { act: 'port.try' },

  'put /lan': { act: 'office.set', target: () => 'office', look: lookAtOffice },
  'put /pauses/:what': { act: 'pause.begin', look: lookAtPause },
  'delete /pauses/:what': { act: 'pause.end', look: lookAtPause },
  'put /https': { act: 'https.set', target: () => 'https', look: lookAtHttps },
  'put /https/certificate': { act: 'https.certificate.set', target: () => 'https', look: lookAtHttps },
  'delete /https/certificate': { act: 'https.certificate.remove', target: () => 'https', look: lookAtHttps },
  'post /https/authority': { act: 'https.authority.replace', target: () => 'https', look: lookAtHttps },
  'patch /edge': { act: 'edge.set', target: () => 'edge', look: lookAtEdge },
  'delete /edge/blocks/:address': { act: 'edge.lift-block' },
  'put /settings/:name': { act: 'setting.set', look: lookAtSetting },

  'put /savings/settings': { act: 'savings.set' },
  'put /cloud-prices': { act: 'cloud-prices.set' },
  'delete /cloud-prices': { act: 'cloud-prices.reset' },
  'post /retention/purge': { act: 'retention.purge' },
  'put /exports/:name': { act: 'export.set', look: lookAtExport },
  'post /exports/:name/test': { act: 'export.test' },
  'delete /exports/:name': { act: 'export.remove', look: lookAtExport },

  'post /updates/check': { act: 'update.look' },
  'post /updates/download': { act: 'update.download' },

  'post /audit/verify': { act: 'audit.verify' },
  'get /security-report': { act: 'report.make' },
  'post /backups': { act: 'backup.create', target: named('file') },
  'post /backups/download': { act: 'backup.download' },
  'post /backups/run': { act: 'backup.run' },
  'put /backups/schedule': { act: 'backup.schedule', target: named('folder') },
  'post /restore': { act: 'restore.prepare', target: named('file') },
  'post /restore/uploads': { act: 'restore.upload-begin', target: () => null },
  'put /restore/uploads/:upload': { act: 'restore.upload', target: () => null, isPart: true },
  'delete /restore': { act: 'restore.cancel' },
};

/** Null for a route that leaves no trace: it only reads. */
export function actOf(route: Pick<AdminRoute, 'method' | 'path'>): ActDefinition | null {
  const name = `${route.method} ${route.path}`;
  const known = Object.hasOwn(acts, name) ? acts[name] : undefined;
  if (known !== undefined) return known;
  return route.method === 'get' ? null : { act: `${route.method} ${route.path}` };
}

/** What of the acts has words of its own; for the test that none is forgotten. */
export const knownActs: readonly string[] = Object.keys(acts);

function searched({ body }: AdminCall): string | null {
  const { key, person } = body as Readonly<Record<string, string | undefined>>;
  return key ?? person ?? null;
}

function named(field: string): (call: AdminCall) => string | null {
  return ({ body }) => {
    const value = (body as Readonly<Record<string, unknown>> | null)?.[field];
    return typeof value === 'string' ? value : null;
  };
}

function lookAtKey({ store, clock }: AdminContext, target: string): Looked | null {
  const key = findKey(store, target);
  if (key === null) return null;
  const { id, name, person, team, device, models, role, expiresAt, status, ...rest } = toKeyRecord(
    key,
    clock.nowMs(),
  );
  const { limits, modelLimits, ips, labels, priority, trace, traceUntil, mayLeave, hint, formerKeys } = rest;
  const former = formerKeys.map(({ hint: before, endsAt }) => ({ hint: before, endsAt }));
  const policy = { hint, former, limits, modelLimits, ips, labels, priority, trace, traceUntil, mayLeave };
  return { id, name, facts: { id, name, person, team, device, models, role, expiresAt, status, ...policy } };
}

/** By its address and browser, since its number says nothing to anybody. */
function lookAtSession({ sessions }: AdminContext, target: string): Looked | null {
  const session = sessions.list(null).find(({ id }) => id === target);
  if (session === undefined) return null;
  const { id, ip, client, createdAt } = session;
  return { id, name: `${id} from ${ip}`, facts: { from: ip, browser: client, createdAt } };
}

function lookAtToken({ namedTokens }: AdminContext, target: string): Looked | null {
  const token = namedTokens.find(target);
  if (token === null) return null;
  const { id, name, expiresAt, status } = token;
  return { id, name, facts: { id, name, expiresAt, status } };
}

function lookAtTeam({ store }: AdminContext, target: string): Looked | null {
  const team = findTeam(store, target.trim());
  if (team === null) return null;
  const { name, limits, pausedMs } = team;
  return { id: name, name, facts: { limits, paused: pausedMs !== null } };
}

function lookAtPrice({ store }: AdminContext, target: string): Looked | null {
  const price = listPrices(store).find(({ model }) => model === target.trim());
  if (price === undefined) return null;
  const { model, input, output, notional } = price;
  return { id: model, name: model, facts: { input, output, notional } };
}

function lookAtPairing({ store }: AdminContext, target: string): Looked | null {
  const pairing = findPairing(store, target);
  if (pairing === null) return null;
  const { id, preset, policy, autoApprove, replaces, join, approvedMs, deniedMs, closedMs } = pairing;
  const person = policy.person ?? null;
  const device = join?.device ?? policy.device ?? null;
  const whose = [person, device].filter((text) => text !== null).join(', ');
  return {
    id,
    name: whose === '' ? id : whose,
    facts: {
      id,
      preset,
      person,
      device,
      from: join?.ip ?? null,
      by: join?.via ?? null,
      autoApprove,
      replaces,
      approved: approvedMs !== null,
      denied: deniedMs !== null,
      closed: closedMs !== null,
    },
  };
}

function lookAtTicket({ store, clock }: AdminContext, target: string): Looked | null {
  const ticket = findTicket(store, target);
  if (ticket === null) return null;
  const { id, name, uses, mostUses, ips, expiresMs, keyIds } = ticket;
  const state = ticketState(ticket, clock.nowMs());
  const expiresAt = new Date(expiresMs).toISOString();
  return { id, name, facts: { id, name, state, uses, mostUses, from: ips, expiresAt, keys: keyIds.length } };
}

function lookAtAlias({ store }: AdminContext, target: string): Looked | null {
  const alias = listAliases(store).find(({ name }) => name === target.trim());
  if (alias === undefined) return null;
  const { name, model, fallback, shares, settings } = alias;
  const { systemPrompt, ...rest } = settings;
  // What is said before every prompt is a prompt.
  return {
    id: name,
    name,
    facts: { model, fallback, shares, settings: { ...rest, hasSystemPrompt: systemPrompt !== null } },
  };
}

function lookAtUpstream({ store }: AdminContext, target: string): Looked | null {
  const upstream = findUpstream(store, target);
  if (upstream === null) return null;
  const { id, name, kind, url, mayLeave, slots, routingHeader, contextTokens } = upstream;
  const hasKey = hasUpstreamKey(store, id);
  return { id, name, facts: { name, kind, url, mayLeave, slots, routingHeader, contextTokens, hasKey } };
}

function lookAtExport({ exports }: AdminContext, target: string): Looked | null {
  const found = exports.find(target);
  if (found === null) return null;
  const { name, kind, url, mayLeave, people, prompts, hasSecret } = found;
  return { id: name, name, facts: { kind, url, mayLeave, people, prompts, hasSecret } };
}

function lookAtOffice({ office }: AdminContext): Looked {
  return { id: 'office', name: 'office', facts: { on: office.state().on, address: office.chosenAddress() } };
}

function lookAtPause({ owner }: AdminContext, target: string): Looked | null {
  const kind = pauseKind.safeParse(target).data;
  const pause = kind === undefined ? null : owner.pauses.state()[kind];
  return pause === null ? null : { id: target, name: target, facts: { until: pause.until, by: pause.by } };
}

function lookAtEdge({ store }: AdminContext): Looked {
  return { id: 'edge', name: 'edge', facts: getEdgeSettings(store) };
}

function lookAtHttps({ https }: AdminContext): Looked {
  const own = https.own();
  const files = own?.from.kind === 'files' ? [own.from.certFile, own.from.keyFile] : null;
  return {
    id: 'https',
    name: 'https',
    facts: {
      ...https.settings(),
      authority: https.authority()?.authorityCertificate.fingerprint256 ?? null,
      own: own?.served?.facts.fingerprint ?? null,
      files,
    },
  };
}

function lookAtSetting(context: AdminContext, target: string): Looked | null {
  const value = settingValue(context, target);
  return value === undefined ? null : { id: target, name: target, facts: { value } };
}
