import type { MeState } from '../../server/wire/me.ts';
import { button, h, icon } from '../pair/dom.ts';
import { formatDuration, otherLanguage, switchLanguage, t } from '../pair/words.ts';
import { checkingView, entranceView, refusedView } from './entrance.ts';
import { forgetKey, keepKey, keptKey, onForgotten, type OwnKey } from './own-key.ts';
import { mePage, setText, staleSentence } from './page.ts';
import type { Panel } from './panel.ts';
import type { ToolsMemory } from './sections/tools.ts';
import type { Refusal } from './server.ts';
import { createTalk, type Talk } from './talk.ts';
import { watchState } from './watch.ts';
import { say } from './words.ts';

/** The teammate's own page, opened with the key of one of their devices. As small and as wary as the pairing page. */

/** While a key is here; null on the page where one is pasted. */
type Session = {
  own: OwnKey;
  readonly talk: Talk;
  readonly tools: ToolsMemory;
  state: MeState | null;
  /** When the last answer came. */
  heard: Date;
  trouble: Exclude<Refusal, { readonly kind: 'refused' }> | null;
  refusal: Extract<Refusal, { readonly kind: 'refused' }> | null;
  watch: ReturnType<typeof watchState>;
};

const view = h('div', { class: 'view' });
const trouble = h('div', { class: 'trouble', role: 'status' });
const plain = h('p', { class: 'plain' });
const languageButton = button('quiet', '', () => {
  switchLanguage();
  draw();
});
let session: Session | null = null;
/** The numbers' page, while it is the one that is shown. */
let page: Panel | null = null;

// Whatever has come with the address must not stay in histories: a key may have been pasted there by mistake.
if (location.search !== '' || location.hash !== '') history.replaceState(null, '', location.pathname);
document.querySelector('#language')?.replaceWith(languageButton);
document.querySelector('#view')?.replaceChildren(trouble, view, plain);
// The theme of the first paint is color-scheme.js's; here it follows the system.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
  document.documentElement.dataset['mantineColorScheme'] = matches ? 'dark' : 'light';
});
onForgotten(() => {
  if (session?.own.stays === true) leave();
});
const kept = keptKey();
if (kept === null) draw();
else open(kept);

function open(own: OwnKey): void {
  const opened: Session = {
    own,
    talk: createTalk(own.text, () => opened.watch.now()),
    tools: { guides: null, tool: null },
    state: null,
    heard: new Date(),
    trouble: null,
    refusal: null,
    watch: watchState(own.text, {
      onState(state) {
        const isFirst = opened.state === null;
        Object.assign(opened, { state, heard: new Date(), trouble: null });
        if (state.contact !== opened.own.contact) keep({ ...opened.own, contact: state.contact });
        if (isFirst) draw();
        else follow();
      },
      onTrouble(refusal) {
        opened.trouble = refusal;
        if (opened.state === null) draw();
        else follow();
      },
      onRefused(refusal) {
        opened.talk.stop();
        opened.refusal = refusal;
        draw();
      },
      isBusy: () => opened.talk.isRunning(),
    }),
  };
  session = opened;
  draw();
}

function keep(own: OwnKey): void {
  if (session !== null) session.own = own;
  keepKey(own);
}

function close(): void {
  session?.talk.clear();
  session?.watch.stop();
  session = null;
}

function leave(): void {
  close();
  forgetKey();
  draw();
}

/** The whole screen anew: another screen, or another language. */
function draw(): void {
  const before = view.querySelector('h1')?.textContent;
  page = null;
  view.replaceChildren(screen());
  follow();
  const title = view.querySelector('h1');
  document.title = `${title?.textContent ?? ''} – Inglenook`;
  // So that it is read out; not on the page's first screen, and not where a key is to be pasted.
  if (before !== undefined && before !== title?.textContent) title?.focus();
  languageButton.textContent = t('page.language');
  languageButton.lang = otherLanguage();
  plain.replaceChildren(icon('lock-open', 16), h('span', {}, t('page.plain')));
  plain.hidden = location.protocol !== 'http:';
}

function screen(): HTMLElement {
  if (session === null) {
    return entranceView({
      onKey(text, stays) {
        const own = { text, stays, contact: null };
        keepKey(own);
        open(own);
      },
    });
  }
  const { refusal, state, own, talk, tools } = session;
  if (refusal !== null) {
    return refusedView({
      refusal,
      contact: own.contact,
      onAgain() {
        close();
        open(own);
      },
      onAnother: leave,
    });
  }
  if (state === null) return checkingView(checkingTrouble(session), own.contact);
  page = mePage({
    own,
    talk,
    tools,
    onStays(stays) {
      if (session !== null) keep({ ...session.own, stays });
    },
    onForget: leave,
  });
  return page.element;
}

function checkingTrouble({ trouble: refusal }: Session): string | null {
  switch (refusal?.kind) {
    case undefined:
      return null;
    case 'unreachable':
      return say('checking.unreachable');
    case 'later':
      return say('checking.later', { duration: formatDuration(refusal.waitMs) });
  }
}

/** The numbers, and whether they are those of now. */
function follow(): void {
  if (session?.state != null) page?.update(session.state);
  setText(trouble, page === null || session === null ? '' : staleTrouble(session));
}

function staleTrouble({ trouble: refusal, heard }: Session): string {
  switch (refusal?.kind) {
    case undefined:
      return '';
    case 'unreachable':
      return staleSentence('unreachable', heard);
    case 'later':
      return staleSentence('later', new Date(Date.now() + refusal.waitMs));
  }
}
