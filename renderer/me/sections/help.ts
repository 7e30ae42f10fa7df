import { h } from '../../pair/dom.ts';
import { panel, type Panel } from '../panel.ts';
import { say } from '../words.ts';

/** Whom to ask, in the owner's own words. */
export function helpPanel(): Panel {
  return panel(
    say('help.title'),
    ({ contact }) => contact,
    (contact) => [
      ...(contact === null
        ? [h('p', {}, say('help.none'))]
        : [h('p', {}, say('help.contact')), h('p', { class: 'quote said' }, contact)]),
      h('p', { class: 'muted small' }, say('help.say')),
    ],
  );
}
