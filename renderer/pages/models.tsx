import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';
import { Page } from '../parts/page.tsx';
import { PlaceTabs } from '../parts/place-tabs.tsx';
import { useDownloads } from '../queries.ts';
import { DownloadsView } from '../sections/downloads-view.tsx';
import { GetModelView } from '../sections/get-model-view.tsx';
import { LocalModelsView } from '../sections/local-models-view.tsx';
import { NotFoundPage } from './not-found.tsx';

const views = ['here', 'get', 'downloads'] as const;
type View = (typeof views)[number];

/** Which models are on this computer, where to get another, and what is on its way. */
export function ModelsPage(): ReactNode {
  const { t } = useTranslation();
  const { view: named } = useParams<{ view?: string }>();
  const view = named === undefined ? 'here' : views.find((known) => known === named && known !== 'here');
  const underWay = useDownloads().data?.filter(({ endedMs }) => endedMs === null).length ?? 0;
  if (view === undefined) return <NotFoundPage />;
  return (
    <Page title={t('models.title')} lead={t(`models.lead.${view}`)}>
      <PlaceTabs
        label={t('models.places')}
        places={[
          { path: '/models', label: t('models.place.here') },
          { path: '/models/get', label: t('models.place.get') },
          {
            path: '/models/downloads',
            label: t('models.place.downloads'),
            ...(underWay > 0 ? { count: underWay } : {}),
          },
        ]}
      />
      <ViewOf view={view} />
    </Page>
  );
}

function ViewOf({ view }: { readonly view: View }): ReactNode {
  switch (view) {
    case 'here':
      return <LocalModelsView />;
    case 'get':
      return <GetModelView />;
    case 'downloads':
      return <DownloadsView />;
    default:
      return view satisfies never;
  }
}
