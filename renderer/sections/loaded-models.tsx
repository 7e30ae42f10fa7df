import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import { StarterBadge } from '../parts/model-badge.tsx';
import { LoadProgress, ModelFacts } from '../parts/model-facts.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { ModelState } from '../parts/state-word.tsx';
import { isLoaded, useModels } from '../queries.ts';
import styles from './loaded-models.module.css';

/** The models in this computer's memory, and those that failed; a server elsewhere has its row among the engines. */
export function LoadedModels(): ReactNode {
  const { t } = useTranslation();
  const query = useModels();
  return (
    <QueryView query={query}>
      {(models) => {
        const shown = models.filter(
          (model) => model.source !== 'upstream' && (isLoaded(model) || model.state === 'failed'),
        );
        if (shown.length === 0) {
          return (
            <p className={styles['none']}>{t(models.length === 0 ? 'models.empty' : 'home.noneLoaded')}</p>
          );
        }
        return (
          <ul className={styles['list']}>
            {shown.map((model) => (
              <LoadedModel key={model.id} model={model} />
            ))}
          </ul>
        );
      }}
    </QueryView>
  );
}

function LoadedModel({ model }: { readonly model: WireModel }): ReactNode {
  return (
    <li className={styles['model']}>
      <div className={styles['head']}>
        <span className={styles['name']}>{model.id}</span>
        <ModelState state={model.state} />
      </div>
      {model.source === 'starter' && (
        <div>
          <StarterBadge />
        </div>
      )}
      <LoadProgress model={model} />
      {model.reason !== null && <ServerSaid said={model.reason} className={styles['reason']} />}
      {(model.state === 'ready' || model.state === 'busy') && <ModelFacts model={model} />}
    </li>
  );
}
