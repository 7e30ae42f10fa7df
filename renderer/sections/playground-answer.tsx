import { Button } from '@mantine/core';
import { Check, Code, Copy, RotateCw } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../parts/icon-button.tsx';
import { ModelText } from '../parts/model-text.tsx';
import { Note } from '../parts/note.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { modelBehind } from '../playground/choices.ts';
import { playground } from '../playground/open.ts';
import { tokensPerSecond, type Answer, type AnswerEnd, type Lane } from '../playground/talk.ts';
import { useAliases, useModels } from '../queries.ts';
import { copyShortcut, useCopy } from '../use-copy.ts';
import { useFormat } from '../use-format.ts';
import styles from './playground-answer.module.css';

type PlaygroundAnswerProps = {
  readonly lane: Lane;
  readonly answer: Answer;
  readonly isLast: boolean;
  readonly onCode: () => void;
};

/** What one model has said, how fast, and how it ended. */
export function PlaygroundAnswer({ lane, answer, isLast, onCode }: PlaygroundAnswerProps): ReactNode {
  const { t } = useTranslation();
  const { model, text, thoughts, end } = answer;
  const field = useRef<HTMLDivElement>(null);
  const { state, copy } = useCopy(text, field);
  return (
    <article className={styles['answer']} aria-label={model}>
      <strong className={styles['model']}>{model}</strong>
      {thoughts !== '' && (
        <details className={styles['thoughts']}>
          <summary>{t('playground.thoughts')}</summary>
          <div className={styles['thought']} dir="auto">
            {thoughts}
          </div>
        </details>
      )}
      <div ref={field}>{text !== '' && <ModelText text={text} />}</div>
      {end === null ? (
        <Underway answer={answer} />
      ) : (
        <EndNote end={end} isEmpty={text === '' && thoughts === ''} />
      )}
      <div className={styles['foot']}>
        <SpeedLine answer={answer} />
        {end !== null && (
          <div className={styles['ways']}>
            {text !== '' && (
              <IconButton
                label={t('playground.copyAnswer', { model })}
                icon={state === 'copied' ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
                onClick={() => void copy()}
              />
            )}
            <IconButton
              label={t('playground.asCodeWhat', { model })}
              icon={<Code size={16} aria-hidden />}
              onClick={onCode}
            />
            {isLast && (
              <Button
                variant="default"
                size="xs"
                leftSection={<RotateCw size={14} aria-hidden />}
                aria-label={t('playground.againWhat', { model })}
                onClick={() => playground.askAgain(lane, model)}
              >
                {t('playground.again')}
              </Button>
            )}
          </div>
        )}
      </div>
      <output className={styles['copied']}>
        {state === 'by-hand' && t('playground.byHand', { shortcut: copyShortcut() })}
        {state === 'copied' && t('playground.copied')}
      </output>
    </article>
  );
}

/** `1.2 s to first word · 46 tokens/s · 312 tokens` */
export function SpeedLine({ answer }: { readonly answer: Answer }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { firstMs, tokens, model, served } = answer;
  const rate = tokensPerSecond(answer);
  const words = [
    ...(firstMs === null ? [] : [t('playground.speed.first', { time: format.duration(firstMs) })]),
    ...(rate === null
      ? []
      : [t('playground.speed.rate', { rate: rate < 10 ? format.mean(rate) : format.integer(rate) })]),
    ...(tokens === null
      ? []
      : [t('playground.speed.tokens', { count: tokens, shown: format.integer(tokens) })]),
    ...(served === null || served === model ? [] : [t('playground.servedBy', { model: served })]),
  ].join(' · ');
  return <p className={styles['line']}>{words}</p>;
}

/** What it waits for. */
function Underway({ answer: { model, served, firstMs } }: { readonly answer: Answer }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const aliases = useAliases().data ?? [];
  const behind = served ?? modelBehind(model, aliases);
  const state = useModels().data?.find(({ id }) => id === behind);
  const words = (): string => {
    if (firstMs !== null) return t('playground.answering');
    if (state?.state !== 'loading') return t('playground.waiting');
    if (state.progressPercent === null) return t('playground.loading', { model: behind });
    return t('playground.loadingPercent', { model: behind, percent: format.percent(state.progressPercent) });
  };
  return <p className={styles['underway']}>{words()}</p>;
}

function EndNote({ end, isEmpty }: { readonly end: AnswerEnd; readonly isEmpty: boolean }): ReactNode {
  const { t } = useTranslation();
  switch (end.kind) {
    case 'done':
      if (end.isCut) return <Note tone="attention">{t('playground.end.cut')}</Note>;
      return isEmpty ? <Note tone="quiet">{t('playground.nothing')}</Note> : null;
    case 'stopped':
    case 'too-long':
      return <Note tone="quiet">{t(`playground.end.${end.kind}`)}</Note>;
    case 'broken':
      return <Note tone="attention">{t('playground.end.broken')}</Note>;
    case 'refused':
      return (
        <Note tone="attention">
          <p>{t('playground.end.refused')}</p>
          <ServerSaid said={end.code === null ? end.message : `${end.code}: ${end.message}`} />
          <details className={styles['details']}>
            <summary>{t('state.details')}</summary>
            <pre>{[end.code, end.requestId].filter((line) => line !== null).join('\n')}</pre>
          </details>
        </Note>
      );
    default:
      return end satisfies never;
  }
}
