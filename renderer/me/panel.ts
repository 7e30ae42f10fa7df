import type { MeState } from '../../server/wire/me.ts';
import { h, type Child } from '../pair/dom.ts';

/** A part of the page under a heading of its own, which follows the numbers. */
export type Panel = { readonly element: HTMLElement; readonly update: (state: MeState) => void };

let panels = 0;

/** The card of a panel; its heading names it for those who hear the page. */
export function card(title: string, ...children: readonly Child[]): HTMLElement {
  const id = `panel-${++panels}`;
  return h('section', { class: 'card stack', 'aria-labelledby': id }, h('h2', { id }, title), ...children);
}

/**
 * A panel that is drawn anew only where what it shows has changed: somebody may have selected something in it, or have it
 * read out.
 */
export function panel<T>(
  title: string,
  pick: (state: MeState) => T,
  draw: (picked: T) => readonly Child[],
): Panel {
  const body = h('div', { class: 'stack' });
  let shown: string | null = null;
  return {
    element: card(title, body),
    update(state) {
      const picked = pick(state);
      const content = JSON.stringify(picked);
      if (content === shown) return;
      shown = content;
      const open = new Set([...body.querySelectorAll('details[open]')].map(({ id }) => id));
      body.replaceChildren(...draw(picked).filter((child) => child !== null));
      for (const details of body.querySelectorAll('details')) details.open = open.has(details.id);
    },
  };
}

/** A name and what it is, one under the other or side by side. */
export function fact(name: string, value: string): HTMLElement {
  return h('div', { class: 'fact' }, h('dt', {}, name), h('dd', {}, value));
}
