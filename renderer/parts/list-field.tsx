import { Button, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './icon-button.tsx';
import styles from './list-field.module.css';

/** Several short values, and the one that is being typed. */
export type ListDraft = { readonly values: readonly string[]; readonly typed: string };

type ListFieldProps = {
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  /** Said where there is none. */
  readonly empty: string;
  readonly draft: ListDraft;
  readonly error: string | null;
  /** The value at fault, by its place. */
  readonly faulty: number | null;
  readonly onChange: (draft: ListDraft) => void;
};

/** A list of addresses or names: typed one by one or pasted together, each with its way out. */
export function ListField(props: ListFieldProps): ReactNode {
  const { t } = useTranslation();
  const { draft, faulty, onChange } = props;
  const add = (): void => onChange({ values: valuesOf(draft), typed: '' });

  function addByEnter(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || draft.typed.trim() === '') return;
    // Else it would save the form; the next one does.
    event.preventDefault();
    add();
  }

  return (
    <div className={styles['field']}>
      <div className={styles['row']}>
        <TextInput
          className={styles['input'] ?? ''}
          label={props.label}
          description={props.description}
          placeholder={props.placeholder}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={4000}
          value={draft.typed}
          error={props.error}
          onChange={({ currentTarget: { value } }) => onChange({ ...draft, typed: value })}
          onKeyDown={addByEnter}
        />
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          disabled={draft.typed.trim() === ''}
          onClick={add}
        >
          {t('network.list.add')}
        </Button>
      </div>
      {draft.values.length === 0 ? (
        <p className={styles['none']}>{props.empty}</p>
      ) : (
        <ul className={styles['chips']} aria-label={props.label}>
          {draft.values.map((value, index) => (
            <li key={value} className={styles['chip']} data-faulty={index === faulty || undefined}>
              {value}
              <IconButton
                size="md"
                label={t('network.list.remove', { value })}
                icon={<X size={14} aria-hidden />}
                onClick={() =>
                  onChange({ ...draft, values: draft.values.filter((other) => other !== value) })
                }
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** With what is typed and not added yet: whoever saves means it too. */
export function valuesOf({ values, typed }: ListDraft): readonly string[] {
  const more = typed.split(/[\s,;]+/).filter((value) => value !== '');
  return [...new Set([...values, ...more])];
}
