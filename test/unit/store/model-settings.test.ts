import { expect, it } from 'vitest';
import { usualModelSettings } from '../../../server/core/model.ts';
import { openModelSettings } from '../../../server/store/model-settings.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';

it('settings of models outlive a restart; a model without any has the usual', () => {
  const store = openStore(':memory:');
  try {
    const settings = openModelSettings(store);
    expect(settings.get('tiny')).toEqual(usualModelSettings);
    const changed = { pinned: true, preload: true, keepAliveMinutes: 0.5, slots: 3, contextTokens: null };
    settings.set('tiny', { ...changed, pinned: false });
    settings.set('tiny', changed);
    expect(openModelSettings(store).get('tiny')).toEqual(changed);
    expect(openModelSettings(store).get('other')).toEqual(usualModelSettings);
  } finally {
    closeStore(store);
  }
});
