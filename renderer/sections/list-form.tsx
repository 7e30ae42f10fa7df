import { Button } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '../parts/error-note.tsx';
import { ListField, valuesOf, type ListDraft } from '../parts/list-field.tsx';
import { refusalAt } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import styles from './settings.module.css';

type ListFormProps = {
  readonly words: {
    readonly label: string;
    readonly description: string;
    readonly placeholder: string;
    readonly empty: string;
  };
  /** What counts now. */
  readonly saved: readonly string[];
  /** How the server's refusals name the list. */
  readonly field: string;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** `onSaved` is to be called once it counts. */
  readonly onSave: (values: readonly string[], onSaved: () => void) => void;
  /** Something was changed after a refusal. */
  readonly onEdit: () => void;
  /** One more value that many will want. */
  readonly offer?: { readonly label: string; readonly value: string } | null;
};

/** A list that counts once it is saved, whole; the server says which value it does not take. */
export function ListForm(props: ListFormProps): ReactNode {
  const { t } = useTranslation();
  const { saved, error, offer = null } = props;
  const [draft, setDraft] = useState<ListDraft | null>(null);
  const shown = draft ?? { values: saved, typed: '' };
  const values = valuesOf(shown);
  const isChanged = values.join(' ') !== saved.join(' ');
  useUnsaved(isChanged);
  const refusal = refusalAt(error, props.field);

  function edit(next: ListDraft): void {
    setDraft(next);
    props.onEdit();
  }

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!isChanged || props.isBusy) return;
    // So that a refusal can point at the one at fault.
    setDraft({ values, typed: '' });
    props.onSave(values, () => setDraft(null));
  }

  return (
    <form className={styles['body']} onSubmit={save} noValidate>
      <ListField
        {...props.words}
        draft={shown}
        error={refusal?.sentence ?? null}
        faulty={refusal?.index ?? null}
        onChange={edit}
      />
      {error !== null && refusal === null && <ErrorNote error={error} />}
      <div className={styles['ways']}>
        <Button type="submit" loading={props.isBusy} disabled={!isChanged}>
          {t('settings.save')}
        </Button>
        {isChanged && (
          <Button
            variant="default"
            onClick={() => {
              setDraft(null);
              props.onEdit();
            }}
          >
            {t('network.list.discard')}
          </Button>
        )}
        {offer !== null && !values.includes(offer.value) && (
          <Button variant="subtle" onClick={() => edit({ values: [...values, offer.value], typed: '' })}>
            {offer.label}
          </Button>
        )}
      </div>
    </form>
  );
}
