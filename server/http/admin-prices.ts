import { invalidRequest } from '../core/errors.ts';
import { listPrices, removePrice, setPrice } from '../store/prices.ts';
import { priceList, priceRecord, setPriceRequest } from '../wire/limits.ts';
import type { PriceRecord, SetPriceRequest } from '../wire/limits.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** What money budgets count by (design decision 19). */
export const priceRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/prices',
    summary: 'Prices per million tokens; the one of `*` is for every model without its own.',
    answer: priceList,
    handle: ({ context }) => listPrices(context.store),
  }),
  route({
    method: 'put',
    path: '/prices/:model',
    summary:
      'Set a price per million tokens, in the office’s currency. `notional` (the usual): nobody is paid, it is what the same would cost elsewhere.',
    body: setPriceRequest,
    answer: priceRecord,
    handle: set,
  }),
  route({
    method: 'delete',
    path: '/prices/:model',
    summary: 'Forget a price. Money budgets refuse what has none.',
    status: 204,
    handle: ({ context, param }): void => {
      removePrice(context.store, param('model'));
      context.log.info('A price was removed.', { model: param('model') });
      context.live.publish({ type: 'keys-changed' });
    },
  }),
];

function set({ context, body, param }: AdminCall<SetPriceRequest>): PriceRecord {
  const model = param('model').trim();
  if (model === '' || model.length > 200) throw invalidRequest('A model has 1 to 200 characters.', 'model');
  const price = { model, ...body };
  setPrice(context.store, price);
  context.log.info('A price was set.', price);
  context.live.publish({ type: 'keys-changed' });
  return price;
}
