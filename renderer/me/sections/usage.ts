import type { MeState } from '../../../server/wire/me.ts';
import { h } from '../../pair/dom.ts';
import { formatCount } from '../../pair/words.ts';
import { fact, panel, type Panel } from '../panel.ts';
import { formatMoney, say } from '../words.ts';

type Used = MeState['usage']['today'];

/** What this key has used, by the same sums as the owner sees. */
export function usagePanel(): Panel {
  return panel(
    say('usage.title'),
    ({ usage, currency, timeZone }) => ({ usage, currency, timeZone }),
    ({ usage, currency, timeZone }) => [
      h(
        'div',
        { class: 'halves' },
        usedElement(say('usage.today'), usage.today, currency),
        usedElement(say('usage.month'), usage.month, currency),
      ),
      h('p', { class: 'muted small' }, say('usage.zone', { zone: timeZone })),
    ],
  );
}

/** What went wrong is named only where something did. */
function usedElement(title: string, used: Used, currency: string): HTMLElement {
  const { requests, promptTokens, completionTokens, refused, errors, cost } = used;
  return h(
    'div',
    { class: 'stack-tight' },
    h('h3', {}, title),
    h(
      'dl',
      { class: 'facts' },
      fact(say('usage.requests'), formatCount(requests)),
      fact(say('usage.in'), formatCount(promptTokens)),
      fact(say('usage.out'), formatCount(completionTokens)),
      refused === 0 ? null : fact(say('usage.refused'), formatCount(refused)),
      errors === 0 ? null : fact(say('usage.errors'), formatCount(errors)),
      cost === 0 ? null : fact(say('usage.cost'), formatMoney(cost, currency)),
    ),
  );
}
