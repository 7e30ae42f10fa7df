import type { ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './choice-links.module.css';

type ChoiceLinksProps = {
  readonly choices: readonly { readonly name: string; readonly href: string; readonly isCurrent: boolean }[];
};

/** Views of the same thing side by side, each with an address of its own; one of them is shown. */
export function ChoiceLinks({ choices }: ChoiceLinksProps): ReactNode {
  return (
    <ul className={styles['choices']}>
      {choices.map(({ name, href, isCurrent }) => (
        <li key={href}>
          <Link href={href} className={styles['choice'] ?? ''} aria-current={isCurrent ? 'true' : undefined}>
            {name}
          </Link>
        </li>
      ))}
    </ul>
  );
}
