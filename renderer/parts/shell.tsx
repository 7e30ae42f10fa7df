import { ChartColumn, Gauge, Package, Plug, Settings, Users, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import * as api from '../api.ts';
import type { LiveState } from '../live.ts';
import { useSessionChange } from '../queries.ts';
import { Brand } from './brand.tsx';
import { PreferencesMenu } from './preferences-menu.tsx';
import { StaleNotice } from './stale-notice.tsx';
import styles from './shell.module.css';

type Place = {
  readonly path: string;
  readonly key: string;
  readonly icon: LucideIcon;
  /** A page of its own that belongs to this place. */
  readonly also?: string;
};

const places = [
  { path: '/', key: 'home', icon: Gauge },
  { path: '/models', key: 'models', icon: Package },
  { path: '/people', key: 'people', icon: Users },
  // The log is the other half of what was used.
  { path: '/usage', key: 'usage', icon: ChartColumn, also: '/log' },
  { path: '/connect', key: 'connect', icon: Plug },
  { path: '/settings', key: 'settings', icon: Settings },
] as const satisfies readonly Place[];

type ShellProps = {
  readonly live: LiveState;
  readonly version: string | null;
  /** The app's own window is not signed in by password, so there is nothing to sign out of. */
  readonly canSignOut: boolean;
  /** What must be seen on every page. */
  readonly notices: ReactNode;
  readonly children: ReactNode;
};

/** Navigation and frame: at the left on a desk, a rail on a tablet, at the bottom on a phone. */
export function Shell({ live, version, canSignOut, notices, children }: ShellProps): ReactNode {
  const { t } = useTranslation();
  const signOut = useSessionChange(api.signOut);
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#main">
        {t('shell.skip')}
      </a>
      <header className={styles['brand']}>
        <Brand />
        <PreferencesMenu isSignedIn onSignOut={canSignOut ? () => signOut.mutate() : null} />
      </header>
      <nav className={styles['nav']} aria-label={t('shell.navigation')}>
        <ul className={styles['list']}>
          {places.map(({ path, key, icon, ...rest }) => (
            <li key={path}>
              <PlaceLink
                path={path}
                also={'also' in rest ? rest.also : null}
                label={t(`shell.${key}`)}
                shortLabel={t(`shell.short.${key}`)}
                icon={icon}
              />
            </li>
          ))}
        </ul>
        {version !== null && <p className={styles['version']}>{t('shell.version', { version })}</p>}
      </nav>
      <main id="main" tabIndex={-1} className={styles['main']}>
        <StaleNotice live={live} />
        {notices}
        {children}
      </main>
    </div>
  );
}

type PlaceLinkProps = {
  readonly path: string;
  readonly also: string | null;
  readonly label: string;
  /** Where the navigation is narrow. */
  readonly shortLabel: string;
  readonly icon: LucideIcon;
};

function PlaceLink({ path, also, label, shortLabel, icon: Icon }: PlaceLinkProps): ReactNode {
  const [location] = useLocation();
  const isHere = location === path || location === also || (path !== '/' && location.startsWith(`${path}/`));
  return (
    <Link href={path} className={styles['link'] ?? ''} aria-current={isHere ? 'page' : undefined}>
      <Icon size={20} aria-hidden />
      <span className={styles['label']}>{label}</span>
      <span className={styles['shortLabel']}>{shortLabel}</span>
    </Link>
  );
}
