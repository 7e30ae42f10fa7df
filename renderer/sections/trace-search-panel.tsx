import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TracesFound } from '../../server/wire/traces.ts';
import { searchTraces, type TraceSearch } from '../api-safety.ts';
import { unknown } from '../format.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSafetyChange, useTraces } from '../queries-safety.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './settings.module.css';
import { TraceDrawer } from './trace-drawer.tsx';
import { usePeopleNames } from './use-people-names.ts';

/** Looking into what was kept. Whoever looks stands in the audit first. */
export function TraceSearchPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useTraces();
  return (
    <Panel title={t('settings.search.title')}>
      <QueryView query={query}>
        {({ traces }) =>
          traces.length === 0 ? (
            <p className={styles['muted']}>{t('settings.search.nothingKept')}</p>
          ) : (
            <TraceSearchForm />
          )
        }
      </QueryView>
    </Panel>
  );
}

function TraceSearchForm(): ReactNode {
  const { t } = useTranslation();
  const people = usePeopleNames();
  const [words, setWords] = useState('');
  const [person, setPerson] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const search = useSafetyChange(searchTraces);
  const [asked, setAsked] = useState<TraceSearch | null>(null);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setIsMissing(words.trim() === '');
    if (words.trim() === '') return;
    const next = { words: words.trim(), ...(person === '' ? {} : { person }) };
    setAsked(next);
    search.mutate(next);
  }

  return (
    <div className={styles['body']}>
      <Note tone="attention">{t('settings.search.warning')}</Note>
      <form className={styles['fields']} onSubmit={submit} noValidate>
        <TextInput
          className={styles['wideField'] ?? ''}
          label={t('settings.search.words')}
          description={t('settings.search.wordsMean')}
          maxLength={500}
          autoComplete="off"
          value={words}
          error={isMissing ? t('settings.search.wordsMissing') : undefined}
          onChange={({ currentTarget: { value } }) => setWords(value)}
        />
        <NativeSelect
          label={t('request.person')}
          data={[{ value: '', label: t('settings.search.everybody') }, ...people]}
          value={person}
          onChange={({ currentTarget: { value } }) => setPerson(value)}
        />
        <Button type="submit" loading={search.isPending} leftSection={<Search size={16} aria-hidden />}>
          {t('settings.search.submit')}
        </Button>
      </form>
      {search.error !== null && <ErrorNote error={search.error} />}
      {search.data !== undefined && asked !== null && (
        <Found found={search.data} onMore={(cursor) => search.mutate({ ...asked, cursor })} />
      )}
    </div>
  );
}

type FoundProps = { readonly found: TracesFound; readonly onMore: (cursor: string) => void };

function Found({ found, onMore }: FoundProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [open, setOpen] = useState<string | null>(null);
  const { next } = found;
  return (
    <>
      <p className={styles['sentence']} role="status">
        {t('settings.search.hits', { count: found.hits })}
      </p>
      <ul className={styles['list']}>
        {found.traces.map((trace) => (
          <li key={trace.requestId} className={styles['rowBlock']}>
            <div className={styles['head']}>
              <p className={styles['second']}>
                {[
                  format.moment(trace.time, now),
                  trace.person ?? trace.key,
                  trace.servedModel ?? unknown,
                ].join(' · ')}
              </p>
              <Button
                variant="default"
                size="xs"
                aria-label={t('settings.search.readWhat', { time: format.moment(trace.time, now) })}
                onClick={() => setOpen(trace.requestId)}
              >
                {t('settings.search.read')}
              </Button>
            </div>
            <p className={styles['excerpt']}>{trace.excerpt}</p>
          </li>
        ))}
      </ul>
      {next !== null && (
        <div>
          <Button variant="default" size="xs" onClick={() => onMore(next)}>
            {t('settings.search.more')}
          </Button>
        </div>
      )}
      <TraceDrawer requestId={open} onClose={() => setOpen(null)} />
    </>
  );
}
