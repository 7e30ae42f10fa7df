/** Pages of the console that a link may open. Whatever it says besides is not looked at. */
const places: Readonly<Record<string, string>> = {
  home: '/console/',
  models: '/console/models',
  people: '/console/people',
  usage: '/console/usage',
  connect: '/console/connect',
  settings: '/console/settings',
  health: '/console/health',
};

export const linkScheme = 'inglenook';

/**
 * The page that a link leads to: `inglenook://open/models`. Anybody's page or document may hold such a link, so it only
 * ever opens the window, at a page of this list; every other link opens it where it was (''). Null for what is no link
 * of ours.
 */
export function placeOf(link: string): string | null {
  const parsed = link.length > 2_000 ? null : URL.parse(link);
  if (parsed?.protocol !== `${linkScheme}:`) return null;
  const name = parsed.hostname === 'open' ? parsed.pathname.slice(1).replace(/\/$/, '') : parsed.hostname;
  return Object.hasOwn(places, name) ? (places[name] ?? '') : '';
}

/** Windows and Linux hand the link over as an argument, among others of Chromium's. */
export function linkIn(argv: readonly string[]): string | null {
  return argv.find((argument) => argument.startsWith(`${linkScheme}:`)) ?? null;
}
