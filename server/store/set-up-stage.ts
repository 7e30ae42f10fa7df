import { setUpStage, type SetUpStage } from '../wire/office-model.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'setup.stage';

/** How far the owner is with the set-up. */
export const getSetUpStage: (store: Store) => SetUpStage = settingReader(settingName, (value) =>
  setUpStage.catch('new').parse(value ?? 'new'),
);

export function setSetUpStage(store: Store, stage: SetUpStage): void {
  setSetting(store, settingName, stage);
}
