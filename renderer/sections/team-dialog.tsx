import { Stack, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api-limits.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { FirstFault } from '../parts/first-fault.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { useLimitsChange, useSpending } from '../queries-limits.ts';
import { useUnsaved } from '../unsaved.ts';
import { useValues, type Values } from '../use-values.ts';
import { KeyLimitsBudgets } from './key-limits-budgets.tsx';
import { SpentList } from './key-limits-meter.tsx';
import { KeyLimitsPace } from './key-limits-pace.tsx';
import { PriceDialog } from './price-dialog.tsx';
import { PriceNote } from './price-note.tsx';
import { refusedTeamField, teamChange, teamProblems, teamValues, type TeamValues } from './team-form.ts';
import type { Team } from './team-groups.ts';
import { TeamMembers } from './team-members.tsx';

/** `new`: a team that is not there yet; null while the dialog is closed. */
export type EditedTeam = Team | 'new' | null;

type TeamDialogProps = {
  readonly team: EditedTeam;
  /** Of all teams that are there. */
  readonly names: readonly string[];
  readonly onClose: () => void;
};

/** What the devices of a team may use together, and who they are. */
export function TeamDialog({ team, names, onClose }: TeamDialogProps): ReactNode {
  const { t } = useTranslation();
  const [hasPrices, setHasPrices] = useState(false);
  const [isChanged, setIsChanged] = useState(false);
  useUnsaved(isChanged);
  const known = team === 'new' ? null : team;
  return (
    <>
      <Dialog
        title={known === null ? t('teams.create') : t('teams.title', { team: known.name })}
        isOpen={team !== null}
        onClose={onClose}
        closesByItself={!isChanged}
      >
        {team !== null && (
          <TeamForm
            team={known}
            names={names}
            onPrices={() => setHasPrices(true)}
            onChanged={setIsChanged}
            onClose={onClose}
          />
        )}
      </Dialog>
      <PriceDialog isOpen={hasPrices} onClose={() => setHasPrices(false)} />
    </>
  );
}

type TeamFormProps = {
  readonly team: Team | null;
  readonly names: readonly string[];
  readonly onPrices: () => void;
  readonly onChanged: (isChanged: boolean) => void;
  readonly onClose: () => void;
};

function TeamForm({ team, names, onPrices, onChanged, onClose }: TeamFormProps): ReactNode {
  const { t } = useTranslation();
  const update = useLimitsChange(api.setTeam);
  const spending = useSpending().data;
  // What another console changes meanwhile is not undone by saving this one.
  const [before] = useState(team);
  const others = names.filter((name) => name !== before?.name);
  const form = useValues({
    first: () => teamValues(before),
    problemsOf: (values) => teamProblems(values, others),
    onChanged,
  });

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!form.check()) return;
    const change = teamChange(before, form.values);
    if (change === null) return onClose();
    update.mutate(
      { name: before?.name ?? form.values.name.trim(), change },
      {
        onSuccess: ({ name }) => {
          notifications.show({ message: t('teams.saved', { team: name }) });
          onClose();
        },
        onError: (error) => form.refuse(error, refusedTeamField),
      },
    );
  }

  return (
    <FirstFault failures={form.failures}>
      <DialogForm
        submit={t(before === null ? 'teams.create' : 'teams.save')}
        isBusy={update.isPending}
        error={form.elsewhere(update.error)}
        onSubmit={save}
        onClose={onClose}
      >
        <SpentList
          accounts={spending?.teams.find(({ name }) => name === before?.name)?.accounts}
          currency={spending?.currency ?? 'EUR'}
        />
        <TeamFields form={form} team={before} currency={spending?.currency ?? 'EUR'} onPrices={onPrices} />
      </DialogForm>
    </FirstFault>
  );
}

type TeamFieldsProps = {
  readonly form: Values<TeamValues>;
  readonly team: Team | null;
  readonly currency: string;
  readonly onPrices: () => void;
};

function TeamFields({ form, team, currency, onPrices }: TeamFieldsProps): ReactNode {
  const { t } = useTranslation();
  const [hasPace, setHasPace] = useState(false);
  const { values, put, errors } = form;
  const errorAt = (path: string): ReactNode => errors[`limits.${path}`];
  const isPaceAtFault = Object.keys(errors).some(
    (path) => path.startsWith('limits.') && !path.startsWith('limits.budgets'),
  );
  return (
    <Stack gap="md">
      <TextInput
        label={t('teams.name')}
        maxLength={100}
        autoComplete="off"
        {...(team === null ? { 'data-autofocus': true } : {})}
        value={values.name}
        error={errors['name']}
        onChange={({ currentTarget: { value } }) => put('name', value)}
      />
      <Switch
        label={t('teams.paused')}
        description={t('teams.pausedHint')}
        checked={values.paused}
        onChange={({ currentTarget: { checked } }) => put('paused', checked)}
      />
      <KeyLimitsBudgets
        budgets={values.limits.budgets}
        currency={currency}
        errorAt={errorAt}
        onChange={(budgets) => put('limits', { ...values.limits, budgets })}
      />
      {values.limits.budgets.some(({ unit }) => unit === 'money') && <PriceNote onOpen={onPrices} />}
      <TeamMembers team={team} value={values.members} onChange={(members) => put('members', members)} />
      <MoreOptions label={t('limits.fold.pace')} isOpen={hasPace || isPaceAtFault} onToggle={setHasPace}>
        <KeyLimitsPace
          values={values.limits}
          errorAt={errorAt}
          onChange={(limits) => put('limits', limits)}
        />
      </MoreOptions>
    </Stack>
  );
}
