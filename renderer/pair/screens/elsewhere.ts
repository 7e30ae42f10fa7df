import type { Looked } from '../../../server/wire/pairing.ts';
import { button, h, heading } from '../dom.ts';
import { formatTime, t } from '../words.ts';
import { waitingFor } from './notes.ts';
import type { ViewContext } from './view.ts';

/** To be read from across a desk: where to go on the other computer, and what to type there. */
export function elsewhereView(invitation: Looked, { flow }: ViewContext): HTMLElement {
  const { shortAddress, code, expiresAt, state } = invitation;
  return h(
    'div',
    { class: 'stack' },
    heading(t('elsewhere.title')),
    h(
      'ol',
      { class: 'big-steps' },
      h('li', {}, h('span', { class: 'muted' }, t('elsewhere.address')), address(shortAddress)),
      h('li', {}, h('span', { class: 'muted' }, t('elsewhere.code')), spelled(code)),
    ),
    h(
      'div',
      { class: 'stack-tight' },
      h(
        'div',
        { role: 'status' },
        waitingFor(t(state === 'waiting' ? 'elsewhere.asking' : 'elsewhere.open')),
      ),
      state === 'waiting'
        ? null
        : h('p', { class: 'muted small' }, t('elsewhere.until', { time: formatTime(expiresAt) })),
    ),
    state === 'waiting'
      ? null
      : h(
          'div',
          { class: 'actions' },
          button('quiet', t('elsewhere.here'), () => flow.backToWhere(invitation)),
        ),
  );
}

/** Breaks, where it must, before the path. */
function address(shortAddress: string): HTMLElement {
  const [host = '', ...path] = shortAddress.split('/');
  return h('strong', { class: 'address mono' }, host, h('wbr'), ...path.map((part) => `/${part}`));
}

/** Letter by letter for those who hear it. */
function spelled(code: string): HTMLElement {
  const letters = code.replace('-', '').split('').join(' ');
  return h(
    'strong',
    { class: 'code mono' },
    h('span', { 'aria-hidden': 'true' }, code),
    h('span', { class: 'unseen' }, letters),
  );
}
