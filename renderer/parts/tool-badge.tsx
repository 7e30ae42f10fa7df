import { CircleCheck, CircleQuestionMark, CircleX, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { checkPoint, type BadgeReason, type BadgeState, type CheckBadge } from '../../server/wire/checks.ts';
import styles from './tool-badge.module.css';

const looks = {
  works: { icon: CircleCheck, tone: 'ok' },
  limited: { icon: TriangleAlert, tone: 'attention' },
  fails: { icon: CircleX, tone: 'error' },
  unknown: { icon: CircleQuestionMark, tone: 'quiet' },
} as const satisfies Record<BadgeState, { readonly icon: LucideIcon; readonly tone: string }>;

/** Whether one tool works with a model: an icon, the tool's name, and for those who do not see the icon, the word. */
export function ToolBadge({ badge }: { readonly badge: CheckBadge }): ReactNode {
  const { t } = useTranslation();
  const reasons = useReasons();
  const { icon: Icon, tone } = looks[badge.state];
  return (
    <span className={styles['badge']} data-tone={tone} title={reasons(badge)}>
      <Icon size={14} aria-hidden className={styles['icon']} />
      <ToolName badge={badge} />
      <span className={styles['word']}>: {t(`checks.badge.${badge.state}`)}</span>
    </span>
  );
}

/** The tool's own name, with the part of it that is meant. */
export function ToolName({ badge: { title, part } }: { readonly badge: CheckBadge }): ReactNode {
  const { t } = useTranslation();
  return part === null ? title : `${title} (${t(`checks.part.${part}`)})`;
}

/** Why, in sentences. */
export function useReasons(): (badge: CheckBadge) => string {
  const { t } = useTranslation();
  const sentence = ({ code, values }: BadgeReason): string => {
    const point = checkPoint.safeParse(values['point']).data;
    return t(`checks.reason.${code}`, {
      needs: values['needs'] ?? '',
      has: values['has'] ?? '',
      point: point === undefined ? '' : t(`checks.point.${point}`),
    });
  };
  return ({ reasons }) => (reasons.length === 0 ? t('checks.reason.works') : reasons.map(sentence).join(' '));
}
