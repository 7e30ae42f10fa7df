import { findTeam, listTeams, removeTeam, setTeam, teamNotFound, toTeamRecord } from '../store/teams.ts';
import { teamAccount } from '../core/policy.ts';
import { setTeamRequest, spending, teamList, teamRecord } from '../wire/limits.ts';
import type { SetTeamRequest, TeamRecord, WireSpending } from '../wire/limits.ts';
import { invalidRequest } from '../core/errors.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import { ofTeam, spendingOf } from './admin-spending.ts';

/** Limits that the keys of a team share; a team is what keys name as theirs. */
export const teamRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/teams',
    summary: 'Teams that limits are set for.',
    answer: teamList,
    handle: ({ context }) => listTeams(context.store),
  }),
  route({
    method: 'get',
    path: '/teams/:team',
    summary: 'One team.',
    answer: teamRecord,
    handle: ({ context, param }): TeamRecord => {
      const team = findTeam(context.store, param('team'));
      if (team === null) throw teamNotFound(param('team'));
      return toTeamRecord(context.store, team);
    },
  }),
  route({
    method: 'put',
    path: '/teams/:team',
    summary:
      'Set limits that all keys of a team share, who is in it and what it is called; what is left out stays. Counts from the next request.',
    body: setTeamRequest,
    answer: teamRecord,
    handle: set,
  }),
  route({
    method: 'delete',
    path: '/teams/:team',
    summary: 'Lift all limits of a team. Its keys stay, with their own.',
    status: 204,
    handle: ({ context, param }): void => {
      removeTeam(context.store, param('team'));
      context.log.info('The limits of a team were lifted.', { team: param('team') });
      context.live.publish({ type: 'keys-changed' });
    },
  }),
  route({
    method: 'get',
    path: '/teams/:team/spending',
    summary: 'What a team has spent of its limits.',
    answer: spending,
    handle: ({ context, param }): WireSpending => {
      const team = findTeam(context.store, param('team'));
      if (team === null) throw teamNotFound(param('team'));
      return spendingOf(context, ofTeam(team));
    },
  }),
];

function set({ context, body, param }: AdminCall<SetTeamRequest>): TeamRecord {
  const name = param('team').trim();
  if (name === '' || name.length > 100)
    throw invalidRequest('A team’s name has 1 to 100 characters.', 'team');
  const record = setTeam(context.store, name, body, context.clock.nowMs());
  if (record.name !== name) context.gate.renameAccount(teamAccount(name), teamAccount(record.name));
  context.log.info('The limits of a team were set.', { team: name, fields: Object.keys(body) });
  context.live.publish({ type: 'keys-changed' });
  return record;
}
