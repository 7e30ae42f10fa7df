import type { ReactNode } from 'react';
import styles from './memory-bar.module.css';

export type MemorySegment = {
  readonly name: string;
  /** What it takes, for people. */
  readonly size: string;
  readonly bytes: number;
  readonly kind: 'model' | 'others' | 'free';
};

type MemoryBarProps = {
  /** Which memory, with its whole size. */
  readonly label: string;
  readonly segments: readonly MemorySegment[];
};

/** What is in a memory, piece by piece; the same below in words. */
export function MemoryBar({ label, segments }: MemoryBarProps): ReactNode {
  const whole = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  let models = 0;
  const shown = segments
    .filter(({ bytes }) => bytes > 0)
    .map((segment) => ({ ...segment, series: segment.kind === 'model' ? (models++ % 4) + 1 : null }));
  return (
    <figure className={styles['figure']}>
      <figcaption className={styles['label']}>{label}</figcaption>
      <div className={styles['bar']} aria-hidden>
        {shown.map(({ name, bytes, kind, series }) => (
          <span
            key={`${kind} ${name}`}
            className={styles['part']}
            data-kind={kind}
            data-series={series ?? undefined}
            style={{ inlineSize: `${(bytes / whole) * 100}%` }}
          />
        ))}
      </div>
      <ul className={styles['legend']}>
        {shown.map(({ name, size, kind, series }) => (
          <li key={`${kind} ${name}`} className={styles['entry']}>
            <span className={styles['dot']} data-kind={kind} data-series={series ?? undefined} aria-hidden />
            <span className={styles['name']}>{name}</span> <span className={styles['size']}>{size}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
