import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runApp } from '../../../electron/app.ts';
import { obedient } from '../../fakes/electron.ts';
import { advanceBySeconds, alreadyRunning, launch, prepare, settled, temporaryFolder } from './launched.ts';

describe('a server that runs and does nothing any more', () => {
  const deaf: typeof obedient = (message, child) =>
    void (message.type !== 'ping' && obedient(message, child));

  test('is ended after a minute without an answer, and another started', async () => {
    const electron = await launch({ behaviour: deaf });
    await advanceBySeconds(electron, 74);
    expect(electron.children.map(({ isKilled }) => isKilled)).toEqual([false]);
    await advanceBySeconds(electron, 1);
    expect(electron.children[0]?.isKilled).toBe(true);
    await advanceBySeconds(electron, 1);
    expect(electron.children).toHaveLength(2);
    expect(electron.asked).toEqual([]);
  });

  test('is left alone while it answers, and while the computer has slept', async () => {
    const electron = await launch();
    await advanceBySeconds(electron, 300);
    expect(electron.children.map(({ isKilled }) => isKilled)).toEqual([false]);
    expect(electron.children[0]?.told.filter(({ type }) => type === 'ping')).toHaveLength(20);
    // Asleep nothing is asked; then all that was due comes at once, and the answers after it.
    electron.time.advance(60_000);
    await settled();
    await advanceBySeconds(electron, 60);
    expect(electron.children.map(({ isKilled }) => isKilled)).toEqual([false]);
  });
});

describe('quit', () => {
  test('waits for the server, however often it is asked', async () => {
    let finish = (): void => undefined;
    const electron = await launch({
      behaviour: (message, child) => {
        if (message.type === 'drain') finish = () => child.end(0);
        else obedient(message, child);
      },
    });
    electron.app.quit();
    electron.app.quit();
    await settled();
    expect(electron.children[0]?.told.map(({ type }) => type)).toEqual(['init', 'drain']);
    expect(electron.children[0]?.told[1]).toMatchObject({ ms: 8_000 });
    expect(electron.app.exitCode).toBeNull();
    finish();
    expect(await electron.app.ended.promise).toBe(0);
    expect(electron.asked).toEqual([]);
  });

  test('comes again where somebody starts it while its last answers end', async () => {
    let finish = (): void => undefined;
    const electron = await launch({
      behaviour: (message, child) => {
        if (message.type === 'drain') finish = () => child.end(0);
        else obedient(message, child);
      },
    });
    electron.app.quit();
    electron.app.emit('second-instance', {}, ['/app/inglenook']);
    await settled();
    expect(electron.windows[0]?.loaded).toHaveLength(1);
    finish();
    await electron.app.ended.promise;
    expect(electron.app.relaunches).toEqual([{}]);
  });

  test('before there is a window or a server, it ends at once', async () => {
    const electron = prepare();
    const launched = runApp(electron.api, electron.options);
    electron.app.quit();
    expect(electron.app.exitCode).toBe(0);
    await launched;
  });

  test('does not wait for a keychain that asks its person, nor start a server afterwards', async () => {
    const answer = Promise.withResolvers<string>();
    const electron = prepare();
    const safeStorage = { ...electron.api.safeStorage, isAsyncEncryptionAvailable: () => answer.promise };
    await runApp({ ...electron.api, safeStorage } as unknown as typeof electron.api, electron.options);
    await settled();
    electron.app.quit();
    expect(await electron.app.ended.promise).toBe(0);
    answer.resolve('yes');
    await settled();
    expect(electron.children.filter((child) => !child.isEnded())).toEqual([]);
  });

  test('ends a server that does not stop', async () => {
    const electron = await launch({
      behaviour: (message, child) => void (message.type === 'init' && obedient(message, child)),
    });
    electron.app.quit();
    electron.time.advance(9_000);
    await settled();
    expect([electron.children[0]?.isKilled, await electron.app.ended.promise]).toEqual([true, 0]);
  });

  test('drains when the system shuts down, and when the person signs off', async () => {
    const shutDown = await launch();
    let isAwaited = false;
    shutDown.powerMonitor.emit('shutdown', { preventDefault: () => (isAwaited = true) });
    expect(await shutDown.app.ended.promise).toBe(0);
    // No longer than systems wait for their programs.
    expect([isAwaited, shutDown.children[0]?.told.at(-1)]).toEqual([
      true,
      { v: 1, type: 'drain', ms: 3_000 },
    ]);
    const signedOff = await launch();
    signedOff.windows[0]?.emit('session-end');
    expect(await signedOff.app.ended.promise).toBe(0);
    expect(signedOff.children[0]?.told.at(-1)?.type).toBe('drain');
  });
});

