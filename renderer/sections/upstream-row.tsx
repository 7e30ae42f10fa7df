import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpstreamRecord } from '../../server/wire/upstreams.ts';
import { testUpstream } from '../api-engines.ts';
import { Chip } from '../parts/chip.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { UpstreamState } from '../parts/state-word.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useLeftOffice, useUpstreamChange } from '../queries-engines.ts';
import { useFormat, useNow } from '../use-format.ts';
import { ModelCheckView } from './model-check-view.tsx';
import styles from './ollama-panel.module.css';
import { ConnectionActions } from './connection-actions.tsx';

type UpstreamRowProps = {
  readonly upstream: UpstreamRecord;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
};

/** One server: whether it answers, what it has, and what has gone out to it. */
export function UpstreamRow({ upstream, onEdit, onRemove }: UpstreamRowProps): ReactNode {
  const { t } = useTranslation();
  const test = useUpstreamChange(testUpstream);
  const { id, name, kind, state, reason, isAway, mayLeave, models } = upstream;
  const isOnlyAway = state === 'ready' && isAway;
  return (
    <li className={styles['row']}>
      <div className={styles['rowHead']}>
        <div className={styles['rowWhat']}>
          <h3 className={styles['name']}>{name}</h3>
          <output>
            <UpstreamState state={isOnlyAway ? 'away' : state} />
          </output>
          <Chip tone="quiet">{t(`engines.kind.${kind}`)}</Chip>
          {mayLeave && <Chip title={t('engines.mayLeaveMeans')}>{t('engines.outside')}</Chip>}
        </div>
        <div className={styles['ways']}>
          <ConnectionActions
            name={name}
            isTesting={test.isPending}
            onTest={() => test.mutate(id)}
            onEdit={onEdit}
            onRemove={onRemove}
          />
        </div>
      </div>
      {reason !== null && (
        <Note tone="attention">
          <ServerSaid said={reason} />
        </Note>
      )}
      {isOnlyAway && <Note tone="attention">{t('engines.away')}</Note>}
      <Pauses pauses={upstream.pauses} />
      <UpstreamFacts upstream={upstream} />
      {models.length > 0 && (
        <Fold label={t('engines.models', { count: models.length })}>
          <UpstreamModels engine={name} models={models} />
        </Fold>
      )}
      <LeftOfficeSentence name={name} />
      {test.error !== null && <ErrorNote error={test.error} />}
    </li>
  );
}

/** Some servers have hundreds; each of the first has what is known of its tools. */
const mostWithTools = 20;

function UpstreamModels({
  engine,
  models,
}: {
  readonly engine: string;
  readonly models: readonly string[];
}): ReactNode {
  const others = models.slice(mostWithTools);
  return (
    <>
      <ul className={styles['list']}>
        {models.slice(0, mostWithTools).map((model) => (
          <li key={model} className={styles['row']}>
            <span className={styles['name']}>{model}</span>
            <ModelCheckView model={model} engine={engine} />
          </li>
        ))}
      </ul>
      {others.length > 0 && <p className={styles['more']}>{others.join(', ')}</p>}
    </>
  );
}

/** Models that only failed: since nothing is sent to them for a while, the owner is told until when. */
function Pauses({ pauses }: Pick<UpstreamRecord, 'pauses'>): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return pauses.map(({ model, until }) => (
    <Note key={model} tone="attention">
      {t('engines.paused', { model, time: format.moment(until, now) })}
    </Note>
  ));
}

function UpstreamFacts({ upstream }: { readonly upstream: UpstreamRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { url, hasKey, slots, checkedAt, latencyMs, models } = upstream;
  return (
    <Facts>
      <Fact label={t('ollama.address')} value={url} />
      <Fact label={t('engines.modelCount')} value={format.integer(models.length)} />
      <Fact
        label={t('engines.slots')}
        value={slots === null ? t('engines.slotsUsual') : format.integer(slots)}
      />
      <Fact label={t('engines.key')} value={t(hasKey ? 'engines.keyKept' : 'engines.keyNone')} />
      {checkedAt !== null && (
        <Fact
          label={t('engines.checked')}
          value={
            latencyMs === null
              ? format.ago(checkedAt, now)
              : t('engines.checkedIn', { when: format.ago(checkedAt, now), time: format.duration(latencyMs) })
          }
          title={format.dateTime(checkedAt)}
        />
      )}
    </Facts>
  );
}

const mostKeys = 3;

/** What went out to it, as far back as the log reaches, and by whom. */
function LeftOfficeSentence({ name }: { readonly name: string }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const left = (useLeftOffice().data ?? []).filter(({ engine }) => engine === name);
  if (left.length === 0) return null;
  const requests = left.reduce((sum, one) => sum + one.requests, 0);
  const tokens = left.reduce((sum, one) => sum + one.promptTokens, 0);
  const keys = left
    .slice(0, mostKeys)
    .map(({ key, requests: count }) => `${key ?? t('engines.someKey')} ${format.integer(count)}`);
  const more = left.length > mostKeys ? ', …' : '';
  return (
    <p className={styles['more']}>
      {t('engines.left', { count: requests, tokens: format.count(tokens), keys: keys.join(', ') + more })}
    </p>
  );
}
