import { keyPlaceholder, type ConnectGuide, type ConnectRole } from '../wire/connect.ts';
import type { TrustFacts } from '../wire/https.ts';

/** The names a tool is set up with, by what it uses them for. */
export type Roles = Readonly<Record<ConnectRole, string>>;

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
  readonly outside: OutsideFacts;
};

/** How tools that call from a cloud reach us (design decision 16). */
export type OutsideFacts = {
  /** The public name of the owner's; null while there is none, and for a key that may not be used there. */
  readonly name: string | null;
  /** Where a proxy on this computer finds us; null for who is not the owner and has nothing to set up. */
  readonly port: number | null;
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
  readonly roles: ConnectGuide['roles'];
  /** See `ConnectGuide`; the versions are those of test/clients. */
  readonly tested: ConnectGuide['tested'];
  /** With fewer tokens the tool itself fails, whatever the model; as `check/requirements.ts` has it. Null: does not matter. */
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

/** Longest answer a tool asks for: a quarter of the conversation, as much as tools ask for elsewhere. */
const mostAnswerTokens = 4096;

export function answerTokens(contextTokens: number): number {
  return Math.max(1, Math.min(mostAnswerTokens, Math.floor(contextTokens / 4)));
}
