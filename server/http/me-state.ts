import { isPattern } from '../core/alias.ts';
import type { Clock } from '../core/clock.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Principal } from '../core/principal.ts';
import { rolesFor } from '../connect/names.ts';
import type { Gate } from '../gate/gate.ts';
import { invalidKey } from '../gate/presented-key.ts';
import type { ModelQueue, Router } from '../routing/run.ts';
import { listAliases } from '../store/aliases.ts';
import { officeContact } from '../store/contact.ts';
import { findKey } from '../store/keys.ts';
import { currencyOf } from '../store/prices.ts';
import { responseHours } from '../store/responses.ts';
import { traceKeepDays, tracePlaces, tracingNotice, tracingOf } from '../store/tracing.ts';
import type { CheckBadge } from '../wire/checks.ts';
import type { MeState, UsableModel } from '../wire/me.ts';
import { limitsOf, runningOf } from './me-limits.ts';
import { servingModels, type UsableServices } from './usable-models.ts';

export type MeStateServices = UsableServices & {
  readonly gate: Gate;
  readonly router: Pick<Router, 'queues'>;
  readonly clock: Clock;
  readonly officeName: () => string;
  /** Of the model itself, by the last check of it. */
  readonly badgesOf: (model: ModelDescription) => readonly CheckBadge[];
  readonly usageOf: (keyId: string, timeZone: string) => Promise<MeState['usage']>;
};

/**
 * All that a key may know of itself. Nothing is told of other keys but how many wait before a model, and nothing of models it
 * may not use.
 * @throws AppError 401 for what is no key of anybody's
 */
export async function describeMe(services: MeStateServices, principal: Principal): Promise<MeState> {
  const { store, clock, gate, officeName, usageOf } = services;
  const { keyId, keyName, person, team, device, role, outside, formerHint } = principal;
  const key = findKey(store, keyId);
  // A pass of the server's own has a key's rights for a while, and nothing to tell of itself.
  if (key === null || principal.pass !== undefined) throw invalidKey();
  const calendar = gate.calendar();
  const queues = services.router.queues();
  const models = role === 'ops' ? [] : modelsOf(services, principal, queues);
  return {
    office: officeName(),
    contact: officeContact(store),
    at: new Date(clock.nowMs()).toISOString(),
    timeZone: calendar.timeZone,
    currency: currencyOf(store),
    key: {
      name: keyName,
      hint: formerHint ?? key.hint,
      person,
      team,
      device,
      role,
      expiresAt: toIso(key.expiresMs),
      replacedUntil: toIso(key.former.find(({ hint }) => hint === formerHint)?.endsMs ?? null),
      outside,
    },
    usage: await usageOf(keyId, calendar.timeZone),
    limits: limitsOf(services, principal),
    models,
    chatModel: chatModelOf(models, principal),
    running: runningOf(services, principal),
    waiting: turnsOf(queues, keyId),
    prompts: promptsOf(services, principal),
  };
}

function modelsOf(
  services: MeStateServices,
  principal: Principal,
  queues: readonly ModelQueue[],
): UsableModel[] {
  const aliases = new Set(
    listAliases(services.store)
      .filter((alias) => !isPattern(alias))
      .map(({ name }) => name),
  );
  return servingModels(services, principal).map(({ name, serving }) => ({
    id: name,
    isAlias: aliases.has(name),
    task: serving.task,
    state: serving.state === 'failed' ? 'off' : serving.state,
    contextTokens: serving.contextTokens,
    isTestModel: serving.source === 'starter',
    queue: queueBefore(serving, queues),
    badges: [...services.badgesOf(serving)],
  }));
}

function queueBefore(model: ModelDescription, queues: readonly ModelQueue[]): UsableModel['queue'] {
  const queue = queues.find(
    (one) =>
      one.engine === model.engine &&
      (one.model === null || one.model === model.id) &&
      (one.task === null || one.task === model.task),
  );
  if (queue === undefined) return null;
  const { slots, active, waiting } = queue;
  return { slots, active, waiting: waiting.length };
}

/** As the guides choose it, where it is there. */
function chatModelOf(models: readonly UsableModel[], principal: Principal): string | null {
  const chats = models.filter(({ task }) => task === 'generate').map(({ id }) => id);
  const { chat } = rolesFor(principal.models);
  return chats.includes(chat) ? chat : (chats[0] ?? null);
}

/** Of this key's requests alone. */
function turnsOf(queues: readonly ModelQueue[], own: string): MeState['waiting'] {
  return queues.flatMap(({ model, waiting }) =>
    waiting
      .filter(({ keyId }) => keyId === own)
      .map(({ place, of, estimateMs, waitedMs }) => ({ model, place, of, estimateMs, waitedMs })),
  );
}

function promptsOf({ store, engines, clock }: MeStateServices, principal: Principal): MeState['prompts'] {
  const tracing = tracingOf(store, principal, clock.nowMs());
  return {
    kept:
      tracing === null
        ? null
        : {
            why: tracing.why,
            until: toIso(tracing.untilMs),
            keepDays: traceKeepDays(store),
            notice: tracing.why === 'office' ? tracingNotice(store) : null,
            sentTo: tracePlaces(store, principal),
          },
    mayLeave: principal.mayLeave && engines.some(({ isOutside }) => isOutside === true),
    storedHours: responseHours(store),
  };
}

function toIso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
