import { z } from 'zod';

/**
 * What the console may ask of the app's window, and nothing else: whatever a browser can do goes over http. Checked on
 * the way in (`ipc.ts`); the console takes the types from here, and `preload.cts` the names.
 */

/**
 * How the server's secret is kept: sealed by the system's keychain · the owner has chosen the file alone · the computer
 * has no keychain (Linux without one) · it has one that did not answer.
 */
export const secretsKept = z.enum(['keychain', 'off', 'none', 'unavailable']);
export type SecretsKept = z.infer<typeof secretsKept>;

export const shellInfo = z.object({
  version: z.string(),
  /** `process.platform` */
  platform: z.string(),
  isPackaged: z.boolean(),
  secrets: secretsKept,
  /** Whether there is a tray to live in while the window is closed. */
  hasTray: z.boolean(),
  /** Whether it can be started with the computer: an installed app can. */
  canLaunchAtLogin: z.boolean(),
});
export type ShellInfo = z.infer<typeof shellInfo>;

export const shellPreferences = z.object({
  launchAtLogin: z.boolean(),
  /** Closing the window leaves the server running. */
  closeToTray: z.boolean(),
  /** The computer does not fall asleep while the office may use it. */
  keepAwake: z.boolean(),
  /** The server's secret is sealed by the system's keychain, where there is one. */
  useKeychain: z.boolean(),
});
export type ShellPreferences = z.infer<typeof shellPreferences>;

export const pickKind = z.enum(['model-file', 'folder']);
export type PickKind = z.infer<typeof pickKind>;

/** Never an address or a path of the page's own choice. */
export const openTarget = z.enum(['logs', 'data', 'browser']);
export type OpenTarget = z.infer<typeof openTarget>;

/** Channel → what goes in and what comes out. */
export const channels = {
  'shell:info': { args: z.tuple([]), result: shellInfo },
  'shell:get-preferences': { args: z.tuple([]), result: shellPreferences },
  'shell:set-preferences': {
    args: z.tuple([z.strictObject(shellPreferences.partial().shape)]),
    result: shellPreferences,
  },
  'shell:pick-path': { args: z.tuple([pickKind]), result: z.string().nullable() },
  'shell:open': { args: z.tuple([openTarget]), result: z.void() },
  'shell:restart-server': { args: z.tuple([]), result: z.void() },
} as const satisfies Record<string, { readonly args: z.ZodType<unknown[]>; readonly result: z.ZodType }>;

export type Channels = typeof channels;
export type ChannelName = keyof Channels;
export type ChannelArgs<Name extends ChannelName> = z.infer<Channels[Name]['args']>;
export type ChannelResult<Name extends ChannelName> = z.infer<Channels[Name]['result']>;

/** `window.inglenook`; a browser has none. */
export type AppBridge = {
  readonly info: () => Promise<ShellInfo>;
  readonly preferences: () => Promise<ShellPreferences>;
  /** Answers with all of them as they are then; what is left out stays. */
  readonly setPreferences: (change: Partial<ShellPreferences>) => Promise<ShellPreferences>;
  /** The system's own dialog; null when the person changes their mind. */
  readonly pickPath: (kind: PickKind) => Promise<string | null>;
  readonly open: (target: OpenTarget) => Promise<void>;
  readonly restartServer: () => Promise<void>;
};
