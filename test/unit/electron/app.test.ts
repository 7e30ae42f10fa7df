import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runApp } from '../../../electron/app.ts';
import {
  advanceBySeconds,
  alreadyRunning,
  launch,
  origin,
  prepare,
  settled,
  temporaryFolder,
} from './launched.ts';

describe('launch', () => {
  test('starts the server, waits until it is ready and opens the window on it', async () => {
    const { app, children, windows, options, dataDir, trays } = await launch();
    expect(app).toMatchObject({ isSandboxed: true, name: 'Inglenook', userModelId: 'example.inglenook.app' });
    expect(app.paths).toEqual(
      new Map([
        ['userData', join(dataDir, 'window')],
        ['logs', join(dataDir, 'logs')],
      ]),
    );
    expect(children.map(({ modulePath, args }) => [modulePath, args])).toEqual([
      [options.serverEntry, ['--host=electron']],
    ]);
    expect(children[0]?.told[0]).toMatchObject({ type: 'init', dataDir });
    expect(windows.map(({ loaded, isShown }) => [loaded, isShown])).toEqual([[[`${origin}/`], true]]);
    expect(trays).toHaveLength(1);
    expect(app.exitCode).toBeNull();
  });

  test('puts no secret where other processes can read it', async () => {
    const { children } = await launch();
    const init = children[0]?.told[0];
    if (init?.type !== 'init') throw new Error('init comes first');
    const open = JSON.stringify([children[0]?.args, children[0]?.environment]);
    for (const secret of [init.windowToken, init.keychain?.masterKey ?? '']) {
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(open).not.toContain(secret);
    }
  });

  test('leaves at once where it runs already, which brings the running window forward', async () => {
    const second = await launch({ isFirstInstance: false });
    expect([second.app.exitCode, second.children.length]).toEqual([0, 0]);

    const first = await launch();
    const [window] = first.windows;
    Object.assign(window ?? {}, { isSmall: true, isShown: false });
    first.app.emit('second-instance', {}, ['/app/inglenook']);
    expect(window).toMatchObject({ isSmall: false, isShown: true, hasFocus: true });
  });

  test('has an app of its own for each data folder', async () => {
    const [one, other] = [await launch(), await launch()];
    expect(one.app.paths.get('userData')).not.toBe(other.app.paths.get('userData'));
  });

  test('started with the computer, it stays in the tray until it is asked for', async () => {
    const hidden = await launch({ surroundings: { argv: ['/app/inglenook', '--hidden'] } });
    expect([hidden.children.length, hidden.windows.length]).toEqual([1, 0]);
    hidden.app.emit('second-instance', {}, []);
    await settled();
    expect(hidden.windows[0]?.isShown).toBe(true);
  });

  test('started with the computer on a desktop without a tray, it shows its window: nothing else would be seen', async () => {
    const argv = ['/app/inglenook', '--hidden'];
    const shown = await launch({ surroundings: { argv }, hasTrayHost: false });
    await advanceBySeconds(shown, 13);
    expect(shown.windows).toEqual([]);
    await advanceBySeconds(shown, 1);
    expect([shown.trays.length, shown.windows[0]?.isShown]).toEqual([0, true]);
    expect((await launch({ surroundings: { argv }, canTray: false })).windows).toHaveLength(1);
  });

  test('started with the computer before its desktop is there, it waits for the tray and stays closed', async () => {
    let asked = 0;
    const electron = prepare({ surroundings: { argv: ['/app/inglenook', '--hidden'] } });
    const hasTrayHost = async (): Promise<boolean> => (asked += 1) === 4;
    await runApp(electron.api, { ...electron.options, hasTrayHost });
    await advanceBySeconds(electron, 20);
    expect([electron.trays.length, electron.windows.length, asked]).toEqual([1, 0, 4]);
    expect(electron.trays[0]?.toolTip).toBe('Inglenook · Serving');
  });

  test('opens at the place of a link, and follows the link of a second start', async () => {
    const started = await launch({ surroundings: { argv: ['/app/inglenook', 'inglenook://open/models'] } });
    expect(started.windows[0]?.loaded.at(-1)).toBe(`${origin}/console/models`);
    started.app.emit('second-instance', {}, ['/app/inglenook', 'inglenook://pair?approve=all']);
    started.app.emit('second-instance', {}, ['/app/inglenook', 'inglenook://open/../api/keys']);
    expect(started.windows[0]?.loaded.at(-1)).toBe(`${origin}/console/models`);
    started.app.emit('open-url', { preventDefault: () => {} }, 'inglenook://open/health');
    expect(started.windows[0]?.loaded.at(-1)).toBe(`${origin}/console/health`);
    expect(started.app.protocols).toEqual(['inglenook']);

    const early = prepare();
    const launched = runApp(early.api, early.options);
    early.app.emit('open-url', { preventDefault: () => {} }, 'inglenook://open/usage');
    await launched;
    await settled();
    expect(early.windows[0]?.loaded.at(-1)).toBe(`${origin}/console/usage`);
  });
});

