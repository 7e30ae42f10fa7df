import { Button } from '@mantine/core';
import { Package, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { RemovedModel, WireModel } from '../../server/wire/admin.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useModelUse } from '../queries-models.ts';
import { useAliases, useModels } from '../queries.ts';
import styles from './local-models-view.module.css';
import { ModelCard } from './model-card.tsx';
import { ModelSettingsDialog } from './model-settings-dialog.tsx';
import { RemoveModelDialog } from './remove-model-dialog.tsx';
import { RemovedNote } from './removed-note.tsx';

/** The models that the built-in engine runs; those of other engines are shown with their engine. */
export function LocalModelsView(): ReactNode {
  const { t } = useTranslation();
  const query = useModels();
  const aliases = useAliases().data;
  const useOf = useModelUse();
  const [settingId, setSettingId] = useState<string | null>(null);
  const [leavingId, setLeavingId] = useState<string | null>(null);
  const [removed, setRemoved] = useState<RemovedModel | null>(null);
  const find = (id: string | null) => query.data?.find((model) => model.id === id) ?? null;
  return (
    <>
      <RemovedNote removed={removed} onClose={() => setRemoved(null)} />
      <QueryView query={query}>
        {(all) => {
          const models = all.filter(isOurs);
          return models.length === 0 ? (
            <EmptyNote
              isCard
              icon={<Package size={28} />}
              sentence={t('models.empty')}
              action={
                <Button component={Link} href="/models/get" leftSection={<Plus size={16} aria-hidden />}>
                  {t('models.getOne')}
                </Button>
              }
            />
          ) : (
            <ul className={styles['list']}>
              {models.map((model) => (
                <ModelCard
                  key={model.id}
                  model={model}
                  aliases={aliases}
                  use={useOf?.(model.id)}
                  canUseTools={model.header?.canUseTools ?? null}
                  onSettings={() => setSettingId(model.id)}
                  onRemove={() => {
                    setRemoved(null);
                    setLeavingId(model.id);
                  }}
                />
              ))}
            </ul>
          );
        }}
      </QueryView>
      <ModelSettingsDialog model={find(settingId)} onClose={() => setSettingId(null)} />
      <RemoveModelDialog model={find(leavingId)} onRemoved={setRemoved} onClose={() => setLeavingId(null)} />
    </>
  );
}

function isOurs({ source }: WireModel): boolean {
  return source !== 'ollama' && source !== 'upstream';
}
