import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormat } from '../use-format.ts';
import styles from './progress-line.module.css';

type ProgressLineProps = {
  /** 0 … 100 */
  readonly percent: number;
  readonly label: string;
  /** True while it does not move: grey then. */
  readonly rests?: boolean;
};

/** How far something is, as a bar and in words. */
export function ProgressLine({ percent, label, rests = false }: ProgressLineProps): ReactNode {
  const format = useFormat();
  // Only what is whole is shown as whole.
  const whole = percent >= 100 ? 100 : Math.min(99, Math.round(percent));
  return (
    <div className={styles['progress']}>
      <Progress.Root
        size={8}
        radius="xl"
        className={styles['track'] ?? ''}
        {...(rests ? { 'data-rests': true } : {})}
      >
        <Progress.Section value={whole} aria-label={label} />
      </Progress.Root>
      <span className={styles['percent']}>{format.percent(whole)}</span>
    </div>
  );
}