describe('a server that does not come up', () => {
  test('is told in its own words, with a way on, where trying again by itself is of no use', async () => {
    const electron = prepare({
      behaviour: (_message, child) => {
        child.say({ v: 1, type: 'fatal', code: 'port_in_use', message: 'Port 11500 is taken by Ollama.' });
        child.end(1);
      },
    });
    electron.answers.push('Open logs folder', 'Try again', 'Quit Inglenook');
    await runApp(electron.api, electron.options);
    await vi.waitFor(() => expect(electron.app.exitCode).toBe(0));
    expect(electron.asked).toHaveLength(3);
    expect(electron.asked[0]?.detail).toContain('Port 11500 is taken by Ollama.');
    expect(electron.asked[0]?.buttons).toEqual(['Try again', 'Open logs folder', 'Quit Inglenook']);
    expect(electron.opened).toEqual([join(electron.dataDir, 'logs')]);
    expect([electron.children.length, electron.windows.length]).toEqual([2, 0]);
  });

  test('is started again by itself, then given up, and told in the person’s own language', async () => {
    const electron = await launch({ behaviour: (_message, child) => child.end(7), locale: 'de-AT' });
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) {
      expect(electron.asked).toEqual([]);
      expect(electron.time.waiting()).toContain(waitMs);
      electron.time.advance(waitMs);
      await settled();
    }
    expect(electron.children).toHaveLength(5);
    expect(electron.asked[0]?.title).toBe('Inglenooks Server läuft nicht');
    expect(electron.asked[0]?.detail).toMatch(/while it was starting \(code 7\)[^]*fünfmal/);
    await electron.app.ended.promise;
  });

  test('is ended when it stays silent', async () => {
    const electron = await launch({ behaviour: () => undefined });
    electron.time.advance(120_000);
    await settled();
    expect(electron.children[0]?.isKilled).toBe(true);
    electron.time.advance(1_000);
    await settled();
    expect(electron.children).toHaveLength(2);
  });

  test('is told in words for the app where the keychain does not answer', async () => {
    const electron = prepare({
      keychain: () => 'locked',
      behaviour: (_message, child) => {
        child.say({ v: 1, type: 'fatal', code: 'secret_sealed', message: 'Start the app.' });
        child.end(1);
      },
    });
    await runApp(electron.api, electron.options);
    await electron.app.ended.promise;
    expect(electron.asked[0]?.detail).toContain('Unlock it');
    expect(electron.asked[0]?.detail).not.toContain('Start the app.');
  });

  test('whose V8 gives up is told with that, and the shell lives on', async () => {
    const electron = await launch({
      behaviour: (_message, child) => {
        child.emit('error', 'FatalError', 'Reached heap limit', '');
        child.end(5);
      },
    });
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) {
      electron.time.advance(waitMs);
      await settled();
    }
    expect(electron.asked[0]?.detail).toContain('FatalError Reached heap limit');
  });

  test('gives way to one without a window on the same data, which is opened in the browser', async () => {
    const electron = prepare({ behaviour: alreadyRunning({ pid: 12, port: 11500 }) });
    electron.answers.push('Open it in the browser');
    await runApp(electron.api, electron.options);
    await electron.app.ended.promise;
    expect(electron.opened).toEqual(['http://127.0.0.1:11500/console/']);
    expect(electron.asked[0]?.detail).toContain('http://127.0.0.1:11500');
    expect([electron.children.length, electron.windows.length, electron.app.exitCode]).toEqual([1, 0, 0]);
  });

  test('one that has not announced itself yet cannot be opened, only tried again', async () => {
    const electron = prepare({ behaviour: alreadyRunning() });
    electron.answers.push('Try again', 'Quit Inglenook');
    await runApp(electron.api, electron.options);
    await electron.app.ended.promise;
    expect(electron.asked.map(({ buttons }) => buttons)).toEqual([
      ['Try again', 'Quit Inglenook'],
      ['Try again', 'Quit Inglenook'],
    ]);
    expect(electron.opened).toEqual([]);
  });

  test('started with the computer beside a service, it leaves without a word', async () => {
    const electron = prepare({
      behaviour: alreadyRunning({ pid: 12, port: 11500 }),
      surroundings: { argv: ['/app/inglenook', '--hidden'] },
    });
    await runApp(electron.api, electron.options);
    expect(await electron.app.ended.promise).toBe(0);
    expect(electron.asked).toEqual([]);
  });
});

