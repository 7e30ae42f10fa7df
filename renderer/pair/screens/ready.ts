import type { Redeemed } from '../../../server/wire/pairing.ts';
import { handOver } from '../../me/own-key.ts';
import { button, h, heading, icon } from '../dom.ts';
import { formatMoment, guideSentence, t } from '../words.ts';
import { attention, lead } from './notes.ts';
import { toolsElement } from './tools.ts';
import type { ViewContext } from './view.ts';

/** The only time that the key is on a screen: inside the settings of every tool. */
export function readyView(settings: Redeemed, { flow, draft }: ViewContext): HTMLElement {
  const { isTestModel, keyExpiresAt, roles, key } = settings;
  return h(
    'div',
    { class: 'stack wide' },
    h(
      'div',
      { class: 'title' },
      h('div', { class: 'good' }, icon('circle-check', 28), heading(t('ready.title'))),
      lead(t('ready.once')),
    ),
    isTestModel ? attention(guideSentence('connect.note.testModel')) : null,
    toolsElement({ ...settings, chatModel: roles.chat }, draft),
    h(
      'div',
      { class: 'ending' },
      h(
        'p',
        { class: 'muted' },
        keyExpiresAt === null
          ? t('ready.neverExpires')
          : t('ready.expires', { when: formatMoment(keyExpiresAt) }),
      ),
      h('h2', {}, t('ready.finished')),
      h('p', {}, t('ready.ownPage')),
      h(
        'div',
        { class: 'row' },
        button('default', t('ready.toOwnPage'), () => {
          handOver(key);
          // Or the browser would ask whether the page with the key may really be left.
          flow.finish();
          location.assign('/me');
        }),
        button('default', t('ready.done'), () => flow.finish()),
      ),
    ),
  );
}
