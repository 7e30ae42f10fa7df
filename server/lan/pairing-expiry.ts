const hourMs = 3_600_000;

type WallTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
};

/**
 * Friday 18:00 on the clocks of the time zone, whatever daylight saving does on the way: when a guest's key ends.
 * Never less than an hour away, so that a guest of Friday evening gets the week that follows.
 */
export function nextFridayEvening(nowMs: number, timeZone: string): number {
  const today = wallTime(nowMs, timeZone);
  const weekday = new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay();
  const daysToFriday = (5 - weekday + 7) % 7;
  const friday = { ...today, day: today.day + daysToFriday, hour: 18 };
  const thisFridayMs = fromWallTime(friday, timeZone);
  if (thisFridayMs - nowMs >= hourMs) return thisFridayMs;
  return fromWallTime({ ...friday, day: friday.day + 7 }, timeZone);
}

/**
 * The moment at which clocks in the zone show this. The first guess takes the time for UTC, the second corrects
 * it by how far the zone is from UTC then, the third by what that correction may have jumped over.
 */
function fromWallTime({ year, month, day, hour }: WallTime, timeZone: string): number {
  const wantedMs = Date.UTC(year, month - 1, day, hour);
  const guessMs = wantedMs - offsetMs(wantedMs, timeZone);
  return wantedMs - offsetMs(guessMs, timeZone);
}

/** How far the zone's clocks are ahead of UTC at that moment, to the minute. */
function offsetMs(timeMs: number, timeZone: string): number {
  const parts = partsOf(timeMs, timeZone);
  const shownMs = Date.UTC(parts('year'), parts('month') - 1, parts('day'), parts('hour'), parts('minute'));
  return shownMs - Math.floor(timeMs / 60_000) * 60_000;
}

function wallTime(timeMs: number, timeZone: string): WallTime {
  const parts = partsOf(timeMs, timeZone);
  return { year: parts('year'), month: parts('month'), day: parts('day'), hour: parts('hour') };
}

function partsOf(timeMs: number, timeZone: string): (type: Intl.DateTimeFormatPartTypes) => number {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const parts = format.formatToParts(timeMs);
  return (type) => Number(parts.find((part) => part.type === type)?.value);
}
