import { button, h, icon } from './dom.ts';
import { createFlow, type Page, type Screen } from './flow.ts';
import { lostProgress } from './remembered.ts';
import { renderScreen } from './screens/render.ts';
import type { Draft } from './screens/view.ts';
import { takeTicket } from './ticket.ts';
import { otherLanguage, switchLanguage, t } from './words.ts';

/**
 * The page behind the QR code, opened by strangers' phones over plain http, often inside another app. So it is
 * small, brings nothing along and uses nothing that needs a secure context.
 */

// Before anything else: nobody who looks at the address bar, or shares the page, shall have the ticket.
const ticket = takeTicket();

const draft: Draft = { code: '', device: null, tool: null };
const view = h('div', { class: 'view' });
const trouble = h('div', { class: 'trouble', role: 'status' });
/** Says to those who hear the page what changes without a new heading. */
const announcer = h('div', { class: 'unseen', role: 'status' });
const plain = h('p', { class: 'plain' });
const flow = createFlow(show);
const languageButton = button('quiet', '', () => {
  switchLanguage();
  shown = null;
  if (page !== null) show(page, { movesFocus: false });
});
let page: Page | null = null;
/** What is on the screen, to leave it alone while it stays the same: it may be selected, or be read out. */
let shown: { readonly name: Screen['name']; readonly content: string } | null = null;

document.querySelector('#language')?.replaceWith(languageButton);
document.querySelector('#card')?.replaceChildren(view, trouble, announcer, plain);
// The theme of the first paint is color-scheme.js's; here it follows the system.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
  document.documentElement.dataset['mantineColorScheme'] = matches ? 'dark' : 'light';
});
addEventListener('beforeunload', (event) => {
  if (page?.screen.name === 'ready') event.preventDefault();
});
// A phone's camera may open the next link in this very tab, which loads nothing anew.
addEventListener('hashchange', () => {
  const next = takeTicket();
  if (next !== null) flow.start(next, null);
});
flow.start(ticket, ticket === null ? lostProgress() : null);

function show(next: Page, { movesFocus = true } = {}): void {
  page = next;
  const { screen, isUnreachable } = next;
  const content = JSON.stringify(screen);
  if (shown?.content !== content) {
    const isFirst = shown === null && movesFocus;
    const isNew = shown?.name !== screen.name || view.contains(document.activeElement);
    view.replaceChildren(renderScreen(screen, { flow, draft }));
    shown = { name: screen.name, content };
    if (movesFocus && isNew) moveFocus(screen, isFirst);
  }
  const title = view.querySelector('h1')?.textContent ?? '';
  document.title = `${title} – Inglenook`;
  languageButton.textContent = t('page.language');
  languageButton.lang = otherLanguage();
  setText(trouble, isUnreachable ? t('page.unreachable') : '');
  setText(announcer, announcement(screen));
  plain.replaceChildren(icon('lock-open', 16), h('span', {}, t('page.plain')));
  plain.hidden = !isPlain(screen);
}

/** To the heading, so that it is read out, or to where something must be typed. */
function moveFocus(screen: Screen, isFirst: boolean): void {
  const typesHere = screen.name === 'code' && matchMedia('(pointer: fine)').matches;
  const wanted = typesHere ? '#code' : isFirst ? '[aria-invalid]' : '[aria-invalid], h1';
  view.querySelector<HTMLElement>(wanted)?.focus();
}

function announcement(screen: Screen): string {
  return screen.name === 'elsewhere' && screen.invitation.state === 'waiting' ? t('elsewhere.asking') : '';
}

/** Only a change is read out. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** While something is still to be sent, or the key stands there. */
function isPlain({ name }: Screen): boolean {
  return location.protocol === 'http:' && !['joined', 'done', 'gone', 'refused'].includes(name);
}
