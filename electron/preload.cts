// A sandboxed preload is a CommonJS script that may require nothing but Electron.
const { contextBridge } = require('electron') as typeof import('electron');

/** Tells the console that it runs in the app; everything else it does goes over http, as in a browser. */
contextBridge.exposeInMainWorld('inglenook', { isApp: true, platform: process.platform });
