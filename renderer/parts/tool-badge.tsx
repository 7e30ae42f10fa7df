import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { checkPoint, type BadgeReason, type BadgeState, type CheckBadge } from '../../server/wire/checks.ts';
import { thousandsIn } from '../pair/plural.ts';
import { useFormat } from '../use-format.ts';
import { ToolWord } from './state-word.tsx';
import styles from './tool-badge.module.css';

const order = ['works', 'limited', 'fails', 'unknown'] as const satisfies readonly BadgeState[];

/** For which tools a model is good: state, tools and why, once for all tools of which the same is to be said. */
export function ToolBadges({ badges }: { readonly badges: readonly CheckBadge[] }): ReactNode {
  const reasons = useReasons();
  const groups = new Map<string, CheckBadge[]>();
  for (const badge of order.flatMap((state) => badges.filter((one) => one.state === state))) {
    const name = `${badge.state} ${reasons(badge)}`;
    groups.set(name, [...(groups.get(name) ?? []), badge]);
  }
  return (
    <ul className={styles['groups']}>
      {[...groups].map(([name, group]) => (
        <ToolGroup key={name} group={group} />
      ))}
    </ul>
  );
}

function ToolGroup({ group }: { readonly group: readonly CheckBadge[] }): ReactNode {
  const reasons = useReasons();
  const [first] = group;
  if (first === undefined) return null;
  return (
    <li className={styles['group']} data-state={first.state}>
      <ToolWord state={first.state} />
      <ul className={styles['tools']}>
        {group.map((badge) => (
          <li key={`${badge.client} ${badge.part}`} className={styles['tool']}>
            <ToolName badge={badge} />
          </li>
        ))}
      </ul>
      {first.reasons.length > 0 && <p className={styles['why']}>{reasons(first)}</p>}
    </li>
  );
}

/** The tool's own name, with the part of it that is meant. */
function ToolName({ badge: { title, part } }: { readonly badge: CheckBadge }): ReactNode {
  const { t } = useTranslation();
  return part === null ? title : `${title} (${t(`checks.part.${part}`)})`;
}

/** Why, in sentences; empty for a tool that works. */
export function useReasons(): (badge: CheckBadge) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const written = (value: string | number | undefined): string => {
    const count = thousandsIn(String(value));
    return count === null ? String(value ?? '') : format.integer(count);
  };
  const sentence = ({ code, values }: BadgeReason): string => {
    const point = checkPoint.safeParse(values['point']).data;
    return t(`checks.reason.${code}`, {
      needs: written(values['needs']),
      has: written(values['has']),
      point: point === undefined ? '' : t(`checks.point.${point}`),
    });
  };
  return ({ reasons }) => reasons.map(sentence).join(' ');
}
