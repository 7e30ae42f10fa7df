import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';
import { appBridge } from '../app-bridge.ts';
import { Page } from '../parts/page.tsx';
import { PlaceTabs } from '../parts/place-tabs.tsx';
import { AuditView } from '../sections/audit-view.tsx';
import { BackupView } from '../sections/backup-view.tsx';
import { ExportsView } from '../sections/exports-view.tsx';
import { GeneralView } from '../sections/general-view.tsx';
import { HoursPanel } from '../sections/hours-panel.tsx';
import { NetworkView } from '../sections/network-view.tsx';
import { PrivacyView } from '../sections/privacy-view.tsx';
import { RoutingView } from '../sections/routing-view.tsx';
import { SecurityPanel } from '../sections/security-panel.tsx';
import { ThisAppView } from '../sections/this-app-view.tsx';
import { NotFoundPage } from './not-found.tsx';

const everywhere = [
  'general',
  'routing',
  'hours',
  'privacy',
  'network',
  'security',
  'backup',
  'exports',
  'audit',
] as const;
/** A browser has nothing to say of the app's window. */
const views = appBridge() === null ? everywhere : ([...everywhere, 'app'] as const);
type View = (typeof everywhere)[number] | 'app';

/** What the owner decides once: names and looks, who answers and when, what is kept, who comes in, and what is saved. */
export function SettingsPage(): ReactNode {
  const { t } = useTranslation();
  const { view: named } = useParams<{ view?: string }>();
  const view =
    named === undefined ? 'general' : views.find((known) => known === named && known !== 'general');
  if (view === undefined) return <NotFoundPage />;
  return (
    <Page title={t('settings.title')} lead={t(`settings.lead.${view}`)}>
      <PlaceTabs
        label={t('settings.places')}
        places={views.map((place) => ({
          path: place === 'general' ? '/settings' : `/settings/${place}`,
          label: t(`settings.place.${place}`),
        }))}
      />
      <ViewOf view={view} />
    </Page>
  );
}

function ViewOf({ view }: { readonly view: View }): ReactNode {
  switch (view) {
    case 'general':
      return <GeneralView />;
    case 'routing':
      return <RoutingView />;
    case 'hours':
      return <HoursPanel />;
    case 'privacy':
      return <PrivacyView />;
    case 'network':
      return <NetworkView />;
    case 'security':
      return <SecurityPanel />;
    case 'backup':
      return <BackupView />;
    case 'exports':
      return <ExportsView />;
    case 'audit':
      return <AuditView />;
    case 'app':
      return <ThisAppView />;
    default:
      return view satisfies never;
  }
}
