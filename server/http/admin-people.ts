import { once } from 'node:events';
import type { Response } from 'express';
import { auditKeepDays } from '../store/audit-retention.ts';
import { listKeys } from '../store/keys.ts';
import { listResponsesOf, readPairings } from '../store/people.ts';
import type { TraceSeek } from '../store/traces/rows.ts';
import type { PageQuestion } from '../store/threads/read-jobs.ts';
import { erasedPerson, personExport } from '../wire/traces.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { toWireTrace } from './admin-traces.ts';
import { writeActNow } from './audited.ts';

/** Everything of one person, for them to have or to be rid of. `:person` is the name keys bear. */
export const peopleRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/people/:person/export',
    summary: 'Everything held of one person, as a JSON file: keys and devices, requests, kept prompts.',
    answer: personExport,
    handle: exportPerson,
  }),
  route({
    method: 'delete',
    path: '/people/:person',
    summary:
      'Erase one person: their keys are revoked, their prompts and responses deleted, their name is taken out of the log. Sums stay.',
    needsRecentPassword: true,
    answer: erasedPerson,
    handle: async ({ context, param }) => {
      const erased = await context.people.erase(param('person'));
      context.log.info('A person was erased.', { keys: erased.keys, requests: erased.requests });
      context.live.publish({ type: 'keys-changed' });
      return erased;
    },
  }),
];

const rowsAtOnce = 500;
const tracesAtOnce = 20;

/** What is not in the file, where it is kept all the same, and why. */
function notesOn(auditDays: number): string[] {
  const auditEnd = auditDays === 0 ? 'for ever' : `for ${auditDays} days`;
  return [
    'Prompts are here only of requests that were traced, with secrets masked.',
    'Stored responses are encrypted by the device’s own key, so only their ids and sizes can be told.',
    `Rows of the audit that name this person or their keys are kept ${auditEnd}, also after the person is erased, and are not in this file. They tell what was done with the keys (made, changed, revoked, read) and this export, never what was asked. They stay because each row is sealed together with the one before it: if one were taken out, nobody could prove any more that the rest is as it was written.`,
    'The server’s own log files may name their keys until newer ones replace them, and backups made earlier hold copies of all this but the prompts; both are kept so that faults can be found and data be brought back.',
  ];
}

/** Written in pieces as the reader takes them; half a file never looks like a whole one. */
async function exportPerson({ context, param, response }: AdminCall): Promise<void> {
  const person = param('person');
  const { keyIds, pairingIds } = await context.people.find(person);
  const { store, clock } = context;
  writeActNow(store);
  const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
  const head = {
    person,
    madeAt: new Date(clock.nowMs()).toISOString(),
    notes: notesOn(auditKeepDays(store)),
    keys: listKeys(store, clock.nowMs()).filter(({ id }) => keyIds.includes(id)),
    invitations: readPairings(store, pairingIds),
    responses: listResponsesOf(store, keyIds).map(({ createdMs, ...rest }) => ({
      ...rest,
      createdAt: new Date(createdMs).toISOString(),
    })),
  };
  response.attachment(`inglenook-person-${day}.json`);
  response.type('application/json');
  try {
    await send(response, `${JSON.stringify(head).slice(0, -1)},"requests":[`);
    const asked = [...keyIds.map((key) => ({ key })), { person }, { endUser: person }];
    await sendAll(
      response,
      asked.map((filters) => rowsOf(context, filters)),
    );
    await send(response, '],"traces":[');
    await sendAll(response, [
      tracesOf(context, { person }),
      ...keyIds.map((key) => tracesOf(context, { key })),
    ]);
    response.end(']}');
  } catch (error) {
    context.log.error('An export of a person was broken off.', { error });
    response.destroy();
  }
}

/** Things by their id, as JSON. */
type Items = AsyncGenerator<readonly { readonly id: string; readonly json: string }[]>;

async function* rowsOf({ reader }: AdminContext, filters: PageQuestion['filters']): Items {
  let from: PageQuestion['from'] = null;
  do {
    const page: Awaited<ReturnType<typeof reader.read<'page'>>> = await reader.read('page', {
      filters,
      limit: rowsAtOnce,
      from,
    });
    yield page.rows.map((row) => ({ id: row.id, json: JSON.stringify(row) }));
    from = page.next;
  } while (from !== null);
}

async function* tracesOf({ traces }: AdminContext, filters: TraceSeek['filters']): Items {
  let beforeSeq: number | null = null;
  do {
    const page: Awaited<ReturnType<typeof traces.ask<'readAll'>>> = await traces.ask('readAll', {
      filters: { ...filters, sinceMs: traces.sinceMs() },
      limit: tracesAtOnce,
      beforeSeq,
    });
    yield page.rows.map((row) => ({ id: row.requestId, json: JSON.stringify(toWireTrace(row)) }));
    beforeSeq = page.next;
  } while (beforeSeq !== null);
}

/** Each thing once, though several questions may find it. */
async function sendAll(response: Response, sources: readonly Items[]): Promise<void> {
  const seen = new Set<string>();
  for (const source of sources) {
    for await (const items of source) {
      const fresh = items.filter(({ id }) => !seen.has(id));
      if (response.destroyed) return;
      const text = fresh.map(({ json }) => json).join(',\n');
      if (text !== '') await send(response, (seen.size === 0 ? '' : ',\n') + text);
      for (const { id } of fresh) seen.add(id);
    }
  }
}

async function send(response: Response, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once('close', onClose);
  // Rejects only because the reader has gone, which the caller sees by `destroyed`.
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', onClose);
}
