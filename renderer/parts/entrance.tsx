import type { ReactNode } from 'react';
import { Brand } from './brand.tsx';
import { PreferencesMenu } from './preferences-menu.tsx';
import styles from './entrance.module.css';

/** The frame of what is seen before sign-in: one card in the middle. */
export function Entrance({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className={styles['entrance']}>
      <header className={styles['bar']}>
        <Brand />
        <PreferencesMenu onSignOut={null} />
      </header>
      <main className={styles['main']}>
        <div className={styles['card']}>{children}</div>
      </main>
    </div>
  );
}
