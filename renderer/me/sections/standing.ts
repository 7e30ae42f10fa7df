import type { MeState } from '../../../server/wire/me.ts';
import { h, type Child } from '../../pair/dom.ts';
import { formatCount } from '../../pair/words.ts';
import { waitingFor } from '../../pair/screens/notes.ts';
import { panel, type Panel } from '../panel.ts';
import { formatWait, formatWhen, say, sayCount } from '../words.ts';

const soonMs = 7 * 86_400_000;

type Turn = MeState['waiting'][number];

/** Is it up, does it answer, and where in the line is what this key has asked. */
export function standingPanel(): Panel {
  return panel(
    say('standing.title'),
    ({ at, key, models, chatModel, running, waiting }) => ({
      key,
      running,
      chat: models.find(({ id }) => id === chatModel) ?? null,
      endsSoon: key.expiresAt !== null && Date.parse(key.expiresAt) - Date.parse(at) < soonMs,
      // Whole seconds, or it would be read out again and again.
      waiting: waiting.map((turn) => ({ ...turn, waitedMs: 0, estimateMs: toSeconds(turn.estimateMs) })),
    }),
    ({ key, running, chat, endsSoon, waiting }) => [
      h('p', { class: 'up', role: 'status' }, ...upSentence(key.role, chat)),
      ...waiting.map((turn) => h('div', { role: 'status' }, waitingFor(turnSentence(turn)))),
      running === 0 ? null : h('p', {}, say('standing.running', { count: formatCount(running) })),
      ...endSentences(key, endsSoon),
      key.outside ? h('p', { class: 'muted' }, say('standing.outside')) : null,
    ],
  );
}

function upSentence(role: MeState['key']['role'], chat: MeState['models'][number] | null): Child[] {
  const sign = (text: string, look: string): HTMLElement =>
    h('span', { class: look, 'aria-hidden': 'true' }, `${text} `);
  if (role === 'ops') return [sign('●', 'state-ready'), say('standing.ops')];
  if (chat === null) return [sign('!', 'warned'), say('standing.nothing')];
  const { state, queue } = chat;
  const ahead = queue === null || queue.active < queue.slots ? 0 : queue.waiting + 1;
  if (ahead > 0) return [sign('◐', 'state-busy'), sayCount('standing.busy', ahead)];
  switch (state) {
    case 'ready':
    case 'busy':
      return [sign('●', 'state-ready'), say('standing.ready')];
    case 'loading':
      return [sign('◌', 'state-busy'), say('standing.loading')];
    case 'off':
      return [sign('●', 'state-ready'), say('standing.off')];
  }
}

function turnSentence({ place, of, estimateMs }: Turn): string {
  const values = { place: formatCount(place), of: formatCount(of) };
  if (estimateMs === null) return say('standing.turnUnknown', values);
  return say('standing.turn', { ...values, duration: formatWait(estimateMs) });
}

function endSentences({ expiresAt, replacedUntil }: MeState['key'], endsSoon: boolean): Child[] {
  if (replacedUntil !== null)
    return [h('p', { class: 'attention' }, say('standing.replaced', { when: formatWhen(replacedUntil) }))];
  if (expiresAt === null) return [h('p', { class: 'muted' }, say('standing.noEnd'))];
  const when = formatWhen(expiresAt);
  return [
    endsSoon
      ? h('p', { class: 'attention' }, say('standing.endsSoon', { when }))
      : h('p', { class: 'muted' }, say('standing.ends', { when })),
  ];
}

function toSeconds(durationMs: number | null): number | null {
  return durationMs === null ? null : Math.ceil(durationMs / 1000) * 1000;
}
