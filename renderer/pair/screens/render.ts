import { button, h, heading, icon } from '../dom.ts';
import type { Screen } from '../flow.ts';
import { formatDuration, t } from '../words.ts';
import { elsewhereView } from './elsewhere.ts';
import { codeView, deviceView } from './forms.ts';
import { lead, notice, waitingFor } from './notes.ts';
import { readyView } from './ready.ts';
import type { ViewContext } from './view.ts';
import { whereView } from './where.ts';

/** The screen as elements, made anew each time. */
export function renderScreen(screen: Screen, context: ViewContext): HTMLElement {
  switch (screen.name) {
    case 'checking':
      return notice(t('checking.title'), waitingFor(t('checking.lead')));
    case 'where':
      return whereView(screen.invitation, context);
    case 'device':
      return deviceView(screen, context);
    case 'code':
      return codeView(screen, context);
    case 'asking':
      return notice(t('asking.title'), waitingFor(t('asking.lead')));
    case 'waiting':
      return notice(
        t('waiting.title'),
        h('p', { class: 'match-code' }, screen.matchCode),
        h('p', {}, t('waiting.lead')),
        waitingFor(t('waiting.status')),
      );
    case 'elsewhere':
      return elsewhereView(screen.invitation, context);
    case 'paused':
      return notice(
        t('paused.title'),
        lead(t(`paused.${screen.reason}`)),
        waitingFor(t('paused.resumes', { duration: formatDuration(screen.waitMs) })),
      );
    case 'ready':
      return readyView(screen.settings, context);
    case 'joined':
      return h(
        'div',
        { class: 'stack joined' },
        icon('circle-check', 56),
        h('div', { class: 'title' }, heading(t('joined.title')), lead(t('joined.lead'))),
      );
    case 'done':
      return notice(
        t('done.title'),
        lead(t('done.lead')),
        h('p', {}, h('a', { href: '/me' }, t('done.ownPage'))),
        h('p', { class: 'muted' }, t('done.lost')),
      );
    case 'gone':
      return notice(
        t('gone.title'),
        lead(t('gone.lead')),
        h(
          'div',
          { class: 'actions' },
          button('default', t('gone.retype'), () => context.flow.typeCode()),
        ),
      );
    case 'refused':
      return h(
        'div',
        { class: 'stack' },
        heading(t('refused.title')),
        h('p', {}, t('refused.lead')),
        h('p', { class: 'quote', lang: 'en' }, screen.message),
      );
  }
}
