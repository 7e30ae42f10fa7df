import { Button, Group } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import * as api from '../api-limits.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useLimitsChange, useTeams } from '../queries-limits.ts';
import { PriceDialog } from './price-dialog.tsx';
import { TeamDialog, type EditedTeam } from './team-dialog.tsx';
import { allTeams, type Team } from './team-groups.ts';
import { TeamTable } from './team-table.tsx';
import styles from './team-panel.module.css';

/** Devices that share limits; and what money budgets count by. */
export function TeamPanel({ keys }: { readonly keys: readonly KeyRecord[] }): ReactNode {
  const { t, i18n } = useTranslation();
  const query = useTeams();
  const [edited, setEdited] = useState<EditedTeam>(null);
  const [leaving, setLeaving] = useState<Team | null>(null);
  const [hasPrices, setHasPrices] = useState(false);
  const teams = allTeams(query.data ?? [], keys, i18n.language);
  return (
    <Panel
      title={t('teams.heading')}
      flush
      action={
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={() => setHasPrices(true)}>
            {t('prices.open')}
          </Button>
          <Button variant="default" size="xs" onClick={() => setEdited('new')}>
            {t('teams.add')}
          </Button>
        </Group>
      }
    >
      <QueryView query={query}>
        {() =>
          teams.length === 0 ? (
            <p className={styles['none']}>{t('teams.none')}</p>
          ) : (
            <TeamTable teams={teams} onEdit={setEdited} onDissolve={setLeaving} />
          )
        }
      </QueryView>
      <TeamDialog team={edited} names={teams.map(({ name }) => name)} onClose={() => setEdited(null)} />
      <DissolveDialog team={leaving} onClose={() => setLeaving(null)} />
      <PriceDialog isOpen={hasPrices} onClose={() => setHasPrices(false)} />
    </Panel>
  );
}

function DissolveDialog(props: { readonly team: Team | null; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const dissolve = useLimitsChange(api.dissolveTeam);
  const { team } = props;
  function close(): void {
    dissolve.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('teams.dissolveTitle', { team: team?.name ?? '' })}
      sentence={t('teams.dissolveSentence')}
      confirm={t('teams.dissolve')}
      isOpen={team !== null}
      isBusy={dissolve.isPending}
      error={dissolve.error}
      onConfirm={() =>
        team !== null &&
        dissolve.mutate({ name: team.name, keyIds: team.keys.map(({ id }) => id) }, { onSuccess: close })
      }
      onClose={close}
    />
  );
}
