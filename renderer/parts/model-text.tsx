import { Anchor } from '@mantine/core';
import { ExternalLink, Image } from 'lucide-react';
import {
  Children,
  createContext,
  isValidElement,
  memo,
  useContext,
  useMemo,
  type ComponentPropsWithoutRef,
  type ReactNode,
} from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { blocksOf } from '../playground/blocks.ts';
import { isTooDeep, limitTree } from '../playground/limit-tree.ts';
import { destinationOf, type Destination } from '../playground/links.ts';
import { CodeColors } from './code-colors.tsx';
import styles from './model-text.module.css';

/** Where a link of the text would lead: nothing is opened before that was shown. */
export const LinkContext = createContext<(destination: Destination) => void>(() => undefined);

/** A longer piece is shown as it is: reading it again with each word would hold up the page. */
const mostBlockCharacters = 20_000;

/**
 * What a model has written, as Markdown. It may write anything, so nothing of it is markup of ours: HTML stays text,
 * pictures are links, links lead nowhere by themselves, and what breaks the reading of it is shown as plain text.
 */
export function ModelText({ text }: { readonly text: string }): ReactNode {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className={styles['text']} dir="auto">
      {blocks.map((block, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a text only grows at its end
        <Block key={index} text={block} />
      ))}
    </div>
  );
}

const Block = memo(function OneBlock({ text }: { readonly text: string }): ReactNode {
  const plain = <p className={styles['plain']}>{text}</p>;
  if (text.length > mostBlockCharacters || isTooDeep(text)) return plain;
  return (
    <ErrorBoundary resetKeys={[text]} fallback={plain}>
      <Markdown remarkPlugins={plugins} components={components} urlTransform={asWritten}>
        {text}
      </Markdown>
    </ErrorBoundary>
  );
});

const plugins = [remarkGfm, limitTree];

/** Links are judged where they are drawn. */
const asWritten = (url: string): string => url;

const heading =
  (level: number) =>
  ({ children }: { readonly children?: ReactNode }): ReactNode =>
    (
      // The page has headings of its own; a model's would stand anywhere among them.
      <p className={styles['heading']} data-level={level}>
        {children}
      </p>
    );

const components: Components = {
  h1: heading(1),
  h2: heading(2),
  h3: heading(3),
  h4: heading(4),
  h5: heading(5),
  h6: heading(6),
  a: ({ href, children }) => <ModelLink href={href}>{children}</ModelLink>,
  img: ({ src, alt }) => <ModelImage src={typeof src === 'string' ? src : undefined} alt={alt} />,
  // Of a list of tasks.
  input: ({ checked }) => <span>{checked === true ? '☑ ' : '☐ '}</span>,
  // Footnotes bear ids, which would be there once more in the next answer.
  li: ({ children, className }) => <li className={className}>{children}</li>,
  pre: CodeBlock,
  table: WideTable,
  // A heading of nothing tells nothing.
  th: ({ children, style }) =>
    Children.count(children) === 0 ? <td style={style}>{children}</td> : <th style={style}>{children}</th>,
};

function ModelLink(props: { readonly href: string | undefined; readonly children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const open = useContext(LinkContext);
  const destination = destinationOf(props.href, location.origin);
  if (destination === null) return <span>{props.children}</span>;
  return (
    <Anchor
      component="button"
      type="button"
      inherit
      underline="always"
      className={styles['link'] ?? ''}
      onClick={() => open(destination)}
    >
      {props.children}
      <ExternalLink
        size={14}
        className={styles['mark']}
        role="img"
        aria-label={t('playground.leadsTo', { host: destination.host })}
      />
    </Anchor>
  );
}

/** To load it would tell somebody else that this answer is being read. */
function ModelImage(props: {
  readonly src: string | undefined;
  readonly alt: string | undefined;
}): ReactNode {
  const { t } = useTranslation();
  const name = props.alt === undefined || props.alt === '' ? t('playground.image') : props.alt;
  return (
    <ModelLink href={props.src}>
      <Image size={14} aria-hidden className={styles['mark']} /> {t('playground.imageOf', { name })}
    </ModelLink>
  );
}

function CodeBlock({ children }: ComponentPropsWithoutRef<'pre'>): ReactNode {
  const { t } = useTranslation();
  const code = isValidElement<{ className?: string; children?: ReactNode }>(children) ? children.props : {};
  const language = /language-([\w+#.-]+)/.exec(code.className ?? '')?.[1];
  const text = typeof code.children === 'string' ? code.children.replace(/\n$/, '') : '';
  return (
    // It scrolls, so the keyboard must be able to reach it. Code is read from the left whatever stands around it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles['scroller']} tabIndex={0} role="group" aria-label={t('playground.code')} dir="ltr">
      <pre className={styles['code']}>
        <CodeColors code={text} language={language} />
      </pre>
    </div>
  );
}

function WideTable({ children }: ComponentPropsWithoutRef<'table'>): ReactNode {
  const { t } = useTranslation();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles['scroller']} tabIndex={0} role="group" aria-label={t('playground.table')}>
      <table className={styles['table']}>{children}</table>
    </div>
  );
}
