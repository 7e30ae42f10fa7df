import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { ElectronApi, TrayApi } from './electron-api.ts';
import { statusLine, trayMenu, type TrayMenuContext } from './tray-menu.ts';
import type { Time } from './time.ts';
import type { View } from './view.ts';

/** The symbol near the clock, with its menu. */
export type AppTray = { readonly draw: (view: View) => void };

export type TrayOptions = {
  /** `resources/icons` */
  readonly iconsDir: string;
  readonly platform: NodeJS.Platform;
  /** Whether somebody on this desktop draws such symbols. */
  readonly hasHost: () => Promise<boolean>;
  /** How often that is asked, with a second between, before it is taken that there is nobody. */
  readonly tries: number;
  readonly time: Pick<Time, 'after'>;
  /** Made anew for each menu, since it tells the time. */
  readonly context: () => TrayMenuContext;
};

/** Null where the desktop has no place for it: then closing the window must not hide the only way in. */
export async function createTray(
  { Tray, Menu }: Pick<ElectronApi, 'Tray' | 'Menu'>,
  { iconsDir, platform, hasHost, tries, time, context }: TrayOptions,
): Promise<AppTray | null> {
  for (let left = tries; !(await hasHost()); left -= 1) {
    if (left <= 1) return null;
    await new Promise<void>((resolve) => void time.after(betweenTriesMs, resolve));
  }
  const tray = make(Tray, join(iconsDir, iconOf(platform)));
  if (tray === null) return null;
  // On macOS a click opens the menu by itself.
  if (platform !== 'darwin') tray.on('click', () => context().actions.open());
  let drawn = '';
  return {
    draw(view) {
      const now = context();
      const template = trayMenu(view, now);
      const text = JSON.stringify([template, statusLine(view, now)]);
      // An open menu closes when it is set anew, so not for nothing; on Linux a change shows only when it is set anew.
      if (text === drawn) return;
      drawn = text;
      tray.setToolTip(`Inglenook · ${statusLine(view, now)}`);
      tray.setContextMenu(Menu.buildFromTemplate(template));
    },
  };
}

function make(Tray: ElectronApi['Tray'], icon: string): TrayApi | null {
  try {
    return new Tray(icon);
  } catch (error) {
    process.stderr.write(`There is no tray: ${String(error)}\n`);
    return null;
  }
}

/** Windows wants all sizes in one; macOS colours a template by itself. Larger screens take the file with `@2x`. */
function iconOf(platform: NodeJS.Platform): string {
  if (platform === 'win32') return 'tray.ico';
  return platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
}

const betweenTriesMs = 1_000;
const answerTimeoutMs = 2_000;

/**
 * Whether symbols are drawn. Electron does not tell: on a Linux desktop without a host for them (StatusNotifierWatcher,
 * as GNOME without its extension) the symbol is made and nobody sees it. Asked over D-Bus, by the tool that comes with
 * GLib; without the tool it is taken that there is none.
 */
export async function hasTrayHost(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'linux') return true;
  const name = 'org.kde.StatusNotifierWatcher';
  const question = [
    'call',
    '--session',
    '--dest',
    name,
    '--object-path',
    '/StatusNotifierWatcher',
    '--method',
    'org.freedesktop.DBus.Properties.Get',
    name,
    'IsStatusNotifierHostRegistered',
  ];
  return await new Promise((resolve) => {
    execFile('gdbus', question, { timeout: answerTimeoutMs }, (error, answer) => {
      resolve(error === null && answer.includes('<true>'));
    });
  });
}
