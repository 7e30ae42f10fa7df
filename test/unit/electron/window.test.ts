import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { isOnThisComputer } from '../../../electron/guards.ts';
import { launch, origin } from './launched.ts';

describe('the window', () => {
  test('is isolated from Node and the system, and remembers where it stood', async () => {
    const { windows, options } = await launch();
    expect(windows[0]?.options).toMatchObject({ name: 'main', windowStatePersistence: true });
    expect(windows[0]?.options.webPreferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
      partition: 'inglenook',
      preload: options.preload,
    });
  });

  test('shows its token to the admin API of our server and to nobody else', async () => {
    const { sessions, children } = await launch();
    const session = sessions.get('inglenook');
    const init = children[0]?.told[0];
    const token = init?.type === 'init' ? init.windowToken : '';
    expect(session?.filterUrls).toEqual([`${origin}/api/*`]);
    expect(session?.send(`${origin}/api/keys`, { Accept: '*/*' })).toEqual({
      Accept: '*/*',
      Authorization: `Bearer ${token}`,
    });
    for (const url of ['http://127.0.0.1:4322/api/keys', `${origin}@elsewhere.example/api/keys`]) {
      expect(session?.send(url)).toEqual({});
    }
  });

  test('is granted nothing but copying, and that to our own page alone', async () => {
    const session = (await launch()).sessions.get('inglenook');
    expect(session?.allows('clipboard-sanitized-write', `${origin}/`)).toBe(true);
    expect(session?.allows('clipboard-sanitized-write', 'https://elsewhere.example/')).toBe(false);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'usb',
    ]) {
      expect([permission, session?.allows(permission, `${origin}/`)]).toEqual([permission, false]);
    }
  });

  test('leaves certificates to Chromium, which refuses bad ones', async () => {
    expect((await launch()).app.listenerCount('certificate-error')).toBe(0);
  });

  test.each([
    ['will-navigate', `${origin}/console/keys`, false],
    ['will-navigate', 'https://elsewhere.example/', true],
    ['will-redirect', `${origin}@elsewhere.example/`, true],
    ['will-frame-navigate', 'file:///etc/passwd', true],
    ['will-navigate', 'javascript:alert(1)', true],
    ['will-attach-webview', `${origin}/`, true],
  ])('%s to %s is stopped: %s', async (event, url, isStopped) => {
    const contents = Object.assign(new EventEmitter(), {
      open: (): unknown => null,
      setWindowOpenHandler(handler: () => unknown) {
        contents.open = handler;
      },
    });
    const { app } = await launch();
    app.emit('web-contents-created', {}, contents);
    const preventDefault = vi.fn();
    contents.emit(event, { url, preventDefault });
    expect(preventDefault.mock.calls.length > 0).toBe(isStopped);
    expect(contents.open()).toEqual({ action: 'deny' });
  });
});

test.each([
  ['http://127.0.0.1:11500/console/', true],
  ['http://127.0.0.1/console/', false],
  ['http://127.0.0.1:11500@elsewhere.example/', false],
  ['http://anna@127.0.0.1:11500/', false],
  ['https://elsewhere.example/', false],
  ['file:///etc/passwd', false],
  ['smb://127.0.0.1:445/share', false],
  ['no address', false],
])('the system’s browser is sent to %s: %s', (url, isSent) => {
  expect(isOnThisComputer(url)).toBe(isSent);
});

describe('what the page may ask of the shell', () => {
  test('is answered to the main frame of our window on our own page, and to nobody else', async () => {
    const electron = await launch();
    const frame = electron.windows[0]?.webContents.mainFrame ?? { url: '' };
    const info = { version: '0.1.0', platform: 'linux', isPackaged: true, secrets: 'keychain' };
    expect(await electron.invoke(frame, 'shell:info')).toEqual({
      ...info,
      hasTray: true,
      canLaunchAtLogin: true,
    });
    // The same words from elsewhere: another frame, no frame, our window on a page that is not ours.
    for (const other of [{ url: `${origin}/console/` }, null]) {
      await expect(electron.invoke(other, 'shell:info')).rejects.toThrow('own window');
    }
    frame.url = 'https://elsewhere.example/';
    await expect(electron.invoke(frame, 'shell:info')).rejects.toThrow('own window');
  });

  test.each([
    ['shell:open', ['https://elsewhere.example/']],
    ['shell:open', ['logs', '/etc']],
    ['shell:open', []],
    ['shell:pick-path', ['anything']],
    ['shell:set-preferences', [{ keepAwake: 'yes' }]],
    ['shell:set-preferences', [{ hasSeenHiding: true }]],
    ['shell:info', [{}]],
  ])('%s with %j is refused', async (channel, args) => {
    const electron = await launch();
    const frame = electron.windows[0]?.webContents.mainFrame ?? null;
    await expect(electron.invoke(frame, channel, ...args)).rejects.toThrow('does not understand');
    expect(electron.opened).toEqual([]);
  });

  test('opens folders and files by the system’s own means', async () => {
    const electron = await launch();
    const ask = (channel: string, ...args: unknown[]) =>
      electron.invoke(electron.windows[0]?.webContents.mainFrame ?? null, channel, ...args);
    electron.picks.push('/models/a.gguf', null, '/srv/models');
    expect(await ask('shell:pick-path', 'model-file')).toBe('/models/a.gguf');
    expect(await ask('shell:pick-path', 'model-file')).toBeNull();
    expect(await ask('shell:pick-path', 'folder')).toBe('/srv/models');
    await ask('shell:open', 'logs');
    await ask('shell:open', 'data');
    await ask('shell:open', 'browser');
    await vi.waitFor(() => expect(electron.opened).toHaveLength(3));
    expect(electron.opened).toEqual([
      `${electron.dataDir}/logs`,
      electron.dataDir,
      `${origin}/console/sign-in#once`,
    ]);
  });

  test('keeps preferences over launches, and restarts the server', async () => {
    const electron = await launch();
    const frame = electron.windows[0]?.webContents.mainFrame ?? null;
    const before = { launchAtLogin: false, closeToTray: true, keepAwake: true, useKeychain: true };
    expect(await electron.invoke(frame, 'shell:get-preferences')).toEqual(before);
    const wish = { keepAwake: false, launchAtLogin: true };
    expect(await electron.invoke(frame, 'shell:set-preferences', wish)).toEqual({ ...before, ...wish });
    await electron.invoke(frame, 'shell:restart-server');
    await vi.waitFor(() => expect(electron.children).toHaveLength(2));
    expect(electron.children[0]?.told.at(-1)?.type).toBe('drain');
    const { dataDir } = electron;
    const later = await launch({ dataDir });
    const again = later.windows[0]?.webContents.mainFrame ?? null;
    expect(await later.invoke(again, 'shell:get-preferences')).toEqual({ ...before, ...wish });
  });
});
