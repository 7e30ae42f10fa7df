import { Button, CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { logRow } from '../../server/wire/admin.ts';
import { failureKinds } from '../../server/wire/failures.ts';
import { useKeys, useModels } from '../queries.ts';
import { readWho, searchAt, searchWith, type NamedTime, type WhoFilters } from '../request-filters.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './request-filter-bar.module.css';
import { UsagePeriodBar } from './usage-period-bar.tsx';
import { usePeopleNames } from './use-people-names.ts';

type RequestFilterBarProps = {
  /** Null: all times. Left out where only what comes now is shown. */
  readonly time?: NamedTime | null;
  /** Days are this zone's. */
  readonly zone?: string;
  /** Whether all times may be chosen. */
  readonly mayBeAlways?: boolean;
};

/** Which requests: the same bar for sums, list and live view, with all of it in the address. */
export function RequestFilterBar({ time, zone, mayBeAlways = false }: RequestFilterBarProps): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const who = readWho(search);
  const change = (next: WhoFilters): void => setSearch(searchWith(search, next));
  return (
    <search className={styles['filters']} aria-label={t('log.filters')}>
      {time !== undefined && zone !== undefined && (
        <UsagePeriodBar time={time} zone={zone} mayBeAlways={mayBeAlways} />
      )}
      <div className={styles['bar']}>
        <WhoChoices who={who} onChange={change} />
        {time?.isExact === true && (
          <ExactTime time={time} onForget={() => setSearch(searchAt(search, null))} />
        )}
        {Object.keys(who).length > 0 && (
          <Button variant="default" onClick={() => change({})}>
            {t('log.showAll')}
          </Button>
        )}
      </div>
    </search>
  );
}

type WhoChoicesProps = { readonly who: WhoFilters; readonly onChange: (who: WhoFilters) => void };

function WhoChoices({ who, onChange }: WhoChoicesProps): ReactNode {
  const { t } = useTranslation();
  const keys = (useKeys().data ?? []).map(({ id, name, status }) => ({
    value: id,
    label: status === 'active' ? name : `${name} (${t(`keyStatus.${status}`)})`,
  }));
  const people = usePeopleNames().map((name) => ({ value: name, label: name }));
  const models = (useModels().data ?? []).map(({ id }) => ({ value: id, label: id }));
  const statuses = logRow.shape.status.options.map((value) => ({
    value,
    label: t(`requestStatus.${value}`),
  }));
  const failures = failureKinds.map((value) => ({ value, label: t(`failure.${value}`) }));

  function change(name: keyof WhoFilters, value: string): void {
    const { [name]: _, ...others } = who;
    onChange(value === '' ? others : { ...others, [name]: value });
  }

  return (
    <>
      <Choice
        label={t('request.status')}
        all={t('log.allStatuses')}
        options={statuses}
        value={who.status}
        onChange={(value) => change('status', value)}
      />
      {(who.status !== 'ok' || who.failure !== undefined) && (
        <Choice
          label={t('requests.failure')}
          all={t('log.allStatuses')}
          options={failures}
          value={who.failure}
          onChange={(value) => change('failure', value)}
        />
      )}
      <Choice
        label={t('request.key')}
        all={t('log.allKeys')}
        options={keys}
        value={who.key}
        onChange={(value) => change('key', value)}
      />
      {(people.length > 0 || who.person !== undefined) && (
        <Choice
          label={t('request.person')}
          all={t('log.allPeople')}
          options={people}
          value={who.person}
          onChange={(value) => change('person', value)}
        />
      )}
      <Choice
        label={t('request.model')}
        all={t('log.allModels')}
        options={models}
        value={who.model}
        onChange={(value) => change('model', value)}
      />
      <ProgramField value={who.client ?? ''} onChange={(value) => change('client', value)} />
    </>
  );
}

const typedForMs = 500;

/** Looked for when the typing pauses, so that not every letter is a question and an entry of the history. */
function ProgramField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    // The address says something else than was typed: by a link, by Back, or by "Show all".
    setSeen(value);
    if (value !== typed.trim()) setTyped(value);
  }
  const apply = useRef(onChange);
  useEffect(() => {
    apply.current = onChange;
  });
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === value) return undefined;
    const timer = setTimeout(() => apply.current(wanted), typedForMs);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <TextInput
      className={styles['choice'] ?? ''}
      type="search"
      label={t('request.client')}
      placeholder={t('requests.clientExample')}
      maxLength={100}
      autoComplete="off"
      spellCheck={false}
      leftSection={<Search size={16} aria-hidden />}
      value={typed}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      rightSection={
        typed !== '' && (
          <CloseButton size="sm" aria-label={t('requests.clearClient')} onClick={() => setTyped('')} />
        )
      }
    />
  );
}

/** A stretch that comes from a chart; here it can only be seen and taken away. */
function ExactTime({
  time,
  onForget,
}: {
  readonly time: NamedTime;
  readonly onForget: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [from, to] = [format.moment(time.span.from, now), format.moment(time.span.to, now)];
  return (
    <Button
      variant="light"
      className={styles['time'] ?? ''}
      rightSection={<X size={16} aria-hidden />}
      aria-label={t('log.forgetTime', { from, to })}
      onClick={onForget}
    >
      {t('log.time', { from, to })}
    </Button>
  );
}

type Option = { readonly value: string; readonly label: string };
type ChoiceProps = {
  readonly label: string;
  readonly all: string;
  readonly options: readonly Option[];
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
};

function Choice({ label, all, options, value = '', onChange }: ChoiceProps): ReactNode {
  // A name from the address that is in no list any more must still be seen, or the filter would act in hiding.
  const isUnlisted = value !== '' && options.every((option) => option.value !== value);
  return (
    <NativeSelect
      className={styles['choice'] ?? ''}
      label={label}
      value={value}
      data={[{ value: '', label: all }, ...options, ...(isUnlisted ? [{ value, label: value }] : [])]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
