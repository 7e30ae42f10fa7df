import type { Looked } from '../../../server/wire/pairing.ts';
import { formatWhileTyping } from '../code-typing.ts';
import { codeProblem, formatCode } from '../code.ts';
import { button, h, heading } from '../dom.ts';
import type { Progress } from '../remembered.ts';
import { rememberedDevice } from '../remembered.ts';
import { guessDeviceName } from '../this-device.ts';
import { t } from '../words.ts';
import { attention, lead } from './notes.ts';
import type { Draft, ViewContext } from './view.ts';

type DeviceScreen = { readonly invitation: Looked; readonly isUnreadable: boolean };

/** The link was opened on the device to be let in: only its name is missing. */
export function deviceView(
  { invitation, isUnreadable }: DeviceScreen,
  { flow, draft }: ViewContext,
): HTMLElement {
  const device = deviceField(draft, { suggestion: invitation.device, isUnreadable });
  return form(
    [
      h('div', { class: 'title' }, heading(t('device.title')), lead(t('device.lead'))),
      device.element,
      h(
        'div',
        { class: 'actions' },
        submitButton(),
        button('quiet', t('page.back'), () => flow.backToWhere(invitation)),
      ),
    ],
    () => {
      const name = device.read();
      if (name !== null) flow.askByTicket(invitation, name);
    },
  );
}

type CodeScreen = { readonly lost: Progress | null; readonly isUnreadable: boolean };

/** The short address was typed: code and name are missing. */
export function codeView({ lost, isUnreadable }: CodeScreen, { flow, draft }: ViewContext): HTMLElement {
  const code = codeField(draft);
  const device = deviceField(draft, { suggestion: null, isUnreadable });
  return form(
    [
      h('div', { class: 'title' }, heading(t('code.title')), lead(t('code.lead'))),
      lost === null ? null : attention(t(lostSentences[lost])),
      code.element,
      device.element,
      h('div', { class: 'actions' }, submitButton()),
    ],
    () => {
      // Both are looked at, the focus goes to the first that is wrong.
      const name = device.read();
      const text = code.read();
      if (name !== null && text !== null) flow.askByCode(text, name);
    },
  );
}

const lostSentences = {
  ticket: 'code.lostTicket',
  code: 'code.lostCode',
  key: 'code.lostKey',
} as const;

type Field = {
  readonly element: HTMLElement;
  /** What was typed; null, with the complaint on the screen and the focus in the field, when it cannot be used. */
  readonly read: () => string | null;
};

function codeField(draft: Draft): Field {
  const input = h('input', {
    id: 'code',
    type: 'text',
    class: 'mono code-input',
    autocomplete: 'off',
    autocapitalize: 'characters',
    autocorrect: 'off',
    spellcheck: 'false',
    enterkeyhint: 'next',
    value: formatCode(draft.code),
  });
  formatWhileTyping(input);
  input.addEventListener('input', () => void (draft.code = input.value));
  return field(input, {
    label: t('code.label'),
    hint: t('code.hint'),
    problem: () => {
      const problem = codeProblem(input.value);
      return problem === null ? null : t(`code.${problem}`);
    },
  });
}

type DeviceFieldOptions = { readonly suggestion: string | null; readonly isUnreadable: boolean };

function deviceField(draft: Draft, { suggestion, isUnreadable }: DeviceFieldOptions): Field {
  draft.device ??=
    rememberedDevice() ?? suggestion ?? guessDeviceName(navigator.userAgent, navigator.maxTouchPoints);
  const input = h('input', {
    id: 'device',
    type: 'text',
    autocomplete: 'off',
    maxlength: 100,
    enterkeyhint: 'go',
    value: draft.device,
  });
  input.addEventListener('input', () => void (draft.device = input.value));
  const deviceName = field(input, {
    label: t('device.label'),
    hint: null,
    problem: () => (input.value.trim() === '' ? t('device.missing') : null),
  });
  if (isUnreadable) deviceName.complain(t('device.unreadable'));
  return deviceName;
}

type FieldOptions = {
  readonly label: string;
  readonly hint: string | null;
  readonly problem: () => string | null;
};

function field(
  input: HTMLInputElement,
  { label, hint, problem }: FieldOptions,
): Field & { readonly complain: (text: string) => void } {
  const hintId = `${input.id}-hint`;
  const errorId = `${input.id}-error`;
  const error = h('p', { id: errorId, class: 'error', role: 'alert' });
  input.setAttribute('aria-describedby', hint === null ? errorId : `${hintId} ${errorId}`);

  function complain(text: string): void {
    error.textContent = text;
    input.setAttribute('aria-invalid', 'true');
  }
  function settle(): void {
    error.textContent = '';
    input.removeAttribute('aria-invalid');
  }
  input.addEventListener('input', settle);
  return {
    element: h(
      'div',
      { class: 'field' },
      h('label', { for: input.id }, label),
      input,
      hint === null ? null : h('p', { id: hintId, class: 'muted small' }, hint),
      error,
    ),
    complain,
    read() {
      const text = problem();
      settle();
      if (text === null) return input.value.trim();
      complain(text);
      input.focus();
      return null;
    },
  };
}

function form(children: readonly (HTMLElement | null)[], onSubmit: () => void): HTMLElement {
  // Our own complaints, in the page's language.
  const element = h('form', { class: 'stack', novalidate: true }, ...children);
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    onSubmit();
  });
  return element;
}

function submitButton(): HTMLElement {
  return h('button', { type: 'submit', class: 'primary' }, t('device.submit'));
}
