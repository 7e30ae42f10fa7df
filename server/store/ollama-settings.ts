import { usualOllamaSettings, type OllamaSettings } from '../core/ollama.ts';
import { ollamaSettingsRequest } from '../wire/ollama.ts';
import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

const settingName = 'ollama';

/** What the owner has set about Ollama; the usual for what was not set, or is of another version. */
export function getOllamaSettings(store: Store): OllamaSettings {
  const { data = {} } = ollamaSettingsRequest.safeParse(getSetting(store, settingName));
  const kept = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  return { ...usualOllamaSettings, ...kept };
}

export function setOllamaSettings(store: Store, settings: OllamaSettings): void {
  setSetting(store, settingName, settings);
}
