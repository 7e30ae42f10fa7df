import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { runApp } from '../../../electron/app.ts';
import { fakeElectron, type FakeElectron } from '../../fakes/electron.ts';

const options = { serverEntry: '/app/dist/server/main.js', preload: '/app/dist/electron/preload.cjs' };
const origin = 'http://127.0.0.1:4321';

describe('launch', () => {
  test('starts the server, waits until it is ready and opens the window on it', async () => {
    const electron = fakeElectron();
    await runApp(electron.api, options);
    expect(electron.app.isSandboxed).toBe(true);
    expect(electron.children.map(({ modulePath, args }) => [modulePath, args])).toEqual([
      [options.serverEntry, ['--host=electron']],
    ]);
    expect(electron.windows.map(({ loaded, isShown }) => [loaded, isShown])).toEqual([
      [[`${origin}/`], true],
    ]);
    expect(electron.app.exitCode).toBeNull();
  });

  test('leaves at once where it runs already, which brings the running window forward', async () => {
    const second = fakeElectron({ isFirstInstance: false });
    await runApp(second.api, options);
    expect([second.app.exitCode, second.children.length]).toEqual([0, 0]);

    const first = fakeElectron();
    await runApp(first.api, options);
    const [window] = first.windows;
    Object.assign(window ?? {}, { isSmall: true, isShown: false });
    first.app.emit('second-instance');
    expect(window).toMatchObject({ isSmall: false, isShown: true, hasFocus: true });
  });

  test('shows the server’s own words when it cannot start', async () => {
    const electron = fakeElectron({
      behaviour: (_message, child) => {
        child.say({ v: 1, type: 'fatal', code: 'port_in_use', message: 'Port 11500 is taken by Ollama.' });
        child.end(1);
      },
    });
    await runApp(electron.api, options);
    expect(electron.errorBoxes).toEqual([['Inglenook could not start', 'Port 11500 is taken by Ollama.']]);
    expect([electron.app.exitCode, electron.windows.length]).toEqual([1, 0]);
  });

  test('says so when the server ends or stays silent while it starts', async () => {
    const ended = fakeElectron({ behaviour: (_message, child) => child.end(7) });
    await runApp(ended.api, options);
    expect(ended.errorBoxes[0]?.[1]).toContain('ended while it was starting (code 7)');

    vi.useFakeTimers();
    const silent = fakeElectron({ behaviour: () => undefined });
    const launched = runApp(silent.api, { ...options, readyTimeoutMs: 30_000 });
    await vi.advanceTimersByTimeAsync(30_000);
    await launched;
    vi.useRealTimers();
    expect(silent.errorBoxes[0]?.[1]).toContain('not ready after 30 s');
    expect([silent.children[0]?.isKilled, silent.app.exitCode]).toEqual([true, 1]);
  });
});

describe('quit', () => {
  test('waits for the server, however often it is asked', async () => {
    let finish = (): void => undefined;
    const electron = fakeElectron({
      behaviour: (message, child) => {
        if (message.type === 'init') child.say({ v: 1, type: 'ready', port: 4321 });
        else finish = () => child.end(0);
      },
    });
    await runApp(electron.api, options);
    electron.app.emit('window-all-closed');
    electron.app.quit();
    await Promise.resolve();
    expect(electron.children[0]?.told.map(({ type }) => type)).toEqual(['init', 'drain']);
    expect(electron.app.exitCode).toBeNull();
    finish();
    expect(await electron.app.ended.promise).toBe(0);
    expect(electron.errorBoxes).toEqual([]);
  });

  test('ends a server that does not stop', async () => {
    const electron = fakeElectron({
      behaviour: (message, child) => {
        if (message.type === 'init') child.say({ v: 1, type: 'ready', port: 4321 });
      },
    });
    await runApp(electron.api, options);
    vi.useFakeTimers();
    electron.app.quit();
    await vi.advanceTimersByTimeAsync(9_000);
    vi.useRealTimers();
    expect([electron.children[0]?.isKilled, await electron.app.ended.promise]).toEqual([true, 0]);
  });

  test('a server that dies later is told to the person', async () => {
    const electron = fakeElectron();
    await runApp(electron.api, options);
    electron.children[0]?.end(9);
    expect(await electron.app.ended.promise).toBe(1);
    expect(electron.errorBoxes).toEqual([['Inglenook has stopped', expect.stringContaining('code 9')]]);
  });
});

describe('the window', () => {
  test('is isolated from Node and the system', async () => {
    const { windows } = await launched();
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
    const { sessions, children } = await launched();
    const session = sessions.get('inglenook');
    const init = children[0]?.told[0];
    const token = init?.type === 'init' ? init.windowToken : '';
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(session?.filterUrls).toEqual([`${origin}/api/*`]);
    expect(session?.send(`${origin}/api/keys`, { Accept: '*/*' })).toEqual({
      Accept: '*/*',
      Authorization: `Bearer ${token}`,
    });
    for (const url of ['http://127.0.0.1:4322/api/keys', `${origin}@elsewhere.example/api/keys`]) {
      expect(session?.send(url)).toEqual({});
    }
  });

  test('gets a new token at every launch', async () => {
    const inits = [await launched(), await launched()].map(({ children }) => children[0]?.told[0]);
    expect(inits[0]).not.toEqual(inits[1]);
  });

  test('is granted nothing but copying, and that to our own page alone', async () => {
    const session = (await launched()).sessions.get('inglenook');
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
    const { app } = await launched();
    app.emit('web-contents-created', {}, contents);
    const preventDefault = vi.fn();
    contents.emit(event, { url, preventDefault });
    expect(preventDefault.mock.calls.length > 0).toBe(isStopped);
    expect(contents.open()).toEqual({ action: 'deny' });
  });
});

async function launched(): Promise<FakeElectron> {
  const electron = fakeElectron();
  await runApp(electron.api, options);
  return electron;
}
