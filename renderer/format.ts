/** Numbers, times and sizes as the office reads them. "–" stands for unknown, never 0. */

export const unknown = '–';

export type Formatter = ReturnType<typeof createFormatter>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `language` is the console's; the region is the browser's where it speaks that language. */
export function createFormatter(language: string, regions: readonly string[] = []) {
  const fallback = language === 'de' ? 'de-DE' : 'en-GB';
  const locale = regions.find((region) => region.startsWith(`${language}-`)) ?? fallback;
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const upToTwo = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const upToFour = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const timeSeconds = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const dayOfYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const dayShort = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'numeric' });
  const dateShort = new Intl.DateTimeFormat(locale, { dateStyle: 'short' });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

  /** What is left of some minutes, `9:41`; a second that has begun counts whole. */
  function countdown(ms: number): string {
    const seconds = Math.ceil(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }

  /** What is left of something long: `40 s`, `12 min`, `3 h 05 min`; what has begun counts whole. */
  function timeLeft(seconds: number): string {
    if (seconds < 60) return `${integer.format(Math.ceil(seconds))} s`;
    const minutes = Math.ceil(seconds / 60);
    if (minutes < 60) return `${integer.format(minutes)} min`;
    return `${integer.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
  }

  function money(value: number, currency: string): string {
    const least = value > 0 && value < 0.01 ? '< ' : '';
    return (
      least +
      new Intl.NumberFormat(locale, { style: 'currency', currency }).format(least === '' ? value : 0.01)
    );
  }

  /** `≈ €1.20`, `≈ −€0.31`; what is less than half a cent either way is about nothing. */
  function estimate(value: number, currency: string): string {
    const cents = Math.round(Math.abs(value) * 100);
    return `≈ ${value < 0 && cents > 0 ? '−' : ''}${money(cents / 100, currency)}`;
  }

  /**
   * Decimal units, as a download page shows them; for memory as well, because the server's sentences do so and a
   * model's weights take what its file does.
   */
  function fileSize(bytes: number): string {
    if (bytes < 1_000_000) return `${integer.format(Math.ceil(bytes / 1000))} kB`;
    if (bytes < 1_000_000_000) return `${integer.format(bytes / 1_000_000)} MB`;
    return `${oneDecimal.format(bytes / 1_000_000_000)} GB`;
  }

  return {
    locale,
    integer: (value: number) => integer.format(value),
    /** `0.4`, `12`, `1.25`: what need not be whole. */
    mean: (value: number) =>
      value > 0 && value < 0.01 ? `< ${upToTwo.format(0.01)}` : upToTwo.format(value),
    /** `0.075`, `1.25`: what a price list must say exactly. */
    price: (value: number) => upToFour.format(value),
    /** `46`, `3.4`: tokens in a second. */
    rate: (value: number) => (value < 10 ? oneDecimal : integer).format(value),
    /** `500`, `220 k`, `1.5 M`: along an axis, where there is little room. */
    tick(value: number): string {
      if (value < 10_000) return upToTwo.format(value);
      return value < 1_000_000
        ? `${upToTwo.format(value / 1000)} k`
        : `${upToTwo.format(value / 1_000_000)} M`;
    },
    percent: (value: number) => percent.format(value / 100),
    time: (value: Date) => time.format(value),
    date: (iso: string) => date.format(new Date(iso)),
    dateTime: (iso: string) => dateTime.format(new Date(iso)),

    /** Clock time today, with the day in this year, else the whole date. */
    moment(iso: string, now: Date): string {
      const then = new Date(iso);
      if (then.toDateString() === now.toDateString()) return timeSeconds.format(then);
      const day = then.getFullYear() === now.getFullYear() ? dayOfYear.format(then) : date.format(then);
      return `${day}, ${time.format(then)}`;
    },

    /** The same where there is little room: `19.11. 14:34`; before this year the date alone. */
    shortMoment(iso: string, now: Date): string {
      const then = new Date(iso);
      if (then.toDateString() === now.toDateString()) return timeSeconds.format(then);
      if (then.getFullYear() !== now.getFullYear()) return dateShort.format(then);
      return `${dayShort.format(then)} ${time.format(then)}`;
    },

    /** "3 min ago" under a day, the date beyond. */
    ago(iso: string, now: Date): string {
      const passedMs = now.getTime() - new Date(iso).getTime();
      if (passedMs >= dayMs) return date.format(new Date(iso));
      if (passedMs >= hourMs) return relative.format(-Math.floor(passedMs / hourMs), 'hour');
      if (passedMs >= minuteMs) return relative.format(-Math.floor(passedMs / minuteMs), 'minute');
      return relative.format(0, 'second');
    },

    /** `420 ms`, `1.8 s`, `2 min 05 s`, which no line's end takes apart. */
    duration(ms: number | null): string {
      if (ms === null) return unknown;
      if (ms < 999.5) return `${integer.format(ms)}\u00a0ms`;
      if (ms < minuteMs) return `${oneDecimal.format(ms / 1000)}\u00a0s`;
      const seconds = Math.round(ms / 1000);
      return `${integer.format(Math.floor(seconds / 60))}\u00a0min\u00a0${String(seconds % 60).padStart(2, '0')}\u00a0s`;
    },

    countdown,
    timeLeft,
    /** Of an invitation: by the second within an hour, else by the minute. */
    untilEnd: (ms: number) => (ms <= hourMs ? countdown(ms) : timeLeft(ms / 1000)),

    /** `312`, `12.4 k`, `3.1 M` */
    count(value: number): string {
      if (value < 10_000) return integer.format(value);
      if (value < 999_950) return `${oneDecimal.format(value / 1000)}\u00a0k`;
      return `${oneDecimal.format(value / 1_000_000)}\u00a0M`;
    },

    /** `€12.40`, `< €0.01`; `currency` is an ISO 4217 code. */
    money,
    estimate,
    /** What numbers are typed with. */
    separators: separatorsOf(locale),

    fileSize,
    speed: (bytesPerSecond: number) => `${fileSize(bytesPerSecond)}/s`,
  };
}

function separatorsOf(locale: string): { readonly thousand: string; readonly decimal: string } {
  const parts = new Intl.NumberFormat(locale).formatToParts(1_234_567.5);
  const partOf = (type: string, usual: string): string =>
    parts.find((part) => part.type === type)?.value ?? usual;
  return { thousand: partOf('group', ','), decimal: partOf('decimal', '.') };
}
