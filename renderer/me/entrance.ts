import { button, h, heading, type Child } from '../pair/dom.ts';
import { lead, notice } from '../pair/screens/notes.ts';
import { isKey } from './own-key.ts';
import type { Refusal } from './server.ts';
import { say } from './words.ts';

type Entrance = {
  readonly onKey: (text: string, stays: boolean) => void;
};

/** Where the key is pasted, once. */
export function entranceView({ onKey }: Entrance): HTMLElement {
  const input = h('input', {
    id: 'key',
    type: 'text',
    // Not `password`: no browser shall offer to keep it among those, or to fill in one of them.
    class: 'mono secret',
    autocomplete: 'off',
    autocapitalize: 'none',
    autocorrect: 'off',
    spellcheck: 'false',
    enterkeyhint: 'go',
    'aria-describedby': 'key-hint key-error',
  });
  const error = h('p', { id: 'key-error', class: 'error', role: 'alert' });
  const stays = checkbox('stays', say('entrance.stays'), say('entrance.staysHint'));
  const form = h(
    'form',
    { class: 'stack', novalidate: true },
    h('div', { class: 'title' }, heading(say('entrance.title')), lead(say('entrance.lead'))),
    h(
      'div',
      { class: 'field' },
      h('label', { for: input.id }, say('entrance.label')),
      input,
      h('p', { id: 'key-hint', class: 'muted small' }, say('entrance.hint')),
      error,
    ),
    stays.element,
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, say('entrance.submit'))),
    h('p', { class: 'muted' }, `${say('entrance.noKey')} `, h('a', { href: '/pair' }, say('entrance.join'))),
  );
  input.addEventListener('input', () => {
    error.textContent = '';
    input.removeAttribute('aria-invalid');
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    // As some tools want it, or as it was copied from a file of settings.
    const text = input.value
      .trim()
      .replace(/^Bearer\s+/i, '')
      .replaceAll(/^["']|["']$/g, '');
    if (isKey(text)) return onKey(text, stays.input.checked);
    error.textContent = say(text === '' ? 'entrance.missing' : 'entrance.malformed');
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  });
  return h('div', { class: 'card narrow' }, form);
}

type Refused = {
  readonly refusal: Extract<Refusal, { readonly kind: 'refused' }>;
  readonly contact: string | null;
  readonly onAgain: () => void;
  readonly onAnother: () => void;
};

/** Why the key opens nothing, and whom to ask. */
export function refusedView({ refusal, contact, onAgain, onAnother }: Refused): HTMLElement {
  const { reason, message } = refusal;
  return h(
    'div',
    { class: 'card narrow' },
    notice(
      say(`refused.${reason}`),
      lead(say(`refused.${reason}Lead`)),
      reason === 'other' ? h('p', { class: 'quote', lang: 'en' }, message) : null,
      contact === null ? null : h('p', { class: 'said' }, say('entrance.ask', { contact })),
      h(
        'div',
        { class: 'actions' },
        button('primary', say('refused.again'), onAgain),
        button('default', say('refused.another'), onAnother),
      ),
    ),
  );
}

/** Before the first answer. */
export function checkingView(trouble: string | null, contact: string | null): HTMLElement {
  return h(
    'div',
    { class: 'card narrow' },
    notice(
      say('checking.title'),
      h(
        'p',
        { class: trouble === null ? 'lead late' : 'attention', role: 'status' },
        trouble ?? say('checking.lead'),
      ),
      trouble === null || contact === null
        ? null
        : h('p', { class: 'said' }, say('entrance.ask', { contact })),
    ),
  );
}

/** A box to tick, with what it means. */
export function checkbox(
  id: string,
  label: string,
  hint: string,
): { readonly element: HTMLElement; readonly input: HTMLInputElement } {
  const input = h('input', { id, type: 'checkbox', 'aria-describedby': `${id}-hint` });
  const parts: Child[] = [
    h('label', { for: id }, label),
    h('p', { id: `${id}-hint`, class: 'muted small' }, hint),
  ];
  return { element: h('div', { class: 'check' }, input, h('div', {}, ...parts)), input };
}
