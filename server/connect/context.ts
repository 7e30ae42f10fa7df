import { keyPlaceholder, type ConnectGuide } from '../wire/connect.ts';
import type { TrustFacts } from '../wire/https.ts';

/** The names a tool is set up with, by what it uses them for. */
export type Roles = {
  readonly chat: string;
  readonly code: string;
  readonly autocomplete: string;
  readonly embed: string;
};

/** What the guides are filled in with. */
export type ConnectContext = {
  /** `http://192.168.1.20:11500/v1`; with or without `/v1` and a slash at the end. */
  readonly baseUrl: string;
  /** The key's text just after it was made; null writes `keyPlaceholder`. */
  readonly key: string | null;
  readonly roles: Roles;
  /** Longest conversation of the models behind the names, in tokens; null while unknown. */
  readonly contextTokens: number | null;
  /** Only the starter model answers: every guide says "test model, not for work". */
  readonly isTestModel: boolean;
  /** Keys and prompts travel unencrypted. */
  readonly plain: boolean;
  /** What a tool needs before it trusts our certificate; null where it does, and over plain http. */
  readonly trust: TrustFacts | null;
};

/** The context as the templates use it. */
export type Settings = ConnectContext & {
  /** Without `/v1`: what Anthropic's tools want. */
  readonly rootUrl: string;
  /** With `/v1`: what all others want. */
  readonly apiUrl: string;
  readonly keyText: string;
};

export type GuideStep = ConnectGuide['steps'][number];

/** One tool: facts, and what to do, as a function of the settings. */
export type Template = {
  readonly id: string;
  /** The tool's own name, never translated. */
  readonly title: string;
  readonly kind: ConnectGuide['kind'];
  readonly availability: ConnectGuide['availability'];
  /** With fewer tokens the tool itself fails, whatever the model (clients.md §6.4); null where it does not matter. */
  readonly needsTokens: 8_000 | 16_000 | 32_000 | null;
  /** Keys of what must be known beforehand, besides what is said of every tool. */
  readonly notes: readonly string[];
  readonly steps: (settings: Settings) => readonly GuideStep[];
};

export function settingsOf(context: ConnectContext): Settings {
  const rootUrl = context.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
  return { ...context, rootUrl, apiUrl: `${rootUrl}/v1`, keyText: context.key ?? keyPlaceholder };
}

/** `textKey` is the part after `connect.`. */
export function step(textKey: string, parts: Partial<Omit<GuideStep, 'textKey'>> = {}): GuideStep {
  return { textKey: `connect.${textKey}`, values: {}, paths: null, snippet: null, ...parts };
}
