import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AppApi } from './electron-api.ts';
import { removeSmallFile, writeSmallFile } from './small-file.ts';

/** Started so, the window stays closed. */
const hiddenArgument = '--hidden';

export type LoginItem = {
  /** An app that runs from a clone has no program of its own to start. */
  readonly isPossible: boolean;
  readonly isOn: () => boolean;
  readonly set: (on: boolean) => void;
  /** Whether the system has started it just now, rather than the person. */
  readonly wasStartedByIt: () => boolean;
};

export type LoginItemOptions = {
  readonly platform: NodeJS.Platform;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly execPath: string;
};

/** Windows and macOS have an interface for it; Linux has a file in the autostart folder (XDG Autostart 0.5). */
export function createLoginItem(
  app: Pick<AppApi, 'isPackaged' | 'getLoginItemSettings' | 'setLoginItemSettings'>,
  options: LoginItemOptions,
): LoginItem {
  const { platform, argv } = options;
  const isHidden = argv.includes(hiddenArgument);
  if (platform === 'linux') {
    const file = autostartFile(options);
    return {
      isPossible: app.isPackaged,
      isOn: () => existsSync(file),
      set: (on) => (on ? writeSmallFile(file, autostartEntry(options)) : removeSmallFile(file)),
      wasStartedByIt: () => isHidden,
    };
  }
  // Windows finds the entry again by the same arguments only; macOS takes none.
  const args = platform === 'win32' ? { args: [hiddenArgument] } : {};
  return {
    isPossible: app.isPackaged,
    isOn: () => app.getLoginItemSettings(args).openAtLogin,
    set: (on) => app.setLoginItemSettings({ openAtLogin: on, ...args }),
    wasStartedByIt: () => isHidden || (platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin),
  };
}

function autostartFile({ environment, home }: LoginItemOptions): string {
  return join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'autostart', 'inglenook.desktop');
}

/** An AppImage runs from a folder that is gone afterwards; its own file is in `APPIMAGE`. */
function autostartEntry({ environment, execPath }: LoginItemOptions): string {
  const program = environment['APPIMAGE'] || execPath;
  return `${[
    '[Desktop Entry]',
    'Type=Application',
    'Name=Inglenook',
    'Comment=The office’s own AI server',
    `Exec=${quoted(program)} ${hiddenArgument}`,
    'Icon=inglenook',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
  ].join('\n')}\n`;
}

/** Desktop Entry Specification 1.5, “The Exec key”: quoted, reserved characters escaped, and `%` doubled. */
function quoted(program: string): string {
  return `"${program
    .replaceAll(/["`$\\]/gu, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`;
}
