import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';
import { addSentences } from '../i18n.ts';
import networkDe from '../locales/network.de.json';
import networkEn from '../locales/network.en.json';
import de from '../locales/settings.de.json';
import en from '../locales/settings.en.json';
import { Page } from '../parts/page.tsx';
import { PlaceTabs } from '../parts/place-tabs.tsx';
import { AuditView } from '../sections/audit-view.tsx';
import { BackupView } from '../sections/backup-view.tsx';
import { ExportsView } from '../sections/exports-view.tsx';
import { NetworkView } from '../sections/network-view.tsx';
import { PrivacyView } from '../sections/privacy-view.tsx';
import { SecurityPanel } from '../sections/security-panel.tsx';
import { NotFoundPage } from './not-found.tsx';

const views = ['privacy', 'network', 'security', 'backup', 'exports', 'audit'] as const;
type View = (typeof views)[number];

addSentences({ en, de });
addSentences({ en: networkEn, de: networkDe });

/** What is kept and for how long, how it is kept safe, where it goes besides, and who did what. */
export function SettingsPage(): ReactNode {
  const { t } = useTranslation();
  const { view: named } = useParams<{ view?: string }>();
  const view =
    named === undefined ? 'privacy' : views.find((known) => known === named && known !== 'privacy');
  if (view === undefined) return <NotFoundPage />;
  return (
    <Page title={t('settings.title')} lead={t(`settings.lead.${view}`)}>
      <PlaceTabs
        label={t('settings.places')}
        places={views.map((place) => ({
          path: place === 'privacy' ? '/settings' : `/settings/${place}`,
          label: t(`settings.place.${place}`),
        }))}
      />
      <ViewOf view={view} />
    </Page>
  );
}

function ViewOf({ view }: { readonly view: View }): ReactNode {
  switch (view) {
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
    default:
      return view satisfies never;
  }
}
