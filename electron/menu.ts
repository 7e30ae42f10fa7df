import type { MenuItemConstructorOptions } from 'electron';
import type { Actions } from './view.ts';
import type { Words } from './words.ts';

export type MenuOptions = {
  readonly platform: NodeJS.Platform;
  readonly words: Words;
  readonly actions: Actions;
  /** Developer tools are for who works on Inglenook. */
  readonly devTools: boolean;
};

/** The application's menu. Roles bring their own words and keys; without those of Edit, macOS can neither copy nor paste. */
export function applicationMenu({
  platform,
  words,
  actions,
  devTools,
}: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const file: MenuItemConstructorOptions = {
    label: words.file,
    submenu: [
      { label: words.openInBrowser, click: actions.openInBrowser },
      { label: words.restart, click: actions.restart },
      { type: 'separator' },
      isMac ? { role: 'close' } : { label: words.quit, accelerator: 'CmdOrCtrl+Q', click: actions.quit },
    ],
  };
  const view: MenuItemConstructorOptions = {
    role: 'viewMenu',
    submenu: [
      { role: 'reload' },
      ...(devTools ? [{ role: 'toggleDevTools' } as const] : []),
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: words.help,
    submenu: [
      { label: words.health, click: () => actions.open('/console/health') },
      { label: words.logs, click: actions.openLogs },
      ...(isMac ? [] : [{ role: 'about' } as const]),
    ],
  };
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    file,
    { role: 'editMenu' },
    view,
    { role: 'windowMenu' },
    help,
  ];
}
