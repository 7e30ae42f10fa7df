import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, session, utilityProcess } from 'electron';
import { runApp } from './app.ts';

// Not awaited: Electron becomes ready only after this module has been evaluated.
void runApp(
  { app, BrowserWindow, dialog, session, utilityProcess },
  {
    serverEntry: fileURLToPath(new URL('../server/main.js', import.meta.url)),
    preload: fileURLToPath(new URL('preload.cjs', import.meta.url)),
  },
);