describe('a server that ends later', () => {
  test('is started again, and the window goes on where it was with the new secret', async () => {
    const electron = await launch();
    const [window] = electron.windows;
    await window?.loadURL(`${origin}/console/usage?by=person`);
    electron.children[0]?.end(9);
    await settled();
    electron.time.advance(1_000);
    await settled();
    expect(electron.children).toHaveLength(2);
    expect(window?.loaded.at(-1)).toBe(`${origin}/console/usage?by=person`);
    const session = electron.sessions.get('inglenook');
    const tokens = electron.children.map(({ told }) => (told[0]?.type === 'init' ? told[0].windowToken : ''));
    expect(new Set(tokens).size).toBe(2);
    expect(session?.send(`${origin}/api/keys`)).toEqual({ Authorization: `Bearer ${tokens[1]}` });
    expect(electron.asked).toEqual([]);
  });
});

describe('closing the window', () => {
  test('leaves the server running, and says so the first time only', async () => {
    const dataDir = temporaryFolder();
    const electron = await launch({ dataDir });
    const [window] = electron.windows;
    window?.close();
    expect(window).toMatchObject({ isShown: false, isGone: false });
    window?.show();
    window?.close();
    expect(electron.asked.map(({ title }) => title)).toEqual(['Inglenook goes on']);
    expect(electron.app.exitCode).toBeNull();

    const later = await launch({ dataDir });
    later.windows[0]?.close();
    expect(later.asked).toEqual([]);
  });

  test('without a tray it is made small instead, so that a way in remains', async () => {
    const electron = await launch({ hasTrayHost: false });
    electron.windows[0]?.close();
    expect(electron.windows[0]).toMatchObject({ isSmall: true, isGone: false });
    expect(electron.asked[0]?.detail).toContain('task bar');
  });

  test('ends the app where the owner wants it so', async () => {
    const electron = await launch();
    await electron.invoke(frameOf(electron), 'shell:set-preferences', { closeToTray: false });
    electron.windows[0]?.close();
    expect(electron.windows[0]?.isGone).toBe(true);
    electron.app.emit('window-all-closed');
    expect(await electron.app.ended.promise).toBe(0);
    expect(electron.children[0]?.told.at(-1)?.type).toBe('drain');
  });

  test('a page with unsaved changes is not left for another, and does not keep the app from ending', async () => {
    const electron = await launch();
    const [window] = electron.windows;
    const isLet = (): boolean => {
      let lets = false;
      window?.webContents.emit('will-prevent-unload', { preventDefault: () => (lets = true) });
      return lets;
    };
    expect(isLet()).toBe(false);
    window?.close();
    expect(isLet()).toBe(false);
    electron.app.quit();
    await settled();
    window?.emit('close', { preventDefault: () => undefined });
    expect(isLet()).toBe(true);
  });

  test('a page that dies is loaded once more, then the person is asked', async () => {
    const electron = await launch();
    const [window] = electron.windows;
    window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(window?.loaded).toHaveLength(2);
    electron.answers.push('Open in browser');
    window?.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    await settled();
    expect(window?.loaded).toHaveLength(2);
    expect(electron.opened).toEqual([`${origin}/console/sign-in#once`]);
    await advanceBySeconds(electron, 60);
    window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(window?.loaded).toHaveLength(3);
  });
});

function frameOf({ windows }: Awaited<ReturnType<typeof launch>>) {
  return windows[0]?.webContents.mainFrame ?? null;
}

test('what it keeps is for its person alone', async () => {
  const electron = await launch();
  await electron.invoke(frameOf(electron), 'shell:set-preferences', { keepAwake: false });
  for (const name of ['master-key', 'preferences.json']) {
    expect(statSync(join(electron.dataDir, 'window', name)).mode & 0o777).toBe(0o600);
  }
});
