import { Button, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedTicket } from '../../server/wire/pairing.ts';
import { ApiError } from '../api.ts';
import { createTicket } from '../api-pairing.ts';
import { AmountInput } from '../parts/amount-input.tsx';
import { CopyBlock, CopyField } from '../parts/copy-field.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { useTicketChange } from '../queries-pairing.ts';
import { toldAtField } from '../refusal.ts';
import { useFormat } from '../use-format.ts';
import { useUnsaved } from '../unsaved.ts';
import { firstLimits } from './key-limits-presets.ts';
import { numberOf, type LimitsValues, type NumberField } from './key-limits-values.ts';
import { ModelChoice } from './model-choice.tsx';
import { NewKeyLimits, problemsOf, rangesOf, requestedLimits } from './new-key-limits.tsx';
import { OfficeClosedNote } from './office-closed-note.tsx';
import { TeamField } from './team-field.tsx';

type TicketDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** First the form, then the ticket, once. */
export function TicketDialog({ isOpen, onClose }: TicketDialogProps): ReactNode {
  const { t } = useTranslation();
  const [created, setCreated] = useState<CreatedTicket | null>(null);
  function close(): void {
    setCreated(null);
    onClose();
  }
  return (
    <Dialog
      title={created === null ? t('tickets.create') : t('tickets.createdTitle', { name: created.name })}
      isOpen={isOpen}
      onClose={close}
      closesByItself={created === null}
    >
      {created === null ? (
        <TicketForm onCreated={setCreated} onCancel={close} />
      ) : (
        <CreatedTicketView created={created} onDone={close} />
      )}
    </Dialog>
  );
}

type TicketValues = {
  readonly name: string;
  readonly uses: NumberField;
  readonly valid: Validity;
  readonly from: string;
  readonly team: string;
  readonly models: string[];
  readonly limits: LimitsValues;
  readonly ips: string;
};

const validities = { hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000 } as const;
type Validity = keyof typeof validities;
const validityNames = Object.keys(validities) as Validity[];
const mostUses = 1000;

const emptyForm: TicketValues = {
  name: '',
  uses: 1,
  valid: 'day',
  from: '',
  team: '',
  models: [],
  limits: firstLimits('script'),
  ips: '',
};

type Fault = 'name' | 'uses' | 'limits';

function faultsOf({ name, uses, limits }: TicketValues): readonly Fault[] {
  const count = numberOf(uses);
  const isCount = count !== null && Number.isInteger(count) && count >= 1 && count <= mostUses;
  return [
    ...(name.trim() === '' ? (['name'] as const) : []),
    ...(isCount ? [] : (['uses'] as const)),
    ...(Object.keys(problemsOf(limits)).length === 0 ? [] : (['limits'] as const)),
  ];
}

type TicketFormProps = {
  readonly onCreated: (created: CreatedTicket) => void;
  readonly onCancel: () => void;
};

function TicketForm({ onCreated, onCancel }: TicketFormProps): ReactNode {
  const { t } = useTranslation();
  const create = useTicketChange(createTicket);
  const [values, setValues] = useState(emptyForm);
  useUnsaved(values !== emptyForm);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const put = (changed: Partial<TicketValues>): void => setValues((before) => ({ ...before, ...changed }));
  const refused = create.error instanceof ApiError ? create.error : null;
  const isRangeRefused = refused?.param?.startsWith('from') === true;

  function submit(event: FormEvent): void {
    event.preventDefault();
    const found = faultsOf(values);
    setFaults(found);
    if (found.length > 0) return;
    const { name, uses, valid, from, team, models } = values;
    create.mutate(
      {
        name: name.trim(),
        uses: numberOf(uses) ?? 1,
        validSeconds: validities[valid],
        from: rangesOf(from),
        team: team.trim() === '' ? null : team.trim(),
        models: models.length === 0 ? null : models,
        ...requestedLimits('script', values),
      },
      { onSuccess: onCreated },
    );
  }

  return (
    <DialogForm
      submit={t('tickets.create')}
      isBusy={create.isPending}
      error={isRangeRefused ? null : create.error}
      onSubmit={submit}
      onClose={onCancel}
    >
      <OfficeClosedNote />
      <Note tone="attention">{t('tickets.warning')}</Note>
      <TextInput
        label={t('tickets.name')}
        description={t('tickets.nameHint')}
        maxLength={100}
        autoComplete="off"
        data-autofocus
        value={values.name}
        error={faults.includes('name') ? t('tickets.nameMissing') : null}
        onChange={({ currentTarget: { value } }) => put({ name: value })}
      />
      <AmountInput
        label={t('tickets.uses')}
        allowDecimal={false}
        value={values.uses}
        error={faults.includes('uses') ? t('tickets.usesWrong', { most: mostUses }) : null}
        onChange={(uses) => put({ uses })}
      />
      <NativeSelect
        label={t('tickets.valid')}
        description={t('tickets.validHint')}
        data={validityNames.map((value) => ({ value, label: t(`tickets.lasts.${value}`) }))}
        value={values.valid}
        onChange={({ currentTarget: { value } }) =>
          put({ valid: validityNames.find((name) => name === value) ?? values.valid })
        }
      />
      <Textarea
        label={t('tickets.fromLabel')}
        description={t('tickets.fromHint')}
        placeholder="192.168.1.0/24"
        autosize
        minRows={1}
        maxRows={4}
        spellCheck={false}
        value={values.from}
        error={isRangeRefused && refused !== null ? toldAtField(refused) : null}
        onChange={({ currentTarget: { value } }) => put({ from: value })}
      />
      <Fold label={t('tickets.each')}>
        <NewKeyLimits
          preset="script"
          limits={values.limits}
          ips={values.ips}
          hasFailed={faults.includes('limits')}
          onLimits={(limits) => put({ limits })}
          onIps={(ips) => put({ ips })}
        />
        <TeamField value={values.team} onChange={(team) => put({ team })} />
        <ModelChoice value={values.models} onChange={(models) => put({ models })} />
      </Fold>
    </DialogForm>
  );
}

type CreatedTicketViewProps = { readonly created: CreatedTicket; readonly onDone: () => void };

/** The only time that the ticket is on a screen. */
function CreatedTicketView({ created, onDone }: CreatedTicketViewProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const when = format.dateTime(created.expiresAt);
  return (
    <Stack gap="md">
      <Note tone="attention">{t('tickets.shownOnce', { count: created.mostUses, when })}</Note>
      {created.warnings.map((warning) => (
        <Note key={warning} tone="attention">
          {warning}
        </Note>
      ))}
      <CopyField label={t('tickets.ticket')} value={created.ticket} />
      <Text>{t('tickets.command')}</Text>
      <CopyBlock label={t('tickets.commandLabel')} value={created.command} />
      <Group justify="flex-end">
        <Button onClick={onDone}>{t('tickets.stored')}</Button>
      </Group>
    </Stack>
  );
}
