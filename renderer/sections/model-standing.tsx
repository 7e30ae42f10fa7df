import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { WireModel } from '../../server/wire/admin.ts';
import type { AliasRecord } from '../../server/wire/aliases.ts';
import { Chip } from '../parts/chip.tsx';
import { namesOf, rolesOf } from '../model-use.ts';
import type { ModelUse } from '../queries-models.ts';
import { useFormat } from '../use-format.ts';
import styles from './model-standing.module.css';

/** What it can be asked for. */
export function RoleChips({
  model,
  canUseTools,
}: {
  readonly model: WireModel;
  readonly canUseTools: boolean | null;
}): ReactNode {
  const { t } = useTranslation();
  return rolesOf(model, canUseTools).map((role) => (
    <Chip key={role} tone="info" title={t(`modelCard.roleMeans.${role}`)}>
      {t(`modelCard.role.${role}`)}
    </Chip>
  ));
}

type ModelStandingProps = {
  readonly model: WireModel;
  /** Undefined while they are not known. */
  readonly aliases: readonly AliasRecord[] | undefined;
  readonly use: ModelUse | undefined;
};

/** By which names the office asks for it, how often today, and how fast it writes on this computer. */
export function ModelStanding({ model, aliases, use }: ModelStandingProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const names = aliases === undefined ? [] : namesOf(model.id, aliases);
  const { measuredBytes } = model.memory;
  const speed = use?.tokensPerSecond ?? null;
  return (
    <ul className={styles['standing']}>
      {use !== undefined && (
        <li>
          <Anchor component={Link} href={`/log?${new URLSearchParams({ model: model.id })}`} size="sm">
            {use.today === 0 ? t('modelCard.notUsedToday') : t('modelCard.usedToday', { count: use.today })}
          </Anchor>
        </li>
      )}
      {speed !== null && (
        <li>
          {measuredBytes === null
            ? t('modelCard.measuredSpeed', { speed: format.integer(Math.round(speed)) })
            : t('modelCard.measured', {
                size: format.fileSize(measuredBytes),
                speed: format.integer(Math.round(speed)),
              })}
        </li>
      )}
      {names.length > 0 && (
        <li>
          {t('modelCard.names')}{' '}
          {names.map((name) => (
            <span key={name} className={styles['alias']}>
              {name}
            </span>
          ))}{' '}
          <Anchor
            component={Link}
            href="/models/names"
            size="sm"
            aria-label={t('modelCard.toNamesOf', { model: model.id })}
          >
            {t('modelCard.toNames')}
          </Anchor>
        </li>
      )}
    </ul>
  );
}
