import type { MenuItemConstructorOptions } from 'electron';
import type { Actions, View } from './view.ts';
import type { Words } from './words.ts';

export type TrayMenuContext = {
  readonly words: Words;
  readonly actions: Actions;
  /** The wall clock; asked when something is chosen as well, since a menu may have been drawn long before. */
  readonly nowMs: () => number;
  readonly locale: string;
};

type Item = MenuItemConstructorOptions;

const separator: Item = { type: 'separator' };
const hourMs = 3_600_000;

/** The tray's menu for how things are; what cannot be done just now is not offered. */
export function trayMenu(view: View, context: TrayMenuContext): Item[] {
  const { words, actions } = context;
  const { waitingDevices } = view;
  return [
    { label: statusLine(view, context), enabled: false },
    ...addressItems(view, context),
    ...(waitingDevices === 0
      ? []
      : [{ label: words.waitingDevices(waitingDevices), click: () => actions.open('/console/people') }]),
    ...updateItems(view, context),
    separator,
    ...pauseItems(view, context),
    { label: words.open, click: () => actions.open() },
    ...(view.server === 'running' ? [{ label: words.openInBrowser, click: actions.openInBrowser }] : []),
    ...(view.server === 'failed' ? [{ label: words.retry, click: actions.retry }] : []),
    separator,
    { label: words.logs, click: actions.openLogs },
    { label: words.quit, enabled: view.server !== 'quitting', click: actions.quit },
  ];
}

/** One line that says how it stands: “Serving · 2 requests”. Also what the pointer is shown over the symbol. */
export function statusLine(view: View, context: Pick<TrayMenuContext, 'words' | 'locale' | 'nowMs'>): string {
  const { words } = context;
  switch (view.server) {
    case 'starting':
      return words.status.starting;
    case 'waiting':
      return words.status.restarting;
    case 'failed':
    case 'stopped':
      return words.status.failed;
    case 'quitting':
      return words.status.quitting;
    case 'running':
      return runningLine(view, context);
  }
}

function runningLine({ state }: View, context: Pick<TrayMenuContext, 'words' | 'locale' | 'nowMs'>): string {
  const { words } = context;
  if (state === null) return words.status.starting;
  if (state.phase === 'stopping') return words.status.quitting;
  const { all, gpu } = state.pauses;
  const pause = all ?? gpu;
  const parts: string[] = [];
  if (pause === null) parts.push(words.status.serving);
  else if (!pause.isDone) parts.push(words.status.releasing);
  else parts.push(all === null ? words.status.pausedGpu : words.status.pausedAll);
  if (typeof pause?.untilMs === 'number') parts.push(words.until(clockTime(pause.untilMs, context)));
  if (state.active > 0) parts.push(words.active(state.active));
  return [...parts, ...(state.error === null ? [] : [state.error])].join(' · ');
}

function addressItems({ state, server }: View, { words, actions }: TrayMenuContext): Item[] {
  if (server !== 'running' || state === null) return [];
  const { lanAddress } = state;
  if (lanAddress === null) return [{ label: words.officeClosed, click: () => actions.open('/console/') }];
  return [{ label: words.copyAddress(lanAddress), click: () => actions.copy(lanAddress) }];
}

/** Where it stands, is read about and is fetched. */
function updateItems({ state, server }: View, { words, actions }: TrayMenuContext): Item[] {
  const update = server === 'running' ? (state?.update ?? null) : null;
  if (update === null) return [];
  const label = update.isSecurity ? words.securityUpdate(update.version) : words.newerVersion(update.version);
  return [{ label, click: () => actions.open('/console/health') }];
}

function pauseItems({ state, server }: View, context: TrayMenuContext): Item[] {
  const { words, actions } = context;
  if (server !== 'running' || state === null) return [];
  const { all, gpu } = state.pauses;
  const needGpu: Item =
    gpu === null
      ? { label: words.needGpu, submenu: timesOf(context) }
      : { label: words.giveGpuBack, click: () => actions.resume('gpu') };
  const pause: Item =
    all === null
      ? { label: words.pause, click: () => actions.pause('all', null) }
      : { label: words.resume, click: () => actions.resume('all') };
  return [needGpu, pause, separator];
}

function timesOf({ words, actions, nowMs }: TrayMenuContext): Item[] {
  const hours = [1, 2, 4].map((count) => ({
    label: words.needGpuFor(count),
    click: () => actions.pause('gpu', nowMs() + count * hourMs),
  }));
  return [
    ...hours,
    { label: words.needGpuUntilMorning, click: () => actions.pause('gpu', nextMorningMs(nowMs())) },
    { label: words.needGpuUntilISay, click: () => actions.pause('gpu', null) },
  ];
}

/** Tomorrow at eight by this computer's clocks. */
function nextMorningMs(nowMs: number): number {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).getTime();
}

/** “15:30”, with the day of the week where it is not today. */
function clockTime(timeMs: number, { locale, nowMs }: Pick<TrayMenuContext, 'locale' | 'nowMs'>): string {
  const isToday = new Date(timeMs).toDateString() === new Date(nowMs()).toDateString();
  const day = isToday ? {} : ({ weekday: 'short' } as const);
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...day }).format(timeMs);
}
