import { describe, expect, test, vi } from 'vitest';
import { statusLine, trayMenu, type TrayMenuContext } from '../../../electron/tray-menu.ts';
import type { Actions, View } from '../../../electron/view.ts';
import { wordsFor } from '../../../electron/words.ts';
import type { HostState } from '../../../server/wire/host.ts';
import { restingState } from '../../fakes/electron.ts';
import type { FakeMenu } from '../../fakes/electron-window.ts';
import { launch, origin, settled, type Launched } from './launched.ts';

const noon = new Date(2026, 10, 23, 12).getTime();

function context(locale = 'en-GB'): TrayMenuContext & { readonly chosen: unknown[] } {
  const chosen: unknown[] = [];
  const note =
    (name: keyof Actions) =>
    (...args: unknown[]): void =>
      void chosen.push([name, ...args]);
  const names = ['open', 'openInBrowser', 'copy', 'pause', 'resume', 'retry', 'restart', 'openLogs', 'quit'];
  const actions = Object.fromEntries(names.map((name) => [name, note(name as keyof Actions)]));
  return { words: wordsFor(locale), locale, nowMs: () => noon, actions: actions as Actions, chosen };
}

function view(server: View['server'], state: Partial<HostState> = {}): View {
  const full = server === 'running' ? { ...restingState, ...state } : null;
  return { server, state: full, address: server === 'running' ? origin : null, waitingDevices: 0 };
}

const labels = (template: FakeMenu['template']): string[] =>
  template.flatMap(({ label, enabled }) =>
    label === undefined ? [] : [enabled === false ? `(${label})` : label],
  );

describe('the tray says how it stands', () => {
  const at = (hour: number, day = 23) => new Date(2026, 10, day, hour, 30).getTime();
  test.each<[View, string, string]>([
    [view('starting'), 'Starting …', 'Startet …'],
    [view('running'), 'Serving', 'In Betrieb'],
    [view('running', { active: 1 }), 'Serving · 1 request', 'In Betrieb · 1 Anfrage'],
    [view('running', { active: 12 }), 'Serving · 12 requests', 'In Betrieb · 12 Anfragen'],
    [
      view('running', { pauses: { gpu: { untilMs: at(15), isDone: true }, all: null } }),
      'The graphics card is yours · until 15:30',
      'Die Grafikkarte gehört Ihnen · bis 15:30',
    ],
    [
      view('running', { active: 2, pauses: { gpu: null, all: { untilMs: at(8, 24), isDone: false } } }),
      'Letting answers end … · until Tue 08:30 · 2 requests',
      'Laufende Antworten dürfen enden … · bis Di., 08:30 · 2 Anfragen',
    ],
    [view('running', { pauses: { gpu: null, all: { untilMs: null, isDone: true } } }), 'Paused', 'Pausiert'],
    [
      view('running', { error: 'The disk is full.' }),
      'Serving · The disk is full.',
      'In Betrieb · The disk is full.',
    ],
    [
      view('waiting'),
      'The server has ended and is being started again …',
      'Der Server wurde beendet und wird neu gestartet …',
    ],
    [view('failed'), 'The server does not run', 'Der Server läuft nicht'],
    [view('quitting'), 'Letting answers end …', 'Laufende Antworten dürfen enden …'],
  ])('%#: %o', (how, english, german) => {
    expect(statusLine(how, context())).toBe(english);
    expect(statusLine(how, context('de-DE'))).toBe(german);
  });
});

