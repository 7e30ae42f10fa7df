import type { MeState } from '../../server/wire/me.ts';
import { button, h, heading } from '../pair/dom.ts';
import { formatTime } from '../pair/words.ts';
import { checkbox } from './entrance.ts';
import type { OwnKey } from './own-key.ts';
import { card, type Panel } from './panel.ts';
import { helpPanel } from './sections/help.ts';
import { limitsPanel } from './sections/limits.ts';
import { modelsPanel } from './sections/models.ts';
import { promptsPanel } from './sections/prompts.ts';
import { standingPanel } from './sections/standing.ts';
import { toolsCard, type ToolsMemory } from './sections/tools.ts';
import { tryPanel } from './sections/trying.ts';
import { usagePanel } from './sections/usage.ts';
import type { Talk } from './talk.ts';
import { say } from './words.ts';

type PageOptions = {
  readonly own: OwnKey;
  readonly talk: Talk;
  readonly tools: ToolsMemory;
  readonly onStays: (stays: boolean) => void;
  readonly onForget: () => void;
};

/** Everything at once; each part follows the numbers by itself. */
export function mePage({ own, talk, tools, onStays, onForget }: PageOptions): Panel {
  const lead = h('p', { class: 'lead' });
  const hint = h('p', { class: 'muted small mono' });
  const panels = {
    standing: standingPanel(),
    usage: usagePanel(),
    limits: limitsPanel(),
    models: modelsPanel(),
    prompts: promptsPanel(),
    trying: tryPanel(talk),
    help: helpPanel(),
  };
  const { standing, usage, limits, models, prompts, trying, help } = panels;
  const element = h(
    'div',
    { class: 'page' },
    h('div', { class: 'title' }, heading(say('page.title')), lead, hint),
    h(
      'div',
      { class: 'columns' },
      column(standing, usage, limits),
      column(models, prompts, help),
      trying.element,
      toolsCard(own.text, tools),
      endingCard({ own, onStays, onForget }),
    ),
  );
  return {
    element,
    update(state) {
      setText(lead, say('page.of', { name: nameOf(state), office: state.office }));
      setText(hint, say('page.key', { hint: state.key.hint }));
      for (const one of Object.values(panels)) one.update(state);
    },
  };
}

function column(...panels: readonly Panel[]): HTMLElement {
  return h('div', { class: 'column' }, ...panels.map(({ element }) => element));
}

function nameOf({ key: { person, device, name } }: MeState): string {
  if (person === null || device === null) return device ?? person ?? name;
  // “Anna’s laptop” is not made “Anna, Anna’s laptop”.
  return device.toLowerCase().includes(person.toLowerCase()) ? device : `${person}, ${device}`;
}

function endingCard({
  own,
  onStays,
  onForget,
}: Pick<PageOptions, 'own' | 'onStays' | 'onForget'>): HTMLElement {
  const stays = checkbox('stays', say('ending.stays'), say('ending.staysHint'));
  stays.input.checked = own.stays;
  stays.input.addEventListener('change', () => onStays(stays.input.checked));
  return card(
    say('ending.title'),
    stays.element,
    h(
      'div',
      { class: 'stack-tight' },
      h('div', { class: 'row' }, button('default', say('ending.forget'), onForget)),
      h('p', { class: 'muted small' }, say('ending.forgetHint')),
    ),
  );
}

/** What is said while the numbers are those of before. */
export function staleSentence(kind: 'unreachable' | 'later', time: Date): string {
  return say(kind === 'unreachable' ? 'page.stale' : 'page.later', { time: formatTime(time.toISOString()) });
}

/** Only a change is read out. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
