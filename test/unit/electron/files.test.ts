import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linkIn, placeOf } from '../../../electron/deep-link.ts';
import { createLoginItem, type LoginItemOptions } from '../../../electron/login-item.ts';
import { keepPreferences } from '../../../electron/preferences.ts';
import { openSecrets } from '../../../electron/secrets.ts';
import { hasTrayHost } from '../../../electron/tray.ts';
import { FakeApp } from '../../fakes/electron-app.ts';
import { fakeSafeStorage, type KeychainKind } from '../../fakes/electron-window.ts';
import { launch, settled, temporaryFolder } from './launched.ts';

describe('the master key', () => {
  const open = (file: string, kind: KeychainKind, isWanted = true, platform: NodeJS.Platform = 'linux') =>
    openSecrets(
      fakeSafeStorage(
        () => true,
        () => kind,
      ),
      { platform, file, isWanted },
    );

  test('is made once, lies encrypted, and is the same at every start', async () => {
    const file = join(temporaryFolder(), 'master-key');
    const first = await open(file, 'works');
    expect(first).toEqual({
      keychain: { masterKey: expect.stringMatching(/^[\w-]{43}$/), seal: true },
      word: 'keychain',
    });
    expect(readFileSync(file, 'utf8')).not.toContain(first.keychain?.masterKey ?? 'none');
    expect(await open(file, 'works')).toEqual(first);
  });

  test('is encrypted anew where the keychain asks for it', async () => {
    const file = join(temporaryFolder(), 'master-key');
    const { keychain } = await open(file, 'works');
    const before = statSync(file).ino;
    expect((await open(file, 'rotated')).keychain).toEqual(keychain);
    expect(statSync(file).ino).not.toBe(before);
    expect((await open(file, 'works')).keychain).toEqual(keychain);
  });

  test.each([
    ['basic_text', 'none'],
    ['locked', 'unavailable'],
    ['broken', 'unavailable'],
  ] as const)('is not made where the keychain is %s, and the word for it is %s', async (kind, word) => {
    const file = join(temporaryFolder(), 'master-key');
    expect(await open(file, kind)).toEqual({ keychain: undefined, word });
    expect(existsSync(file)).toBe(false);
  });

  test('outlives a keychain that does not answer for a while: no other takes its place', async () => {
    const file = join(temporaryFolder(), 'master-key');
    const { keychain } = await open(file, 'works');
    expect((await open(file, 'locked')).word).toBe('unavailable');
    expect((await open(file, 'works')).keychain).toEqual(keychain);
  });

  test('is not taken for missing where its file cannot be read: another would lose what it protects', async () => {
    const file = join(temporaryFolder(), 'master-key');
    mkdirSync(file);
    expect(await open(file, 'works')).toEqual({ keychain: undefined, word: 'unavailable' });
    expect(statSync(file).isDirectory()).toBe(true);
  });

  test('is asked for once more where the owner wants the file alone, so that it can be opened; then it goes', async () => {
    const dataDir = temporaryFolder();
    const electron = await launch({ dataDir });
    const frame = electron.windows[0]?.webContents.mainFrame ?? null;
    const keychainOf = (index: number) => {
      const init = electron.children[index]?.told[0];
      return init?.type === 'init' ? init.keychain : null;
    };
    expect(keychainOf(0)).toMatchObject({ seal: true });
    await electron.invoke(frame, 'shell:set-preferences', { useKeychain: false });
    await electron.invoke(frame, 'shell:restart-server');
    await settled();
    expect(keychainOf(1)).toEqual({ ...keychainOf(0), seal: false });
    expect(existsSync(join(dataDir, 'window', 'master-key'))).toBe(false);
    expect(await electron.invoke(frame, 'shell:info')).toMatchObject({ secrets: 'off' });
    await electron.invoke(frame, 'shell:restart-server');
    await settled();
    expect(keychainOf(2)).toBeUndefined();
  });

  test('on Linux without a keychain the server starts all the same, and the page is told', async () => {
    const electron = await launch({ keychain: () => 'basic_text' });
    const frame = electron.windows[0]?.webContents.mainFrame ?? null;
    expect(electron.children[0]?.told[0]).not.toHaveProperty('keychain');
    expect(await electron.invoke(frame, 'shell:info')).toMatchObject({ secrets: 'none' });
  });
});

