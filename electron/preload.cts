// A sandboxed preload is a CommonJS script that may require nothing but Electron.
const { contextBridge, ipcRenderer } = require('electron') as typeof import('electron');

type Shared = typeof import('./shared/channels.ts', { with: { 'resolution-mode': 'import' } });
type Bridge = import('./shared/channels.ts', { with: { 'resolution-mode': 'import' } }).AppBridge;

/** Only channels that there are; the main process checks what goes in and who asks. */
function ask(channel: keyof Shared['channels'], ...args: unknown[]): Promise<never> {
  return ipcRenderer.invoke(channel, ...args) as Promise<never>;
}

/**
 * What the console can do in the app and not in a browser, by name. `ipcRenderer` itself is never handed over, and a
 * function takes what it is given and nothing more.
 */
const bridge: Bridge = {
  info: () => ask('shell:info'),
  preferences: () => ask('shell:get-preferences'),
  setPreferences: (change) => ask('shell:set-preferences', change),
  pickPath: (kind) => ask('shell:pick-path', kind),
  open: (target) => ask('shell:open', target),
  restartServer: () => ask('shell:restart-server'),
};

contextBridge.exposeInMainWorld('inglenook', bridge);
