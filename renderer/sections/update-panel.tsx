import { Anchor, Button, Radio, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpdateState } from '../../server/wire/updates.ts';
import { currentLanguage } from '../i18n.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useFetchUpdate, useLookForUpdate, useSetUpdates, useUpdates } from '../queries-updates.ts';
import { useSession } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './update-panel.module.css';

/** Which version runs, and whether it is looked for a newer one. */
export function UpdatePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useUpdates();
  return (
    <Panel title={t('updates.title')}>
      <QueryView query={query}>
        {(state) => (
          <div className={styles['body']}>
            <VersionFacts state={state} />
            {state.news !== null && <NewsView state={state} news={state.news} />}
            <ChoiceView state={state} />
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function VersionFacts({ state }: { readonly state: UpdateState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { version, ageDays, knownAt } = state;
  return (
    <Facts>
      <Fact label={t('updates.version')} value={version} />
      {ageDays !== null && <Fact label={t('updates.age')} value={t('updates.days', { count: ageDays })} />}
      {knownAt !== null && (
        <Fact label={t('updates.known')} value={format.ago(knownAt, now)} title={knownAt} />
      )}
    </Facts>
  );
}

type NewsProps = { readonly state: UpdateState; readonly news: NonNullable<UpdateState['news']> };

function NewsView({ state, news }: NewsProps): ReactNode {
  const { t } = useTranslation();
  const fetchFile = useFetchUpdate();
  const { download } = state;
  const { file, page } = news;
  return (
    <Note tone={news.isSecurity ? 'attention' : 'quiet'}>
      <strong>
        {t(news.isSecurity ? 'updateNote.security' : 'updateNote.newer', { version: news.version })}
      </strong>
      <p className={styles['sentence']}>{news.notes[currentLanguage()]}</p>
      {page !== null && <ReadMore page={page} />}
      {file !== null && download.state !== 'ready' && (
        <Button
          variant="default"
          size="xs"
          loading={fetchFile.isPending || download.state === 'running'}
          onClick={() => fetchFile.mutate()}
        >
          {t('updates.fetch', { name: file.name })}
        </Button>
      )}
      {download.state === 'ready' && (
        <p className={styles['sentence']}>{t('updates.ready', { path: download.path })}</p>
      )}
      {download.state === 'failed' && (
        <p className={styles['sentence']}>{download.reason[currentLanguage()]}</p>
      )}
      {fetchFile.error !== null && <ErrorNote error={fetchFile.error} />}
    </Note>
  );
}

/** The app's own window leads nowhere else: there the address is copied. */
function ReadMore({ page }: { readonly page: string }): ReactNode {
  const { t } = useTranslation();
  const isWindow = useSession().data?.via === 'window';
  if (isWindow) return <CopyField label={t('updates.read')} value={page} />;
  return (
    <Anchor href={page} target="_blank" rel="noreferrer" size="sm">
      {t('updates.read')}
    </Anchor>
  );
}

function ChoiceView({ state }: { readonly state: UpdateState }): ReactNode {
  const { t } = useTranslation();
  const set = useSetUpdates('check');
  const look = useLookForUpdate();
  return (
    <>
      <Radio.Group
        label={t('updates.choice')}
        description={t('updateNote.choiceMeans')}
        value={set.isPending ? (set.variables ?? '') : state.choice}
        onChange={(value) => set.mutate(value)}
      >
        <Radio mt="xs" value="yes" label={t('updates.yes')} disabled={!state.isPossible} />
        <Radio mt="xs" value="no" label={t('updates.no')} />
      </Radio.Group>
      {state.problemText !== null && <Note tone="quiet">{state.problemText[currentLanguage()]}</Note>}
      <Button
        className={styles['look']}
        variant="default"
        disabled={!state.isPossible}
        loading={look.isPending}
        onClick={() => look.mutate()}
      >
        {t('updates.look')}
      </Button>
      <FeedForm key={state.feed} kept={state.isOwnFeed ? (state.feed ?? '') : ''} />
      {set.error !== null && <ErrorNote error={set.error} />}
      {look.error !== null && <ErrorNote error={look.error} />}
    </>
  );
}

/** Where the news lie, if not at the makers'. */
function FeedForm({ kept }: { readonly kept: string }): ReactNode {
  const { t } = useTranslation();
  const set = useSetUpdates('feed');
  const [text, setText] = useState(kept);

  function save(event: FormEvent): void {
    event.preventDefault();
    const feed = text.trim();
    set.mutate(feed === '' ? null : feed);
  }
  return (
    <form className={styles['feed']} onSubmit={save} noValidate>
      <TextInput
        label={t('updates.feed')}
        description={t('updates.feedMeans')}
        maxLength={2000}
        value={text}
        onChange={({ currentTarget: { value } }) => setText(value)}
      />
      <Button type="submit" variant="default" loading={set.isPending} disabled={text.trim() === kept}>
        {t('updates.save')}
      </Button>
      {set.error !== null && <ErrorNote error={set.error} />}
    </form>
  );
}
