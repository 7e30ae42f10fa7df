import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';
import { Page } from '../parts/page.tsx';
import { PlaceTabs } from '../parts/place-tabs.tsx';
import { useUnknownNames } from '../queries-engines.ts';
import { useDownloads } from '../queries.ts';
import { DownloadsView } from '../sections/downloads-view.tsx';
import { EnginesView } from '../sections/engines-view.tsx';
import { GetModelView } from '../sections/get-model-view.tsx';
import { LocalModelsView } from '../sections/local-models-view.tsx';
import { NamesView } from '../sections/names-view.tsx';
import { NotFoundPage } from './not-found.tsx';

const views = ['here', 'get', 'downloads', 'names', 'engines'] as const;
type View = (typeof views)[number];

/** Which models there are, where to get another, by which names tools ask for them, and who else answers. */
export function ModelsPage(): ReactNode {
  const { t } = useTranslation();
  const { view: named } = useParams<{ view?: string }>();
  const view = named === undefined ? 'here' : views.find((known) => known === named && known !== 'here');
  const counts = useCounts();
  if (view === undefined) return <NotFoundPage />;
  return (
    <Page title={t('models.title')} lead={t(`models.lead.${view}`)}>
      <PlaceTabs
        label={t('models.places')}
        places={views.map((place) => ({
          path: place === 'here' ? '/models' : `/models/${place}`,
          label: t(`models.place.${place}`),
          ...(counts[place] === undefined ? {} : { count: counts[place] }),
        }))}
      />
      <ViewOf view={view} />
    </Page>
  );
}

/** What is going on, or waits for the owner, in each part. */
function useCounts(): Partial<Record<View, number>> {
  const downloads = useDownloads().data?.filter(({ endedMs }) => endedMs === null).length ?? 0;
  const names = useUnknownNames().data?.length ?? 0;
  return { ...(downloads > 0 ? { downloads } : {}), ...(names > 0 ? { names } : {}) };
}

function ViewOf({ view }: { readonly view: View }): ReactNode {
  switch (view) {
    case 'here':
      return <LocalModelsView />;
    case 'get':
      return <GetModelView />;
    case 'downloads':
      return <DownloadsView />;
    case 'names':
      return <NamesView />;
    case 'engines':
      return <EnginesView />;
    default:
      return view satisfies never;
  }
}