describe('its menu', () => {
  test('offers what can be done just now', () => {
    expect(labels(trayMenu(view('running', { lanAddress: 'http://192.168.1.20:11500' }), context()))).toEqual(
      [
        '(Serving)',
        'Copy address: http://192.168.1.20:11500',
        'I need my GPU',
        'Pause serving',
        'Open Inglenook',
        'Open in browser',
        'Open logs folder',
        'Quit Inglenook',
      ],
    );
    const paused = { pauses: { gpu: { untilMs: null, isDone: true }, all: { untilMs: null, isDone: true } } };
    expect(labels(trayMenu({ ...view('running', paused), waitingDevices: 2 }, context()))).toEqual([
      '(Paused)',
      'The office is not let in',
      '2 devices ask to be let in …',
      'The office may have it again',
      'Resume serving',
      'Open Inglenook',
      'Open in browser',
      'Open logs folder',
      'Quit Inglenook',
    ]);
    const update = { version: '0.2.0', isSecurity: false };
    expect(labels(trayMenu(view('running', { update }), context()))).toContain('Version 0.2.0 is there …');
    const grave = { ...update, isSecurity: true };
    expect(labels(trayMenu(view('running', { update: grave }), context('de')))).toContain(
      'Sicherheitsupdate: Version 0.2.0 …',
    );
    expect(labels(trayMenu(view('failed'), context()))).toEqual([
      '(The server does not run)',
      'Open Inglenook',
      'Try again',
      'Open logs folder',
      'Quit Inglenook',
    ]);
    expect(labels(trayMenu(view('quitting'), context())).at(-1)).toBe('(Quit Inglenook)');
  });

  test('each choice does what it says', () => {
    const chosen = context();
    const click = (template: FakeMenu['template']): void => {
      for (const item of template) {
        (item.click as (() => void) | undefined)?.();
        if (Array.isArray(item.submenu)) click(item.submenu);
      }
    };
    const update = { version: '0.2.0', isSecurity: true };
    const how = view('running', { lanAddress: 'http://10.0.0.1:1', update });
    click(trayMenu({ ...how, waitingDevices: 1 }, chosen));
    const hourMs = 3_600_000;
    expect(chosen.chosen).toEqual([
      ['copy', 'http://10.0.0.1:1'],
      ['open', '/console/people'],
      ['open', '/console/health'],
      ['pause', 'gpu', noon + hourMs],
      ['pause', 'gpu', noon + 2 * hourMs],
      ['pause', 'gpu', noon + 4 * hourMs],
      ['pause', 'gpu', new Date(2026, 10, 24, 8).getTime()],
      ['pause', 'gpu', null],
      ['pause', 'all', null],
      ['open'],
      ['openInBrowser'],
      ['openLogs'],
      ['quit'],
    ]);
    const pauses = { gpu: { untilMs: null, isDone: true }, all: { untilMs: null, isDone: true } };
    const other = context();
    click(trayMenu(view('running', { pauses }), other).slice(3, 5));
    expect(other.chosen).toEqual([
      ['resume', 'gpu'],
      ['resume', 'all'],
    ]);
  });
});

describe('in the app', () => {
  const menuOf = ({ trays }: Launched) => trays[0]?.menu;
  const choose = (electron: Launched, label: string): void => {
    const find = (template: FakeMenu['template']): FakeMenu['template'] =>
      template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? find(item.submenu) : [])]);
    const item = find(menuOf(electron)?.template ?? []).find((each) => each.label === label);
    if (item === undefined) throw new Error(`The menu has no “${label}”.`);
    (item.click as () => void)();
  };

  test('it follows the server, and is set anew only when something has changed', async () => {
    const electron = await launch();
    const say = (state: Partial<HostState>): void =>
      electron.children[0]?.say({ v: 1, type: 'state', state: { ...restingState, ...state } });
    expect(electron.trays[0]?.image).toBe('/app/resources/icons/tray.png');
    expect(electron.trays[0]?.toolTip).toBe('Inglenook · Serving');
    const before = menuOf(electron);
    say({});
    expect(menuOf(electron)).toBe(before);
    say({ active: 3 });
    expect(menuOf(electron)).not.toBe(before);
    expect(electron.trays[0]?.toolTip).toBe('Inglenook · Serving · 3 requests');
    electron.children[0]?.end(1);
    await settled();
    expect(electron.trays[0]?.toolTip).toContain('being started again');
  });

  test.each([
    ['win32', 'tray.ico'],
    ['darwin', 'trayTemplate.png'],
  ] as const)('on %s its picture is %s', async (platform, name) => {
    const electron = await launch({ surroundings: { platform } });
    expect(electron.trays[0]?.image).toBe(`/app/resources/icons/${name}`);
  });

  test('“I need my GPU” and Pause reach the server', async () => {
    const electron = await launch();
    choose(electron, 'For 2 hours');
    choose(electron, 'Pause serving');
    await settled();
    expect(electron.children[0]?.told.slice(1)).toEqual([
      { v: 1, type: 'pause', what: 'gpu', untilMs: electron.time.clock.nowMs() + 7_200_000 },
      { v: 1, type: 'pause', what: 'all', untilMs: null },
    ]);
  });

  test('“Open in browser” takes a link that works once; without one in time, the front door', async () => {
    const electron = await launch();
    choose(electron, 'Open in browser');
    await vi.waitFor(() => expect(electron.opened).toEqual([`${origin}/console/sign-in#once`]));

    const silent = await launch({
      behaviour: (message, child) => {
        if (message.type !== 'init') return;
        child.say({ v: 1, type: 'ready', port: 4321 });
        child.say({ v: 1, type: 'state', state: restingState });
      },
    });
    choose(silent, 'Open in browser');
    silent.time.advance(5_000);
    await vi.waitFor(() => expect(silent.opened).toEqual([`${origin}/console/`]));
  });

  test('a link that leads elsewhere is not handed to the system', async () => {
    const electron = await launch({
      behaviour: (message, child) => {
        if (message.type === 'ticket') {
          child.say({ v: 1, type: 'ticket', id: message.id, url: 'https://elsewhere.example/' });
        } else if (message.type === 'init') {
          child.say({ v: 1, type: 'ready', port: 4321 });
          child.say({ v: 1, type: 'state', state: restingState });
        }
      },
    });
    choose(electron, 'Open in browser');
    await settled();
    expect(electron.opened).toEqual([]);
  });

  test('the computer stays awake for the office’s hours, and else as the person prefers', async () => {
    const electron = await launch();
    const frame = electron.windows[0]?.webContents.mainFrame ?? null;
    const say = (keepAwake: HostState['keepAwake']): void =>
      electron.children[0]?.say({ v: 1, type: 'state', state: { ...restingState, keepAwake } });
    const held = (): string[] => [...electron.blockers.values()];
    expect(held()).toEqual([]);
    say('serving');
    say('serving');
    expect(held()).toEqual(['prevent-app-suspension']);
    await electron.invoke(frame, 'shell:set-preferences', { keepAwake: false });
    expect(held()).toEqual([]);
    say('hours');
    expect(held()).toEqual(['prevent-app-suspension']);
    say('no');
    expect(held()).toEqual([]);
    say('hours');
    electron.children[0]?.end(1);
    await settled();
    expect(held()).toEqual([]);
  });

  test('after sleep the server is told to look at the network', async () => {
    const electron = await launch();
    electron.powerMonitor.emit('resume');
    await settled();
    expect(electron.children[0]?.told.at(-1)).toEqual({ v: 1, type: 'net-changed' });
  });
});

