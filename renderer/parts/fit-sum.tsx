import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Fit, MemorySum, Plan } from '../fit.ts';
import { unknown } from '../format.ts';
import { useFormat } from '../use-format.ts';
import { FitWord } from './state-word.tsx';
import styles from './fit-sum.module.css';

/** The sum, not only a verdict: what a model takes as a bar against what is free, and the same in numbers. */
export function FitSum({ sum }: { readonly sum: MemorySum }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { weightsBytes, contextBytes, workingBytes, neededBytes, freeBytes } = sum;
  const show = (bytes: number | null): string => (bytes === null ? unknown : format.fileSize(bytes));
  const parts = [
    { name: 'weights', bytes: weightsBytes },
    { name: 'context', bytes: contextBytes },
    { name: 'working', bytes: workingBytes },
  ] as const;
  return (
    <div className={styles['sum']}>
      {neededBytes !== null && <SumBar parts={parts} neededBytes={neededBytes} freeBytes={freeBytes} />}
      <dl className={styles['legend']}>
        {parts.map(({ name, bytes }) => (
          <div key={name} className={styles['entry']}>
            <dt>
              <span className={styles['dot']} data-part={name} aria-hidden />
              {name === 'context' ? <ContextLabel plan={sum} /> : t(`fit.part.${name}`)}
            </dt>
            <dd>{show(bytes)}</dd>
          </div>
        ))}
        <div className={styles['entry']} data-is-total>
          <dt>{t('fit.together')}</dt>
          <dd>{show(neededBytes)}</dd>
        </div>
        <div className={styles['entry']}>
          <dt>{t('fit.free')}</dt>
          <dd>{show(freeBytes)}</dd>
        </div>
      </dl>
    </div>
  );
}

type SumBarProps = {
  readonly parts: readonly { readonly name: string; readonly bytes: number | null }[];
  readonly neededBytes: number;
  readonly freeBytes: number;
};

/** The line marks where the free memory ends. */
function SumBar({ parts, neededBytes, freeBytes }: SumBarProps): ReactNode {
  const whole = Math.max(neededBytes, freeBytes, 1);
  const share = (bytes: number): string => `${(bytes / whole) * 100}%`;
  return (
    <div className={styles['bar']} aria-hidden>
      {parts.map(({ name, bytes }) => (
        <span
          key={name}
          className={styles['part']}
          data-part={name}
          style={{ inlineSize: share(bytes ?? 0) }}
        />
      ))}
      {freeBytes < neededBytes && (
        <span className={styles['limit']} style={{ insetInlineStart: share(freeBytes) }} />
      )}
    </div>
  );
}

function ContextLabel({ plan }: { readonly plan: Plan }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return t('fit.part.context', { count: plan.slots, tokens: format.integer(plan.contextTokens) });
}

/** One sentence: whether it fits, with both numbers, and for whom. */
export function FitSentence({ fit }: { readonly fit: Fit }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const needed = format.fileSize(fit.neededBytes ?? 0);
  const free = format.fileSize(fit.freeBytes);
  const tokens = format.integer(fit.contextTokens);
  return (
    <p className={styles['sentence']}>
      <FitWord verdict={fit.verdict} />{' '}
      {fit.verdict === 'unknown'
        ? t('fit.cannotTell')
        : t(`fit.sentence.${fit.verdict}`, { needed, free, count: fit.slots, tokens })}
      {fit.fitsWithContextTokens !== null && (
        <> {t('fit.fitsWith', { tokens: format.integer(fit.fitsWithContextTokens) })}</>
      )}
      <SpeedSentence tokensPerSecond={fit.tokensPerSecond} />
    </p>
  );
}

/** Slower than people read. */
const slowTokensPerSecond = 5;

/** How fast a model would be that is not here yet; nothing where that cannot be told. Stands after another sentence. */
export function SpeedSentence({ tokensPerSecond }: { readonly tokensPerSecond: number | null }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  if (tokensPerSecond === null) return null;
  const kind = tokensPerSecond < slowTokensPerSecond ? 'slow' : 'speed';
  return <> {t(`fit.${kind}`, { speed: format.rate(tokensPerSecond) })}</>;
}
