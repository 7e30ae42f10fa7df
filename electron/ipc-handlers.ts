import type { ElectronApi } from './electron-api.ts';
import type { Handlers } from './ipc.ts';
import type { Shell } from './shell.ts';
import type { PickKind, ShellPreferences } from './shared/channels.ts';

/** What the console may have done; see `shared/channels.ts`. */
export function ipcHandlers(
  { app, dialog }: Pick<ElectronApi, 'app' | 'dialog'>,
  shell: Shell,
  platform: NodeJS.Platform,
): Handlers {
  const { preferences, loginItem, actions } = shell;

  const present = (): ShellPreferences => {
    const { closeToTray, keepAwake, useKeychain } = preferences.get();
    return { launchAtLogin: loginItem.isOn(), closeToTray, keepAwake, useKeychain };
  };

  async function pickPath(kind: PickKind): Promise<string | null> {
    const { canceled, filePaths } = await dialog.showOpenDialog(
      kind === 'folder'
        ? { properties: ['openDirectory'] }
        : { properties: ['openFile'], filters: [{ name: 'GGUF', extensions: ['gguf'] }] },
    );
    return canceled ? null : (filePaths[0] ?? null);
  }

  return {
    'shell:info': () => ({
      version: app.getVersion(),
      platform,
      isPackaged: app.isPackaged,
      secrets: shell.secrets(),
      hasTray: shell.hasTray(),
      canLaunchAtLogin: loginItem.isPossible,
    }),
    'shell:get-preferences': present,
    'shell:set-preferences': ({ launchAtLogin, ...own }) => {
      if (launchAtLogin !== undefined && loginItem.isPossible) loginItem.set(launchAtLogin);
      preferences.set(withoutUndefined(own));
      return present();
    },
    'shell:pick-path': pickPath,
    'shell:open': (target) => {
      switch (target) {
        case 'logs':
          return actions.openLogs();
        case 'data':
          return actions.openData();
        case 'browser':
          return actions.openInBrowser();
      }
    },
    'shell:restart-server': () => actions.restart(),
  };
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<Fields>;
}
