/** What the palette finds, as plain data. */
export type Command = {
  readonly id: string;
  readonly kind: 'page' | 'act' | 'device' | 'model';
  readonly label: string;
  readonly run: () => void;
};

/** Pages, and the parts of them that have an address. */
export const places = [
  { name: 'home', path: '/' },
  { name: 'models', path: '/models' },
  { name: 'getModel', path: '/models/get' },
  { name: 'downloads', path: '/models/downloads' },
  { name: 'names', path: '/models/names' },
  { name: 'engines', path: '/models/engines' },
  { name: 'people', path: '/people' },
  { name: 'approve', path: '/approve' },
  { name: 'usage', path: '/usage' },
  { name: 'requests', path: '/log' },
  { name: 'live', path: '/usage/live' },
  { name: 'playground', path: '/playground' },
  { name: 'connect', path: '/connect' },
  { name: 'general', path: '/settings' },
  { name: 'routing', path: '/settings/routing' },
  { name: 'hours', path: '/settings/hours' },
  { name: 'privacy', path: '/settings/privacy' },
  { name: 'network', path: '/settings/network' },
  { name: 'security', path: '/settings/security' },
  { name: 'backup', path: '/settings/backup' },
  { name: 'exports', path: '/settings/exports' },
  { name: 'audit', path: '/settings/audit' },
  { name: 'health', path: '/health' },
] as const;

/** Only in the app's own window. */
export const appPlace = { name: 'app', path: '/settings/app' } as const;

/** More cannot be looked through by eye. */
const mostShown = 12;

/** Those that have every word somewhere in their label, such that begin with one first; all of them for no word. */
export function foundIn(commands: readonly Command[], text: string): readonly Command[] {
  const words = plain(text)
    .split(/\s+/u)
    .filter((word) => word !== '');
  const labelled = commands.map((command) => ({ command, label: plain(command.label) }));
  const fitting = labelled.filter(({ label }) => words.every((word) => label.includes(word)));
  const rank = (label: string): number => (words.some((word) => beginsWord(label, word)) ? 0 : 1);
  return fitting
    .toSorted((a, b) => rank(a.label) - rank(b.label))
    .slice(0, mostShown)
    .map(({ command }) => command);
}

function beginsWord(label: string, word: string): boolean {
  return label.startsWith(word) || label.includes(` ${word}`);
}

/** Without capitals and accents, so that `uber` finds “Über”. */
function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