describe('drawing without the graphics card', () => {
  test('comes after three crashes of Chromium’s own process, for this version', async () => {
    const dataDir = temporaryFolder();
    const electron = await launch({
      dataDir,
      surroundings: { environment: { APPIMAGE: '/home/anna/I.AppImage' } },
    });
    const crash = (type = 'GPU', reason = 'crashed') =>
      electron.app.emit('child-process-gone', {}, { type, reason });
    crash();
    crash();
    await advanceBySeconds(electron, 120);
    crash();
    crash('Utility');
    crash('GPU', 'clean-exit');
    expect(existsSync(join(dataDir, 'window', 'no-gpu.json'))).toBe(false);
    crash();
    crash();
    expect(await electron.app.ended.promise).toBe(0);
    expect(electron.app.relaunches).toEqual([{ execPath: '/home/anna/I.AppImage' }]);
    expect(JSON.parse(readFileSync(join(dataDir, 'window', 'no-gpu.json'), 'utf8'))).toEqual({
      version: '0.1.0',
    });
    expect((await launch({ dataDir })).app.drawsInSoftware).toBe(true);
    expect((await launch()).app.drawsInSoftware).toBe(false);
  });
});

test('the self-test prints one line of JSON, leaves nobody asked and ends with the outcome', async () => {
  const argv = ['/app/inglenook', '--smoke'];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((_text, ...rest: unknown[]) => {
    for (const each of rest) if (typeof each === 'function') each();
    return true;
  });
  const page = { title: 'Inglenook', bridge: ['info'], shellVersion: '0.1.0', signedInVia: 'window' };
  const good = prepare({ surroundings: { argv }, page });
  await runApp(good.api, good.options);
  expect(good.app.exitCode).toBe(0);
  const bad = prepare({ surroundings: { argv }, behaviour: alreadyRunning() });
  await runApp(bad.api, bad.options);
  expect([bad.app.exitCode, bad.asked]).toEqual([1, []]);
  const scratch = prepare({ surroundings: { argv }, page });
  await runApp(scratch.api, { ...scratch.options, isScratch: true });
  expect([existsSync(good.dataDir), existsSync(scratch.dataDir)]).toEqual([true, false]);
  const taken = prepare({ surroundings: { argv }, isFirstInstance: false });
  await runApp(taken.api, taken.options);
  expect(taken.app.exitCode).toBe(1);
  const stuck = prepare({ surroundings: { argv }, behaviour: () => undefined });
  const ending = runApp(stuck.api, stuck.options);
  for (let second = 0; second < 200 && stuck.app.exitCode === null; second += 1)
    await advanceBySeconds(stuck, 1);
  await ending;
  expect(stuck.app.exitCode).toBe(1);
  const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown);
  expect(lines).toMatchObject([
    { ok: true, error: null, ...page, secrets: 'keychain', hasTray: true },
    { ok: false, error: 'already_running: It is running.' },
    { ok: true },
    { ok: false, error: expect.stringContaining('already_running') },
    { ok: false, error: 'It took longer than 180 s.' },
  ]);
});
