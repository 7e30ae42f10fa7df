import { Popover } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  ChartColumn,
  Ellipsis,
  Gauge,
  MessageSquare,
  Package,
  Plug,
  Settings,
  Users,
  type LucideIcon,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import * as api from '../api.ts';
import type { LiveState } from '../live.ts';
import { useSessionChange } from '../queries.ts';
import { Brand } from './brand.tsx';
import { HealthLink } from '../sections/health-link.tsx';
import { PreferencesMenu } from './preferences-menu.tsx';
import { ShellKeys } from '../sections/shell-keys.tsx';
import { StaleNotice } from './stale-notice.tsx';
import styles from './shell.module.css';

type Place = {
  readonly path: string;
  readonly key: string;
  readonly icon: LucideIcon;
  /** A page of its own that belongs to this place. */
  readonly also?: string;
  /** In the bar of a phone, where four have room: what is wanted away from the desk. */
  readonly isForPhones?: true;
};

const places = [
  { path: '/', key: 'home', icon: Gauge, isForPhones: true },
  { path: '/models', key: 'models', icon: Package },
  // Letting in from the phone is a part of it.
  { path: '/people', key: 'people', icon: Users, also: '/approve', isForPhones: true },
  // The log is the other half of what was used.
  { path: '/usage', key: 'usage', icon: ChartColumn, also: '/log', isForPhones: true },
  { path: '/playground', key: 'playground', icon: MessageSquare },
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
  const isPhone = useMediaQuery('(max-width: 639px)', false, { getInitialValueInEffect: false });
  const all: readonly KnownPlace[] = places;
  const shown = all.filter((place) => !isPhone || 'isForPhones' in place);
  return (
    <ShellKeys>
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
            {shown.map((place) => (
              <li key={place.path}>
                <PlaceLink place={place} />
              </li>
            ))}
            {isPhone && (
              <li>
                <MorePlaces places={all.filter((place) => !('isForPhones' in place))} live={live} />
              </li>
            )}
          </ul>
          {!isPhone && (
            <div className={styles['foot']}>
              <HealthLink live={live} className={styles['health']} />
              {version !== null && <p className={styles['version']}>{t('shell.version', { version })}</p>}
            </div>
          )}
        </nav>
        <main id="main" tabIndex={-1} className={styles['main']}>
          <StaleNotice live={live} />
          {notices}
          {children}
        </main>
      </div>
    </ShellKeys>
  );
}

type KnownPlace = (typeof places)[number];

function isAt(location: string, { path, ...rest }: KnownPlace): boolean {
  const also = 'also' in rest ? rest.also : null;
  return location === path || location === also || (path !== '/' && location.startsWith(`${path}/`));
}

function PlaceLink({ place }: { readonly place: KnownPlace }): ReactNode {
  const { t } = useTranslation();
  const [location] = useLocation();
  const { path, key, icon: Icon } = place;
  return (
    <Link
      href={path}
      className={styles['link'] ?? ''}
      aria-current={isAt(location, place) ? 'page' : undefined}
    >
      <Icon size={20} aria-hidden />
      <span className={styles['label']}>{t(`shell.${key}`)}</span>
      <span className={styles['shortLabel']}>{t(`shell.short.${key}`)}</span>
    </Link>
  );
}

type MorePlacesProps = { readonly places: readonly KnownPlace[]; readonly live: LiveState };

/** On a phone: the pages that have no room in the bar. */
function MorePlaces({ places: more, live }: MorePlacesProps): ReactNode {
  const { t } = useTranslation();
  const [location] = useLocation();
  const [isOpen, setIsOpen] = useState(false);
  const close = (): void => setIsOpen(false);
  const isHere = more.some((place) => isAt(location, place)) || location === '/health';
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="top-end"
      width={232}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={`${styles['link']} ${styles['more']}`}
          data-is-here={isHere || undefined}
          onClick={() => setIsOpen((was) => !was)}
        >
          <Ellipsis size={20} aria-hidden />
          <span>{t('shellMore.open')}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={styles['menu']}>
          {more.map((place) => (
            <li key={place.path}>
              <Link
                href={place.path}
                className={styles['menuLink'] ?? ''}
                onClick={close}
                aria-current={isAt(location, place) ? 'page' : undefined}
              >
                <place.icon size={20} aria-hidden />
                {t(`shell.${place.key}`)}
              </Link>
            </li>
          ))}
          <li>
            <HealthLink live={live} className={styles['menuLink']} onFollow={close} />
          </li>
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
