import { isDeepStrictEqual } from 'node:util';
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type ToStringOptions,
} from 'yaml';
import { Untouched } from '../failures.ts';
import { isTree } from './json.ts';
import { eolOf } from './jsonc.ts';

/** @throws Untouched with the reason */
export function readYamlSettings(text: string): Document {
  const document = parseDocument(text.replace(/^\ufeff/, ''), { keepSourceTokens: false });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new Untouched(`it is no YAML: ${problem.message.split('\n')[0]?.replace(/:$/, '')}`);
  if (document.contents !== null && !isMap(document.contents) && document.toJS() !== null) {
    throw new Untouched('it holds no YAML map');
  }
  return document;
}

/** Every text of a document, changed. */
export function mapYamlTexts(text: string, change: (text: string) => string): string {
  const document = readYamlSettings(text);
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string') node.value = change(node.value);
    },
  });
  return document.toString({ lineWidth: 0 });
}

/**
 * Continue's `config.yaml` with our models in its list: each in place of the one with the same name and roles, else at the
 * end, so that somebody's own choice stays the first. Comments and everything else stay. @throws Untouched
 */
export function mergeContinue(existing: string | null, wanted: string): string {
  if (existing === null || existing.trim() === '') return wanted;
  const document = readYamlSettings(existing);
  const ours = readYamlSettings(wanted);
  const before: unknown = document.toJS();
  const eol = eolOf(existing);
  // Nothing but comments.
  if (!isTree(before)) return `${existing.trimEnd()}${eol}${wanted.replaceAll('\n', eol)}`;
  for (const [key, value] of Object.entries(ours.toJS() as Readonly<Record<string, unknown>>)) {
    if (key !== 'models' && before[key] === undefined) document.set(key, value);
  }
  setModels(document, ours);
  const after: unknown = document.toJS();
  if (isDeepStrictEqual(after, before)) return existing;
  const text = document.toString(styleOf(existing));
  if (!isDeepStrictEqual(readYamlSettings(text).toJS(), after)) {
    throw new Untouched('it is written in a way that this tool cannot change safely');
  }
  return (existing.startsWith('\ufeff') ? '\ufeff' : '') + text.replaceAll('\n', eol);
}

function setModels(document: Document, ours: Document): void {
  const models = document.get('models', true);
  const wanted = ours.get('models', true);
  if (models === undefined || (isScalar(models) && models.value === null))
    return document.set('models', wanted);
  if (!isSeq(models)) throw new Untouched('its “models” is no list');
  for (const node of isSeq(wanted) ? wanted.items : []) {
    const model = valueIn(ours, node);
    const index = models.items.findIndex((item) => nameOf(valueIn(document, item)) === nameOf(model));
    if (index === -1) models.add(node);
    else if (!isDeepStrictEqual(valueIn(document, models.items[index]), model)) models.items[index] = node;
  }
}

function valueIn(document: Document, node: unknown): unknown {
  return isNode(node) ? node.toJS(document) : node;
}

/** One name may have several roles, each an entry of its own. */
function nameOf(model: unknown): string | null {
  return isTree(model) ? JSON.stringify([model['name'], model['roles']]) : null;
}

/** So that what stays looks as it did. */
function styleOf(text: string): ToStringOptions {
  const indent = /^[\w"'-]+:[ \t]*(?:#[^\n]*)?\r?\n( +)[\w"']/m.exec(text)?.[1]?.length ?? 2;
  return {
    lineWidth: 0,
    indent: Math.min(8, Math.max(1, indent)),
    indentSeq: !/^[\w"'-]+:[ \t]*(?:#[^\n]*)?\r?\n- /m.test(text),
    flowCollectionPadding: countOf(text, /[[{] [^\s\]}]/g) > countOf(text, /[[{][^\s\]}]/g),
  };
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
