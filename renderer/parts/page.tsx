import { useEffect, useRef, type ReactNode } from 'react';
import styles from './page.module.css';

type PageProps = {
  readonly title: string;
  /** A sentence under the title. */
  readonly lead?: ReactNode;
  readonly action?: ReactNode;
  readonly children: ReactNode;
};

let shownPath: string | null = null;

/** A page has one h1. On moving to it the h1 takes the focus, so that a screen reader says where one is. */
export function Page({ title, lead, action, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = `${title} – Inglenook`;
  }, [title]);

  useEffect(() => {
    const isNext = shownPath !== null && shownPath !== location.pathname;
    shownPath = location.pathname;
    if (!isNext) return;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);

  return (
    <>
      <header className={styles['header']}>
        <div className={styles['titles']}>
          <h1 ref={heading} tabIndex={-1} className={styles['title']}>
            {title}
          </h1>
          {lead !== undefined && <div className={styles['lead']}>{lead}</div>}
        </div>
        {action}
      </header>
      <div className={styles['content']}>{children}</div>
    </>
  );
}
