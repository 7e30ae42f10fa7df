import { CircleCheck, CircleDotDashed, Info, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './note.module.css';

const icons = {
  ok: CircleCheck,
  waiting: CircleDotDashed,
  attention: TriangleAlert,
  quiet: Info,
} as const satisfies Record<string, LucideIcon>;

type NoteProps = {
  readonly tone: keyof typeof icons;
  readonly children: ReactNode;
  /** At the right, or below where there is no room. */
  readonly action?: ReactNode;
  /** Said by screen readers when it changes: give it from the start, with changing children. */
  readonly isLive?: boolean;
};

/** Something to know, with its tone in icon, colour and words. */
export function Note({ tone, children, action, isLive = false }: NoteProps): ReactNode {
  const Icon = icons[tone];
  const hasAction = action !== undefined && action !== false;
  return (
    <div
      className={styles['note']}
      data-tone={tone}
      data-has-action={hasAction || undefined}
      {...(isLive ? { role: 'status' } : {})}
    >
      <Icon size={18} aria-hidden className={styles['icon']} />
      <div className={styles['text']}>{children}</div>
      {hasAction && <div className={styles['action']}>{action}</div>}
    </div>
  );
}
