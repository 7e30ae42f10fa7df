import { h, icon } from './dom.ts';
import { t } from './words.ts';

/**
 * Copy buttons that work where `navigator.clipboard` does not exist: on plain http there is no secure context, and
 * in-app browsers forbid it. Three ways in turn: the clipboard API, the old copy command, and the text left
 * selected for the person's own hand.
 */

const saidForMs = 4_000;
let fields = 0;

/** One line to take along: a labelled field and its button. */
export function copyField(label: string, value: string): HTMLElement {
  const id = `field-${++fields}`;
  const input = h('input', { id, type: 'text', readonly: true, spellcheck: 'false', class: 'mono', value });
  input.addEventListener('focus', () => input.select());
  const { control, hint } = copyButton(label, value, () => {
    input.focus();
    input.setSelectionRange(0, value.length);
  });
  return h(
    'div',
    { class: 'copy' },
    h('label', { for: id }, label),
    h('div', { class: 'copy-row' }, input, control),
    hint,
  );
}

/** Several lines to take along. The block scrolls sideways, so the keyboard must be able to reach it. */
export function copyBlock(label: string, text: string): HTMLElement {
  const pre = h('pre', { class: 'mono' }, text);
  const scroller = h('section', { class: 'scroller', tabindex: 0, 'aria-label': label }, pre);
  const { control, hint } = copyButton(label, text, () => {
    scroller.focus();
    getSelection()?.selectAllChildren(pre);
  });
  return h('div', { class: 'copy copy-block' }, scroller, control, hint);
}

function copyButton(
  label: string,
  text: string,
  select: () => void,
): { readonly control: HTMLButtonElement; readonly hint: HTMLElement } {
  const control = h('button', { type: 'button', class: 'default copy-button' });
  const hint = h('output', { class: 'hint' });
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(isCopied: boolean): void {
    control.replaceChildren(icon(isCopied ? 'check' : 'copy', 16), t(isCopied ? 'copy.done' : 'copy.button'));
    if (isCopied) control.removeAttribute('aria-label');
    else control.setAttribute('aria-label', t('copy.what', { what: label }));
  }
  async function copy(): Promise<void> {
    clearTimeout(timer);
    const isCopied = (await byClipboard(text)) || byCommand(text);
    show(isCopied);
    hint.className = isCopied ? 'unseen' : 'hint';
    hint.textContent = isCopied ? t('copy.done') : byHand();
    if (isCopied) {
      control.focus();
      timer = setTimeout(() => show(false), saidForMs);
    } else select();
  }
  show(false);
  control.addEventListener('click', () => void copy());
  return { control, hint };
}

async function byClipboard(text: string): Promise<boolean> {
  try {
    // Absent without a secure context, whatever the types say.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) return false;
    await clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** From a text area of its own: copied off the page, code would take the page's colours and fonts along. */
function byCommand(text: string): boolean {
  // Read-only, or the phone's keyboard would come up.
  const area = h('textarea', { readonly: true, class: 'copied-from', 'aria-hidden': 'true', tabindex: -1 });
  area.value = text;
  document.body.append(area);
  try {
    area.focus({ preventScroll: true });
    area.setSelectionRange(0, text.length);
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
  }
}

function byHand(): string {
  if (matchMedia('(pointer: coarse)').matches) return t('copy.byTouch');
  const shortcut = /mac/i.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C';
  return t('copy.byKeyboard', { shortcut });
}
