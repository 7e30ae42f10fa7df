import type { OwnLimits } from '../../../server/wire/me.ts';
import { h } from '../../pair/dom.ts';
import { formatCount } from '../../pair/words.ts';
import { panel, type Panel } from '../panel.ts';
import { formatMoney, formatWhen, say, sayCount } from '../words.ts';

type Budget = OwnLimits['budgets'][number];
type Rate = OwnLimits['requestsPerMinute'];

/** What holds this key back, how much of it is left, and when it begins anew. */
export function limitsPanel(): Panel {
  return panel(
    say('limits.title'),
    ({ limits, currency, key }) => ({ limits, currency, team: key.team ?? '' }),
    ({ limits, currency, team }) =>
      limits.length === 0
        ? [h('p', {}, say('limits.none'))]
        : limits.map((one) => limitsElement(one, { currency, team })),
  );
}

function limitsElement(
  limits: OwnLimits,
  { currency, team }: { readonly currency: string; readonly team: string },
): HTMLElement {
  const { whose, model, requestsPerMinute, tokensPerMinute, atOnce, budgets } = limits;
  const isShared = whose === 'team';
  return h(
    'div',
    { class: 'stack-tight' },
    h('h3', {}, isShared ? say('limits.team', { team }) : (model ?? say('limits.all'))),
    isShared ? h('p', { class: 'muted small' }, say('limits.shared')) : null,
    ...budgets.map((budget) => budgetElement(budget, currency)),
    rateElement(say('limits.requestsPerMinute'), requestsPerMinute),
    rateElement(say('limits.tokensPerMinute'), tokensPerMinute),
    rateElement(say('limits.atOnce'), atOnce),
  );
}

function budgetElement(
  { unit, amount, left, isUsedUp, period, until }: Budget,
  currency: string,
): HTMLElement {
  const shown = (value: number): string =>
    unit === 'money' ? formatMoney(value, currency) : sayCount('limits.tokens', value);
  const values = { amount: shown(amount), period: say(`limits.period.${period}`) };
  const sentence =
    left === null
      ? say('limits.amount', values)
      : say('limits.left', {
          ...values,
          left: unit === 'money' ? formatMoney(left, currency) : formatCount(left),
        });
  return h(
    'div',
    { class: 'budget' },
    h('p', {}, sentence, isUsedUp ? h('strong', { class: 'warned' }, ` ${say('limits.usedUp')}`) : null),
    left === null
      ? null
      : h('meter', {
          min: 0,
          max: amount,
          low: amount * 0.15,
          optimum: amount,
          value: Math.min(amount, left),
          'aria-label': sentence,
        }),
    h(
      'p',
      { class: 'muted small' },
      until === null ? say('limits.never') : say('limits.anew', { when: formatWhen(until) }),
    ),
  );
}

function rateElement(name: string, rate: Rate): HTMLElement | null {
  if (rate === null) return null;
  const limit = formatCount(rate.limit);
  const sentence =
    rate.left === null
      ? say('limits.most', { limit })
      : say('limits.now', { left: formatCount(rate.left), limit });
  return h('p', {}, `${name}: `, h('span', { class: 'muted' }, sentence));
}
