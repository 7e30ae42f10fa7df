import { usualModelSettings, type ModelSettings } from '../core/model.ts';
import { statement, write } from './open.ts';
import type { Store } from './open.ts';

/** The owner's settings of the models, kept in memory too: they are asked for with every change of a model's state. */
export type ModelSettingsStore = {
  /** The usual ones for a model that has none. */
  readonly get: (modelId: string) => ModelSettings;
  readonly set: (modelId: string, settings: ModelSettings) => void;
};

type Row = {
  model: string;
  pinned: number;
  preload: number;
  keepAliveMinutes: number | null;
  slots: number | null;
  contextTokens: number | null;
};

export function openModelSettings(store: Store): ModelSettingsStore {
  const rows = statement(
    store,
    `SELECT model, pinned, preload, keep_alive_minutes AS keepAliveMinutes, slots, context_tokens AS contextTokens
     FROM model_settings`,
  ).all() as Row[];
  const known = new Map<string, ModelSettings>(
    rows.map(({ model, pinned, preload, ...rest }) => [
      model,
      { ...rest, pinned: pinned === 1, preload: preload === 1 },
    ]),
  );
  return {
    get: (modelId) => known.get(modelId) ?? usualModelSettings,
    set(modelId, settings) {
      const { pinned, preload, keepAliveMinutes, slots, contextTokens } = settings;
      write(store, () =>
        statement(
          store,
          `INSERT INTO model_settings VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (model) DO UPDATE SET pinned = excluded.pinned, preload = excluded.preload,
             keep_alive_minutes = excluded.keep_alive_minutes, slots = excluded.slots,
             context_tokens = excluded.context_tokens`,
        ).run(modelId, Number(pinned), Number(preload), keepAliveMinutes, slots, contextTokens),
      );
      known.set(modelId, settings);
    },
  };
}
