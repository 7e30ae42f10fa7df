import type { Looked } from '../../../server/wire/pairing.ts';
import { button, h, heading, icon } from '../dom.ts';
import { t } from '../words.ts';
import { attention, lead } from './notes.ts';
import type { ViewContext } from './view.ts';

/** Whom it is about, and the one question that decides everything else. */
export function whereView(invitation: Looked, { flow }: ViewContext): HTMLElement {
  const whose = forWhom(invitation);
  const isTouched = matchMedia('(pointer: coarse)').matches;
  return h(
    'div',
    { class: 'stack' },
    h(
      'div',
      { class: 'title' },
      heading(t('where.title', { office: invitation.office })),
      whose === null ? null : lead(whose),
    ),
    invitation.state === 'waiting' ? attention(t('where.inUse')) : null,
    h('h2', {}, t('where.question')),
    h(
      'div',
      { class: 'choices' },
      choice(isTouched ? 'smartphone' : 'laptop', 'where.here', () => flow.workHere(invitation)),
      choice('monitor', 'where.elsewhere', () => flow.workElsewhere(invitation)),
    ),
  );
}

function choice(
  shape: 'smartphone' | 'laptop' | 'monitor',
  word: 'where.here' | 'where.elsewhere',
  onPress: () => void,
): HTMLElement {
  const element = button('default', '', onPress);
  element.classList.add('choice');
  element.append(
    icon(shape, 24),
    h(
      'span',
      { class: 'choice-text' },
      h('strong', {}, t(word)),
      h('span', { class: 'muted' }, t(`${word}Hint`)),
    ),
  );
  return element;
}

function forWhom({ person, device }: Looked): string | null {
  const name = person ?? device;
  if (name === null) return null;
  // “Anna’s laptop” is not made “Anna’s Anna’s laptop”.
  if (person !== null && device !== null && device.toLowerCase().includes(person.toLowerCase()))
    return t('where.forOne', { name: device });
  return person !== null && device !== null
    ? t('where.forPersonsDevice', { person, device })
    : t('where.forOne', { name });
}
