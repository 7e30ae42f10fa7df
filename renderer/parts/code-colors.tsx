import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import cpp from 'highlight.js/lib/languages/cpp';
import java from 'highlight.js/lib/languages/java';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { Fragment, memo, type ReactNode } from 'react';
import styles from './code-colors.module.css';

const languages = { bash, cpp, java, json, python, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
// All JavaScript is TypeScript as well, and one of the two rule books is enough.
hljs.registerAliases(['javascript', 'js', 'jsx', 'mjs', 'cjs'], { languageName: 'typescript' });

/** Longer code is shown in one colour: telling its parts apart would hold up the page. */
const mostCharacters = 20_000;

type CodeColorsProps = { readonly code: string; readonly language: string | undefined };

/** Code with its parts in colours. What it says becomes text and never markup, whatever it is. */
export const CodeColors = memo(function ColoredCode({ code, language }: CodeColorsProps): ReactNode {
  const isKnown = language !== undefined && hljs.getLanguage(language) !== undefined;
  if (!isKnown || code.length > mostCharacters) return code;
  try {
    const { _emitter: emitter } = hljs.highlight(code, { language, ignoreIllegals: true });
    return drawn((emitter as unknown as Emitter).rootNode);
  } catch {
    return code;
  }
});

/** What the library itself makes HTML of; with it no HTML is needed. */
type Emitter = { readonly rootNode: Part };
type Part = { readonly scope?: string; readonly children: readonly (Part | string)[] };

/** `title.function` is one of the titles. */
const kinds = {
  keyword: styles['keyword'],
  built_in: styles['name'],
  type: styles['name'],
  title: styles['name'],
  tag: styles['keyword'],
  name: styles['keyword'],
  attr: styles['attribute'],
  attribute: styles['attribute'],
  property: styles['attribute'],
  string: styles['text'],
  regexp: styles['text'],
  number: styles['value'],
  literal: styles['value'],
  symbol: styles['value'],
  variable: styles['value'],
  comment: styles['comment'],
  meta: styles['comment'],
} as const satisfies Record<string, string | undefined>;

function drawn({ scope, children }: Part): ReactNode {
  const inside = children.map((child, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- the parts of a text are what they are by their place
    <Fragment key={index}>{typeof child === 'string' ? child : drawn(child)}</Fragment>
  ));
  const [kind = ''] = (scope ?? '').split('.');
  const className = Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : undefined;
  return className === undefined ? inside : <span className={className}>{inside}</span>;
}