describe('started with the computer', () => {
  const surroundings = (change: Partial<LoginItemOptions> = {}): LoginItemOptions => ({
    platform: 'linux',
    argv: ['/opt/Inglenook/inglenook'],
    environment: {},
    home: temporaryFolder(),
    execPath: '/opt/Inglenook/inglenook',
    ...change,
  });
  const app = () => new FakeApp({ isFirstInstance: true, isPackaged: true, locale: 'en' });

  test('on Linux by a file in the autostart folder, which goes again', () => {
    const options = surroundings();
    const item = createLoginItem(app(), options);
    const file = join(options.home, '.config', 'autostart', 'inglenook.desktop');
    expect(item.isOn()).toBe(false);
    item.set(true);
    expect(item.isOn()).toBe(true);
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      '[Desktop Entry]',
      'Type=Application',
      'Name=Inglenook',
      'Comment=The office’s own AI server',
      'Exec="/opt/Inglenook/inglenook" --hidden',
      'Icon=inglenook',
      'Terminal=false',
      'X-GNOME-Autostart-enabled=true',
      '',
    ]);
    item.set(false);
    item.set(false);
    expect(existsSync(file)).toBe(false);
  });

  test('an AppImage by its own file, whatever it is called', () => {
    const config = temporaryFolder();
    const environment = { APPIMAGE: '/home/anna/100% "new" $x\\I.AppImage', XDG_CONFIG_HOME: config };
    createLoginItem(app(), surroundings({ environment })).set(true);
    expect(readFileSync(join(config, 'autostart', 'inglenook.desktop'), 'utf8')).toContain(
      String.raw`Exec="/home/anna/100%% \\"new\\" \\$x\\\\I.AppImage" --hidden`,
    );
  });

  test('on Windows and macOS by the system’s own interface', () => {
    for (const platform of ['win32', 'darwin'] as const) {
      const fake = app();
      const item = createLoginItem(fake, surroundings({ platform }));
      item.set(true);
      expect(fake.loginItem).toEqual({
        openAtLogin: true,
        ...(platform === 'win32' ? { args: ['--hidden'] } : {}),
      });
      expect(item.isOn()).toBe(true);
      expect(item.wasStartedByIt()).toBe(false);
      fake.wasOpenedAtLogin = true;
      expect(item.wasStartedByIt()).toBe(platform === 'darwin');
    }
    const argv = ['inglenook.exe', '--hidden'];
    expect(createLoginItem(app(), surroundings({ platform: 'win32', argv })).wasStartedByIt()).toBe(true);
  });
});

describe('links', () => {
  test.each([
    ['inglenook://open/models', '/console/models'],
    ['inglenook://open/health/', '/console/health'],
    ['inglenook://people?approve=all#now', '/console/people'],
    ['inglenook://open/home', '/console/'],
    ['inglenook://pair?t=secret', ''],
    ['inglenook://open/../api/keys', ''],
    ['inglenook://open/constructor', ''],
    ['inglenook://open//elsewhere.example', ''],
    ['inglenook:open/models', ''],
    ['inglenook://', ''],
    [`inglenook://open/models?${'x'.repeat(2_000)}`, null],
    ['https://elsewhere.example/', null],
    ['file:///etc/passwd', null],
    ['nothing', null],
  ])('%s leads to %j', (link, place) => {
    expect(placeOf(link)).toBe(place);
  });

  test('are found among other arguments', () => {
    expect(linkIn(['/app/inglenook', '--no-sandbox', 'inglenook://open/models'])).toBe(
      'inglenook://open/models',
    );
    expect(linkIn(['/app/inglenook', '--url=inglenook://open/models'])).toBeNull();
  });
});

describe('preferences', () => {
  const usual = { closeToTray: true, keepAwake: true, useKeychain: true, hasSeenHiding: false };

  test.each(['', 'null', '[1]', '{"keepAwake":"yes","more":1}', '{ not JSON'])(
    'a file that holds %j is as none',
    (content) => {
      const file = join(temporaryFolder(), 'preferences.json');
      writeFileSync(file, content);
      expect(keepPreferences(file).get()).toEqual(usual);
    },
  );

  test('one damaged value leaves the others', () => {
    const file = join(temporaryFolder(), 'preferences.json');
    writeFileSync(file, '{"keepAwake":"yes","closeToTray":false}');
    expect(keepPreferences(file).get()).toEqual({ ...usual, closeToTray: false });
  });

  test('hold until the end where the file cannot be written', () => {
    const file = join(temporaryFolder(), 'a-file');
    writeFileSync(file, '');
    const preferences = keepPreferences(join(file, 'preferences.json'));
    preferences.set({ keepAwake: false });
    expect(preferences.get().keepAwake).toBe(false);
  });
});

test('where nobody draws symbols there is no tray; other systems always have a place', async () => {
  // This process has no desktop.
  expect(await hasTrayHost('linux')).toBe(false);
  expect([await hasTrayHost('win32'), await hasTrayHost('darwin')]).toEqual([true, true]);
});
