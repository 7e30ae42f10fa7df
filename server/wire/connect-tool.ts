/**
 * What `inglenook connect` and the server say to each other. Without schemas: the tool is one small file, and reads answers
 * itself (`server/connect-tool/answers.ts`).
 */

/** Where the server hands out the tool. */
export const connectToolPath = '/connect.mjs';

/** RFC 8628 §3.4. */
export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';

/** `POST /pair/device_authorization` (form: `client_id`, and `device`, a name for people): RFC 8628 §3.2. */
export type DeviceAuthorization = {
  readonly device_code: string;
  /** Nobody types it: the owner compares it with what the console shows. Two digits. */
  readonly user_code: string;
  /** The console's page where the owner says yes. */
  readonly verification_uri: string;
  readonly expires_in: number;
  readonly interval: number;
  /** Ours: whom the device has asked. */
  readonly office: string;
};

/** `POST /pair/token` once the owner has said yes: RFC 6749 §5.1. The key is the token. */
export type DeviceToken = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds; left out for a key that does not end. */
  readonly expires_in?: number;
};

/** RFC 8628 §3.5, RFC 6749 §5.2. Sent with 400, `slow_down` for too many with 429. */
export type DeviceRefusal = {
  readonly error:
    | 'authorization_pending'
    | 'slow_down'
    | 'access_denied'
    | 'expired_token'
    | 'invalid_grant'
    | 'invalid_request'
    | 'unsupported_grant_type';
  readonly error_description: string;
};

/** A settings file that the tool writes. Where it lies is the tool's own knowledge, no server's. */
export type ConnectFileId = keyof typeof connectFilePaths;

const everywhere = (
  path: string,
): { readonly linux: string; readonly mac: string; readonly windows: string } => ({
  linux: `~/${path}`,
  mac: `~/${path}`,
  windows: `%USERPROFILE%\\${path.replaceAll('/', '\\')}`,
});

/** The same in the guides of the Connect page and in the tool. */
export const connectFilePaths = {
  'continue-config': everywhere('.continue/config.yaml'),
  'cline-providers': everywhere('.cline/data/settings/providers.json'),
  'claude-code-settings': everywhere('.claude/settings.json'),
  'codex-config': everywhere('.codex/config.toml'),
  'codex-models': everywhere('.codex/inglenook-models.json'),
  'codex-key': everywhere('.codex/.env'),
  'opencode-config': everywhere('.config/opencode/opencode.json'),
} as const;

/** `GET /pair/settings`, with the key: what stands in the tools' files for it. No answer holds the key itself. */
export type ConnectSettings = {
  readonly office: string;
  /** `http://192.168.1.20:11500/v1`, as the device has reached us. */
  readonly baseUrl: string;
  /** What the owner calls the key. */
  readonly keyName: string;
  readonly keyExpiresAt: string | null;
  readonly contextTokens: number | null;
  /** Only the starter model answers as yet. */
  readonly isTestModel: boolean;
  /** Keys and prompts travel unencrypted. */
  readonly plain: boolean;
  /** What stands in texts for the key, and for the file of our authority's certificate. */
  readonly keyPlaceholder: string;
  readonly authorityPlaceholder: string;
  readonly tools: readonly ConnectToolSettings[];
};

export type ConnectToolSettings = {
  readonly id: string;
  readonly title: string;
  /** With fewer tokens the tool itself fails; null where it does not matter. */
  readonly needsTokens: number | null;
  /** `text` as the Connect page shows it; where it is null, `source` is what is fetched from us, whole. */
  readonly files: readonly {
    readonly id: ConnectFileId;
    readonly text: string | null;
    readonly source: string | null;
  }[];
  /** Lines for the shell that starts the tool, while it does not trust us by its own settings. */
  readonly trustLines: readonly string[];
};
