import type { MeState } from '../../../server/wire/me.ts';
import { h, type Child } from '../../pair/dom.ts';
import { formatCount } from '../../pair/words.ts';
import { panel, type Panel } from '../panel.ts';
import { formatWhen, say } from '../words.ts';

type Kept = NonNullable<MeState['prompts']['kept']>;

/** What becomes of what is written: whether it is kept, and whether it leaves the office. */
export function promptsPanel(): Panel {
  return panel(
    say('prompts.title'),
    ({ prompts }) => prompts,
    ({ kept, mayLeave, storedHours }) => [
      ...(kept === null ? [h('p', {}, say('prompts.notKept'))] : keptElements(kept)),
      h('p', {}, say(mayLeave ? 'prompts.mayLeave' : 'prompts.stays')),
      storedHours === 0
        ? null
        : h('p', { class: 'muted small' }, say('prompts.stored', { hours: formatCount(storedHours) })),
    ],
  );
}

function keptElements({ why, until, keepDays, notice, sentTo }: Kept): Child[] {
  const days = formatCount(keepDays);
  const sentence =
    why === 'key' && until !== null
      ? say('prompts.key', { when: formatWhen(until), days })
      : say('prompts.office', { days });
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
