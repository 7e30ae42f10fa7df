import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usualEdge, type EdgeSettings } from '../../server/wire/edge.ts';
import { tryEdge } from '../api-network.ts';
import { AmountInput } from '../parts/amount-input.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { useEdgeChange } from '../queries-network.ts';
import { refusalAt } from '../refusal.ts';
import { useFormat } from '../use-format.ts';
import { useUnsaved } from '../unsaved.ts';
import {
  edgeLimits,
  limitChange,
  limitValues,
  unboundedLimits,
  type EdgeLimitValues,
} from './edge-limits.ts';

type EdgeLimitsDialogProps = {
  /** Null while the dialog is closed. */
  readonly settings: EdgeSettings | null;
  readonly onClose: () => void;
};

export function EdgeLimitsDialog({ settings, onClose }: EdgeLimitsDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('network.limits.change')} isOpen={settings !== null} onClose={onClose}>
      {settings !== null && <EdgeLimitsForm settings={settings} onClose={onClose} />}
    </Dialog>
  );
}

type EdgeLimitsFormProps = { readonly settings: EdgeSettings; readonly onClose: () => void };

/** Which numbers are possible is the server's to say. */
function EdgeLimitsForm({ settings, onClose }: EdgeLimitsFormProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const change = useEdgeChange(tryEdge);
  const form = useForm<EdgeLimitValues>({ mode: 'controlled', initialValues: limitValues(settings) });
  useUnsaved(form.isDirty());
  const faultOf = (error: unknown) => edgeLimits.find((name) => refusalAt(error, name) !== null);

  function submit(values: EdgeLimitValues): void {
    const wanted = limitChange(values, settings);
    change.mutate(wanted, {
      onSuccess: () => {
        notifications.show({ message: t('network.limits.saved') });
        onClose();
      },
      onError: (error) => {
        const name = faultOf(error);
        if (name !== undefined) form.setFieldError(name, refusalAt(error, name)?.sentence);
      },
    });
  }

  return (
    <DialogForm
      submit={t('settings.save')}
      isBusy={change.isPending}
      error={faultOf(change.error) === undefined ? change.error : null}
      onSubmit={form.onSubmit(submit)}
      onClose={onClose}
    >
      {edgeLimits.map((name) => {
        const usual = t('network.limits.usual', { value: format.integer(usualEdge[name] ?? 0) });
        return (
          <AmountInput
            key={name}
            label={t(`network.limits.name.${name}`)}
            description={unboundedLimits.has(name) ? `${usual} ${t('network.limits.emptyMeans')}` : usual}
            allowDecimal={false}
            {...form.getInputProps(name)}
          />
        );
      })}
      <div>
        <Button variant="subtle" onClick={() => form.setValues(limitValues(usualEdge))}>
          {t('network.limits.asUsual')}
        </Button>
      </div>
    </DialogForm>
  );
}
