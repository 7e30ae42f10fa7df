import { Button, Stack, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import * as api from '../api-limits.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { FirstFault } from '../parts/first-fault.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { useLimitsChange, useSpending } from '../queries-limits.ts';
import { useUnsaved } from '../unsaved.ts';
import { useValues, type Values } from '../use-values.ts';
import { KeyLimitsBudgets } from './key-limits-budgets.tsx';
import { keyChange, keyProblems, keyValues, refusedField, type KeyValues } from './key-limits-form.ts';
import { SpentList } from './key-limits-meter.tsx';
import { KeyLimitsModels } from './key-limits-models.tsx';
import { KeyLimitsPace } from './key-limits-pace.tsx';
import { presets, presetValues } from './key-limits-presets.ts';
import { KeyLimitsTrace } from './key-limits-trace.tsx';
import { KeyLimitsWhere } from './key-limits-where.tsx';
import { KeyLimitsWho } from './key-limits-who.tsx';
import { PriceDialog } from './price-dialog.tsx';
import { PriceNote } from './price-note.tsx';
import { TeamField } from './team-field.tsx';
import styles from './key-limits.module.css';

type KeyLimitsDialogProps = {
  /** Null while the dialog is closed. */
  readonly record: KeyRecord | null;
  readonly onClose: () => void;
};

/** What a device may use: the most asked for on top, the rest in folds. */
export function KeyLimitsDialog({ record, onClose }: KeyLimitsDialogProps): ReactNode {
  const { t } = useTranslation();
  const [hasPrices, setHasPrices] = useState(false);
  const [isChanged, setIsChanged] = useState(false);
  useUnsaved(isChanged);
  return (
    <>
      <Dialog
        title={t('limits.title', { name: record?.name ?? '' })}
        isOpen={record !== null}
        onClose={onClose}
        closesByItself={!isChanged}
      >
        {record !== null && (
          <KeyLimitsForm
            key={record.id}
            record={record}
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

type KeyLimitsFormProps = {
  readonly record: KeyRecord;
  readonly onPrices: () => void;
  readonly onChanged: (isChanged: boolean) => void;
  readonly onClose: () => void;
};

function KeyLimitsForm({ record, onPrices, onChanged, onClose }: KeyLimitsFormProps): ReactNode {
  const { t } = useTranslation();
  const update = useLimitsChange(api.updateKey);
  const spending = useSpending().data;
  // What another console changes meanwhile is not undone by saving this one.
  const [before] = useState(record);
  const form = useValues({ first: () => keyValues(before), problemsOf: keyProblems, onChanged });
  const currency = spending?.currency ?? 'EUR';

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!form.check()) return;
    const change = keyChange(before, form.values);
    if (Object.keys(change).length === 0) return onClose();
    update.mutate(
      { id: before.id, change },
      {
        onSuccess: ({ name }) => {
          notifications.show({ message: t('limits.saved', { name }) });
          onClose();
        },
        onError: (error) => form.refuse(error, (param) => refusedField(param, form.values)),
      },
    );
  }

  return (
    <FirstFault failures={form.failures}>
      <DialogForm
        submit={t('limits.save')}
        isBusy={update.isPending}
        error={form.elsewhere(update.error)}
        onSubmit={save}
        onClose={onClose}
      >
        <SpentList
          accounts={spending?.keys.find(({ id }) => id === before.id)?.accounts}
          currency={currency}
        />
        <FrontFields form={form} before={before} currency={currency} onPrices={onPrices} />
        <Folds form={form} before={before} currency={currency} />
      </DialogForm>
    </FirstFault>
  );
}

type FieldsProps = {
  readonly form: Values<KeyValues>;
  readonly before: KeyRecord;
  readonly currency: string;
};

function FrontFields({
  form,
  before,
  currency,
  onPrices,
}: FieldsProps & { readonly onPrices: () => void }): ReactNode {
  const { t } = useTranslation();
  const { values, put, errors } = form;
  const all = [values.limits, ...values.modelLimits.map(({ limits }) => limits)];
  return (
    <Stack gap="md">
      <Presets form={form} isEndless={before.expiresAt === null} />
      <Switch
        label={t('limits.paused')}
        description={t('limits.pausedHint')}
        checked={values.paused}
        onChange={({ currentTarget: { checked } }) => put('paused', checked)}
      />
      <KeyLimitsBudgets
        budgets={values.limits.budgets}
        currency={currency}
        errorAt={(path) => errors[`limits.${path}`]}
        onChange={(budgets) => put('limits', { ...values.limits, budgets })}
      />
      {all.some(({ budgets }) => budgets.some(({ unit }) => unit === 'money')) && (
        <PriceNote onOpen={onPrices} />
      )}
      <TeamField value={values.team} error={errors['team']} onChange={(team) => put('team', team)} />
    </Stack>
  );
}

/** Fills in what is usual; nothing counts before it is saved. */
function Presets({
  form,
  isEndless,
}: {
  readonly form: Values<KeyValues>;
  readonly isEndless: boolean;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={t('limits.presets')} className={styles['group']}>
      <div className={styles['presets']}>
        <span>{t('limits.presets')}</span>
        {presets.map((preset) => (
          <Button
            key={preset}
            variant="default"
            size="xs"
            onClick={() => form.putAll(presetValues(preset, form.values, isEndless))}
          >
            {t(`people.presetName.${preset}`)}
          </Button>
        ))}
      </div>
      <p className={styles['hint']}>{t('limits.presetsHint')}</p>
    </div>
  );
}

const folds = ['pace', 'where', 'perModel', 'trace', 'who'] as const;
type FoldName = (typeof folds)[number];

function Folds({ form, before, currency }: FieldsProps): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState<readonly FoldName[]>([]);
  const { values, put, errors } = form;
  // What is wrong must be seen.
  const atFault = Object.keys(errors).map(foldOf);
  const fold = (name: FoldName, children: ReactNode): ReactNode => (
    <MoreOptions
      label={t(`limits.fold.${name}`)}
      isOpen={open.includes(name) || atFault.includes(name)}
      onToggle={(isOpen) =>
        setOpen((others) => (isOpen ? [...others, name] : others.filter((o) => o !== name)))
      }
    >
      {children}
    </MoreOptions>
  );
  return (
    <Stack gap="xs">
      {fold(
        'pace',
        <KeyLimitsPace
          values={values.limits}
          errorAt={(path) => errors[`limits.${path}`]}
          onChange={(limits) => put('limits', limits)}
        />,
      )}
      {fold('where', <KeyLimitsWhere form={form} />)}
      {fold('perModel', <KeyLimitsModels form={form} currency={currency} />)}
      {fold('trace', <KeyLimitsTrace form={form} record={before} />)}
      {fold('who', <KeyLimitsWho form={form} record={before} />)}
    </Stack>
  );
}

/** Which fold a field lies in; null for those that are always seen. */
function foldOf(path: string): FoldName | null {
  const [first = ''] = path.split('.');
  if (first === 'limits') return path.startsWith('limits.budgets') ? null : 'pace';
  if (first === 'models' || first === 'ips' || first === 'mayLeave' || first === 'cache') return 'where';
  if (first === 'modelLimits') return 'perModel';
  if (first === 'trace') return 'trace';
  return first === 'team' || first === 'paused' ? null : 'who';
}
