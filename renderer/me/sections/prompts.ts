import type { MeState } from '../../../server/wire/me.ts';
import { h, type Child } from '../../pair/dom.ts';
import { panel, type Panel } from '../panel.ts';
import { formatWhen, say, sayCount } from '../words.ts';

type Kept = NonNullable<MeState['prompts']['kept']>;

/** What becomes of what is written: whether it is kept, and whether it leaves the office. */
export function promptsPanel(): Panel {
  return panel(
    say('prompts.title'),
    ({ prompts }) => prompts,
    ({ kept, mayLeave, storedHours }) => [
      ...(kept === null ? [h('p', {}, say('prompts.notKept'))] : keptElements(kept)),
      h('p', {}, say(mayLeave ? 'prompts.mayLeave' : 'prompts.stays')),
      storedHours === 0 ? null : h('p', { class: 'muted small' }, sayCount('prompts.stored', storedHours)),
    ],
  );
}

function keptElements({ why, until, keepDays, notice, sentTo }: Kept): Child[] {
  const sentence =
    why === 'key' && until !== null
      ? sayCount('prompts.key', keepDays, { when: formatWhen(until) })
      : sayCount('prompts.office', keepDays);
  return [
    h('p', { class: 'attention' }, sentence),
    notice === null
      ? null
      : h(
          'div',
          { class: 'stack-tight' },
          h('p', {}, say('prompts.notice')),
          h('p', { class: 'quote said' }, notice),
        ),
    sentTo.length === 0 ? null : h('p', {}, say('prompts.sentTo', { places: sentTo.join(', ') })),
  ];
}
