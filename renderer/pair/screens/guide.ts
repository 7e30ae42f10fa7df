import type { Redeemed } from '../../../server/wire/pairing.ts';
import { copyBlock, copyField } from '../copy.ts';
import { h } from '../dom.ts';
import { systemOf } from '../this-device.ts';
import { guideSentence } from '../words.ts';

export type Guide = Redeemed['guides'][number];
type Step = Guide['steps'][number];
type Paths = NonNullable<Step['paths']>;

/** Said once for the whole page. */
const saidAlready = new Set(['connect.note.testModel', 'connect.note.plain']);

/** How one tool is set up: what to know, then numbered steps with what to copy. */
export function guideElement(guide: Guide): HTMLElement {
  const notes = guide.notes.filter((note) => !saidAlready.has(note)).map((note) => guideSentence(note));
  const steps = guide.steps.map((step) => h('li', {}, ...stepParts(step)));
  return h(
    'section',
    { class: 'stack', 'aria-labelledby': 'guide' },
    h('h2', { id: 'guide' }, guide.title),
    notes.length === 0 ? null : notesElement(notes, guide.availability),
    steps.length === 0 ? null : h('ol', { class: 'steps' }, ...steps),
  );
}

/** What stands in the way is said loudly; what is merely not there yet is not. */
function notesElement(notes: readonly string[], availability: Guide['availability']): HTMLElement {
  const lines = notes.map((text) => h('p', {}, text));
  const look = availability === 'ready' ? 'muted small' : 'attention';
  return h('div', { class: `stack-tight ${look}` }, ...lines);
}

function stepParts({ textKey, values, paths, snippet }: Step): HTMLElement[] {
  const sentence = guideSentence(textKey, values);
  const label = sentence.replace(/:$/, '');
  // A field to fill in has its name as its label; a file is shown as it will look.
  if (snippet !== null && snippet.language === 'text' && paths === null)
    return [copyField(label, snippet.text)];
  return [
    h('p', {}, sentence),
    ...(paths === null ? [] : [pathList(paths)]),
    ...(snippet === null ? [] : [copyBlock(label, snippet.text)]),
  ];
}

const systemNames = { linux: 'Linux', mac: 'macOS', windows: 'Windows' } as const;
const systems = ['windows', 'mac', 'linux'] as const;

/** Where the file is: on this computer's system first, one line where several systems agree. */
function pathList(paths: Paths): HTMLElement {
  const own = systemOf(navigator.userAgent);
  const ordered = own === null ? systems : [own, ...systems.filter((system) => system !== own)];
  const byPath = new Map<string, string[]>();
  for (const system of ordered) {
    const names = byPath.get(paths[system]) ?? [];
    byPath.set(paths[system], [...names, systemNames[system]]);
  }
  return h(
    'dl',
    { class: 'paths' },
    ...[...byPath].map(([path, names]) =>
      h('div', {}, h('dt', {}, names.join(', ')), h('dd', {}, h('code', { class: 'mono' }, path))),
    ),
  );
}
