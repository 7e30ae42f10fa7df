import { h, heading, icon, type Child } from '../dom.ts';

/** A heading and what to know: most screens that only tell something. */
export function notice(title: string, ...children: readonly Child[]): HTMLElement {
  return h('div', { class: 'stack' }, heading(title), ...children);
}

export function lead(text: string): HTMLElement {
  return h('p', { class: 'lead' }, text);
}

/** Something to know before going on. */
export function attention(text: string): HTMLElement {
  return h('p', { class: 'attention' }, text);
}

/** What is being waited for. */
export function waitingFor(text: string): HTMLElement {
  return h('p', { class: 'waiting' }, icon('hourglass', 16), h('span', {}, text));
}
