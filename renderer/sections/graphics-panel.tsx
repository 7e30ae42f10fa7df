import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Graphics, GraphicsCard } from '../../server/wire/graphics.ts';
import { currentLanguage } from '../i18n.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useGraphics } from '../queries-owner.ts';
import { useFormat } from '../use-format.ts';
import { GraphicsRemarks } from './graphics-remarks-note.tsx';
import styles from './graphics-panel.module.css';

/** What models are computed by, why not by something better, and the cards one by one. */
export function GraphicsPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useGraphics();
  return (
    <Panel title={t('graphics.title')}>
      <QueryView query={query}>{(graphics) => <GraphicsView graphics={graphics} />}</QueryView>
    </Panel>
  );
}

function GraphicsView({ graphics }: { readonly graphics: Graphics }): ReactNode {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { sentence, remarks, cards, driver } = graphics;
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>
        {sentence[language]} {driver !== null && t('graphics.driver', { driver })}
      </p>
      <GraphicsRemarks remarks={remarks} />
      {cards.map((card, index) => (
        <CardView key={`${card.name} ${index}`} card={card} />
      ))}
    </div>
  );
}

function CardView({ card }: { readonly card: GraphicsCard }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const size = (bytes: number | null): string =>
    bytes === null ? t('graphics.unknown') : format.fileSize(bytes);
  const { name, totalBytes, freeBytes, models, othersBytes, others } = card;
  const ours = models.map(({ model, bytes }) => (bytes === null ? model : `${model} (${size(bytes)})`));
  return (
    <section className={styles['card']}>
      <h3 className={styles['name']}>{name}</h3>
      <Facts>
        <Fact label={t('graphics.total')} value={size(totalBytes)} />
        <Fact label={t('graphics.free')} value={size(freeBytes)} />
        <Fact label={t('graphics.ours')} value={ours.length === 0 ? t('graphics.none') : ours.join(', ')} />
        <Fact
          label={t('graphics.others')}
          value={others.length === 0 ? size(othersBytes) : `${size(othersBytes)} (${others.join(', ')})`}
        />
      </Facts>
    </section>
  );
}
