import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import type { EngineLogLine, EngineState } from '../../server/wire/engine.ts';
import { restartEngine, stopEngine } from '../api-engine.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useEngine, useEngineChange, useModelUse } from '../queries-models.ts';
import { useModels, useStatus } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './engine-panel.module.css';
import layout from './settings.module.css';

/** The engine that Inglenook brings along, as a whole: its models have their own cards. */
export function EnginePanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('engine.title')}>
      <QueryView query={useEngine()}>{(engine) => <EngineBody engine={engine} />}</QueryView>
    </Panel>
  );
}

type EngineProps = { readonly engine: EngineState };

function EngineBody({ engine }: EngineProps): ReactNode {
  const { t } = useTranslation();
  const restart = useEngineChange(restartEngine);
  const stop = useEngineChange(stopEngine);
  const [asked, setAsked] = useState<'restart' | 'stop' | null>(null);
  const { loaded, version, lines } = engine;
  const change = asked === 'stop' ? stop : restart;
  const isIdle = loaded.length === 0;
  return (
    <div className={layout['body']}>
      <Facts>
        <Fact label={t('engine.version')} value={version} />
        <Fact label={t('engine.loaded')} value={isIdle ? t('engine.none') : loaded.join(', ')} />
        <RunningFacts loaded={loaded} />
      </Facts>
      <LastError engine={engine} />
      <div className={layout['ways']}>
        <Button variant="default" disabled={isIdle} onClick={() => setAsked('restart')}>
          {t('engine.restart')}
        </Button>
        <Button variant="default" disabled={isIdle} onClick={() => setAsked('stop')}>
          {t('engine.stop')}
        </Button>
      </div>
      {isIdle && <p className={layout['second']}>{t('engine.idleMeans')}</p>}
      {restart.error !== null && asked === null && <ErrorNote error={restart.error} />}
      {stop.error !== null && asked === null && <ErrorNote error={stop.error} />}
      <Fold label={t('engine.log', { count: lines.length })}>
        {lines.length === 0 ? (
          <p className={layout['second']}>{t('engine.logEmpty')}</p>
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
          <ul className={styles['log']} aria-label={t('engine.logLabel')} tabIndex={0}>
            {lines.toReversed().map((line, index) => (
              // Two lines may be the same in all their parts.
              // oxlint-disable-next-line react/no-array-index-key
              <LogLine key={index} line={line} />
            ))}
          </ul>
        )}
      </Fold>
      <ConfirmDialog
        title={t(asked === 'stop' ? 'engine.stopTitle' : 'engine.restartTitle')}
        sentence={t(asked === 'stop' ? 'engine.stopSentence' : 'engine.restartSentence')}
        confirm={t(asked === 'stop' ? 'engine.stop' : 'engine.restart')}
        isOpen={asked !== null}
        isBusy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate(undefined, { onSuccess: () => setAsked(null) })}
        onClose={() => setAsked(null)}
      />
    </div>
  );
}

/** What its models do now, together. */
function RunningFacts({ loaded }: { readonly loaded: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const useOf = useModelUse();
  const queues = useStatus().data?.queues ?? [];
  const models = (useModels().data ?? []).filter(({ id }) => loaded.includes(id));
  const [first] = models;
  if (first === undefined) return null;
  const sum = (of: (model: WireModel) => number | null): number =>
    models.reduce((total, model) => total + (of(model) ?? 0), 0);
  const isOurs = ({ engine, model }: (typeof queues)[number]): boolean =>
    engine === first.engine && (model === null || loaded.includes(model));
  const waiting = queues.filter(isOurs).reduce((total, queue) => total + queue.waiting, 0);
  const memoryBytes = sum(({ memory }) => memory.measuredBytes);
  const since = models.flatMap(({ readySinceMs }) =>
    typeof readySinceMs === 'number' ? [readySinceMs] : [],
  );
  const speeds = models.flatMap(({ id }) => {
    const speed = useOf?.(id).tokensPerSecond ?? null;
    return speed === null ? [] : [t('engine.speedOf', { model: id, speed: format.rate(speed) })];
  });
  return (
    <>
      <Fact
        label={t('engine.busy')}
        value={t('engine.busyOf', {
          active: sum(({ activeSlots }) => activeSlots),
          count: sum(({ slots }) => slots),
        })}
      />
      <Fact label={t('engine.waiting')} value={format.integer(waiting)} />
      {speeds.length > 0 && <Fact label={t('engine.speed')} value={speeds.join(', ')} />}
      {memoryBytes > 0 && <Fact label={t('engine.memory')} value={format.fileSize(memoryBytes)} />}
      {since.length > 0 && (
        <Fact
          label={t('engine.since')}
          value={format.timeLeft(Math.max(60, (now.getTime() - Math.min(...since)) / 1000))}
        />
      )}
    </>
  );
}

function LastError({ engine: { lastError } }: EngineProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (lastError === null) return <Note tone="ok">{t('engine.noError')}</Note>;
  const { time, model, message, error } = lastError;
  return (
    <Note tone="attention">
      <p>
        {t('engine.lastError', { time: format.moment(time, now), model: model ?? '' })} {message}
      </p>
      {error !== null && <p className={layout['code']}>{error}</p>}
    </Note>
  );
}

function LogLine({ line }: { readonly line: EngineLogLine }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={styles['line']} data-level={line.level}>
      <span>{format.dateTime(line.time)}</span> <strong>{t(`engine.level.${line.level}`)}</strong>{' '}
      <span>{line.model}</span> {line.message} {line.error}
    </li>
  );
}
