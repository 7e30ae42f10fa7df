import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import styles from './place-tabs.module.css';

type Place = {
  readonly path: string;
  readonly label: string;
  /** With what the part shall show, where that is in the address; else its path alone. */
  readonly href?: string;
  /** What is going on there, if anything is. */
  readonly count?: number;
};

/** The parts of a page that is too much for one: links, so that each has an address of its own. */
export function PlaceTabs({
  label,
  places,
}: {
  readonly label: string;
  readonly places: readonly Place[];
}): ReactNode {
  const [location] = useLocation();
  return (
    <nav aria-label={label}>
      <ul className={styles['tabs']}>
        {places.map(({ path, href = path, label: name, count }) => (
          <li key={path}>
            <Link
              href={href}
              className={styles['tab'] ?? ''}
              aria-current={location === path ? 'page' : undefined}
            >
              {name}
              {count !== undefined && <span className={styles['count']}>{count}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
