import { Button } from '@mantine/core';
import { Plus, Radar } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireNeighbour, WireNeighbourhood } from '../../server/wire/neighbours.ts';
import { currentLanguage } from '../i18n.ts';
import { Chip } from '../parts/chip.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useNeighbours } from '../queries-engines.ts';
import styles from './ollama-panel.module.css';
import { UpstreamDialog } from './upstream-dialog.tsx';

/** Other Inglenooks that announce themselves on the network. Looked for only while this is on the screen. */
export function NeighboursPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useNeighbours();
  const [chosen, setChosen] = useState<WireNeighbour | null>(null);
  return (
    <Panel title={t('neighbours.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('neighbours.lead')}</p>
        <QueryView
          query={query}
          waiting={<EmptyNote icon={<Radar size={28} />} sentence={t('neighbours.looking')} />}
        >
          {(seen) => <Neighbours seen={seen} onAdd={setChosen} />}
        </QueryView>
      </div>
      <UpstreamDialog subject={chosen} onClose={() => setChosen(null)} />
    </Panel>
  );
}

type NeighboursProps = {
  readonly seen: WireNeighbourhood;
  readonly onAdd: (neighbour: WireNeighbour) => void;
};

function Neighbours({ seen: { neighbours, problem }, onAdd }: NeighboursProps): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      {problem !== null && <Note tone="attention">{problem[currentLanguage()]}</Note>}
      {neighbours.length === 0 && problem === null && (
        <EmptyNote icon={<Radar size={28} />} sentence={t('neighbours.empty')} />
      )}
      {neighbours.length > 0 && (
        <ul className={styles['list']}>
          {neighbours.map((neighbour) => (
            <li key={`${neighbour.name} ${neighbour.url}`} className={styles['row']}>
              <div className={styles['rowHead']}>
                <div className={styles['rowWhat']}>
                  <h3 className={styles['name']}>{neighbour.name}</h3>
                  <span className={styles['more']}>{neighbour.url}</span>
                </div>
                {neighbour.upstream === null ? (
                  <Button
                    variant="default"
                    size="xs"
                    leftSection={<Plus size={16} aria-hidden />}
                    aria-label={t('neighbours.addWhat', { name: neighbour.name })}
                    onClick={() => onAdd(neighbour)}
                  >
                    {t('neighbours.add')}
                  </Button>
                ) : (
                  <Chip tone="quiet">{t('neighbours.added', { name: neighbour.upstream })}</Chip>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