describe('a device that asks to be let in', () => {
  const pairing = { v: 1, type: 'pairing', id: 'p1', device: 'Anna’s laptop', code: '42' } as const;

  test('is told by a notification that leads to the window, and that goes when it is decided', async () => {
    const electron = await launch();
    electron.children[0]?.say(pairing);
    const [note] = electron.notifications;
    expect(note).toMatchObject({
      isShown: true,
      options: {
        id: 'pairing-p1',
        title: 'A device asks to be let in',
        body: 'Anna’s laptop shows 42. Compare, and decide in the window.',
      },
    });
    electron.windows[0]?.hide();
    note?.emit('click');
    expect(electron.windows[0]?.isShown).toBe(true);
    expect(labels(electron.trays[0]?.menu?.template ?? [])).toContain('A device asks to be let in …');
    electron.children[0]?.say({ v: 1, type: 'pairing-done', id: 'p1' });
    expect(note?.isShown).toBe(false);
    expect(labels(electron.trays[0]?.menu?.template ?? [])).not.toContain('A device asks to be let in …');
  });

  test('is seen in the tray where the system shows none, and in the window where there is no tray either', async () => {
    const unsigned = await launch({ surroundings: { platform: 'darwin' } });
    unsigned.windows[0]?.hide();
    unsigned.children[0]?.say(pairing);
    unsigned.notifications[0]?.emit('failed', {}, 'not signed');
    expect(labels(unsigned.trays[0]?.menu?.template ?? [])).toContain('A device asks to be let in …');
    expect(unsigned.windows[0]?.isShown).toBe(false);

    const bare = await launch({ canNotify: false, hasTrayHost: false });
    bare.windows[0]?.hide();
    bare.children[0]?.say(pairing);
    expect([bare.notifications.length, bare.windows[0]?.isShown]).toEqual([0, true]);
  });

  test('waits no longer when the server ends: it asks again at the next one', async () => {
    const electron = await launch();
    electron.children[0]?.say(pairing);
    electron.children[0]?.end(1);
    await settled();
    expect(electron.notifications[0]?.isShown).toBe(false);
  });
});

describe('the application’s menu', () => {
  const roles = ({ menu }: Launched): unknown[] =>
    (menu()?.template ?? []).map(({ role, label }) => role ?? label);

  test('has the roles without which macOS cannot copy and paste', async () => {
    expect(roles(await launch({ surroundings: { platform: 'darwin' } }))).toEqual([
      'appMenu',
      'File',
      'editMenu',
      'viewMenu',
      'windowMenu',
      'help',
    ]);
    expect(roles(await launch({ locale: 'de' }))).toEqual([
      'Datei',
      'editMenu',
      'viewMenu',
      'windowMenu',
      'help',
    ]);
  });

  test('has developer tools for who works on Inglenook alone', async () => {
    const tools = (electron: Launched): boolean =>
      JSON.stringify(electron.menu()?.template).includes('toggleDevTools');
    expect(tools(await launch())).toBe(false);
    const own = await launch({ isPackaged: false });
    expect(tools(own)).toBe(true);
    expect(own.windows[0]?.options.webPreferences?.devTools).toBe(true);
    // Run from a clone, links of the system are not for it.
    expect(own.app.protocols).toEqual([]);
  });
});
