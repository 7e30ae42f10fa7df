import type { UsableModel } from '../../../server/wire/me.ts';
import { h } from '../../pair/dom.ts';
import { formatCount } from '../../pair/words.ts';
import { panel, type Panel } from '../panel.ts';
import { say, sayBadge, sayPart, sayReason, sayCount } from '../words.ts';

/** Shape and word, so that the state is told without its colour. */
const stateSigns = { ready: '●', busy: '◐', loading: '◌', off: '–' } as const;

/** The names this key may ask for, how each stands now, and which tools it is good for. */
export function modelsPanel(): Panel {
  return panel(
    say('models.title'),
    ({ models }) => models,
    (models) =>
      models.length === 0
        ? [h('p', {}, say('models.none'))]
        : [h('ul', { class: 'models' }, ...models.map(modelElement))],
  );
}

function modelElement(model: UsableModel): HTMLElement {
  const { id, isAlias, task, state, contextTokens, isTestModel, badges } = model;
  const facts = [
    isAlias ? say('models.alias') : null,
    say(`models.task.${task}`),
    contextTokens === null ? null : sayCount('models.context', contextTokens),
    queueSentence(model),
    isTestModel ? say('models.test') : null,
  ].filter((text) => text !== null);
  return h(
    'li',
    { class: 'stack-tight' },
    h(
      'p',
      { class: 'model' },
      h('strong', { class: 'mono' }, id),
      h(
        'span',
        { class: `state state-${state}` },
        h('span', { 'aria-hidden': 'true' }, `${stateSigns[state]} `),
        say(`models.state.${state}`),
      ),
    ),
    h('p', { class: 'muted small' }, facts.join(' · ')),
    badges.length === 0 ? null : badgesElement(model),
  );
}

function queueSentence({ queue }: UsableModel): string | null {
  if (queue === null || queue.active === 0) return null;
  return queue.waiting === 0 ? say('models.free') : sayCount('models.queue', queue.waiting);
}

function badgesElement({ id, badges }: UsableModel): HTMLElement {
  const usable = badges.filter(({ state }) => state === 'works' || state === 'limited');
  const counts = { works: formatCount(usable.length), all: formatCount(badges.length) };
  return h(
    'details',
    { id: `tools-${id}` },
    // Named after the model too, for whoever goes from one to the next by ear.
    h('summary', {}, say('models.tools', counts), h('span', { class: 'unseen' }, ` (${id})`)),
    h(
      'ul',
      { class: 'badges' },
      ...badges.map(({ title, part, state, reasons }) =>
        h(
          'li',
          {},
          h('strong', {}, part === null ? title : `${title} (${sayPart(part)})`),
          `: ${sayBadge(state)}. `,
          h('span', { class: 'muted' }, reasons.map(sayReason).join(' ')),
        ),
      ),
    ),
  );
}
