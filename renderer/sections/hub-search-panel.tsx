import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireHubModel, WireHubSearch } from '../../server/wire/downloads.ts';
import * as api from '../api.ts';
import { Chip } from '../parts/chip.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { signedOutMeansSession } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import styles from './inspect-panel.module.css';
import listStyles from './place-list.module.css';

type HubSearchPanelProps = {
  /** To be looked at: its header, and whether it fits. */
  readonly onChoose: (uri: string) => void;
};

/** Looks through the model hub. Nothing goes out before somebody asks. */
export function HubSearchPanel({ onChoose }: HubSearchPanelProps): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const search = useMutation({
    mutationFn: api.searchHub,
    onError: (error) => signedOutMeansSession(client, error),
  });
  const [words, setWords] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const isMissing = words.trim() === '';

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (!isMissing && !search.isPending) search.mutate(words.trim());
  }

  return (
    <Panel title={t('discover.search.title')}>
      <form onSubmit={submit} noValidate className={styles['form']}>
        <div className={styles['ask']}>
          <TextInput
            className={styles['uri'] ?? ''}
            label={t('discover.search.words')}
            description={t('discover.search.wordsHint')}
            placeholder="qwen3 coder"
            value={words}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setWords(event.currentTarget.value)}
            error={wasTried && isMissing ? t('discover.search.wordsMissing') : null}
          />
          <Button
            type="submit"
            variant="default"
            loading={search.isPending}
            leftSection={<Search size={16} aria-hidden />}
          >
            {t('discover.search.go')}
          </Button>
        </div>
      </form>
      <div role="status" className={styles['result']}>
        {search.isPending && <p className={styles['looking']}>{t('discover.search.looking')}</p>}
        {search.data !== undefined && !search.isPending && (
          <Found answer={search.data} words={search.variables} onChoose={onChoose} />
        )}
      </div>
      {search.error !== null && (
        <div className={styles['result']}>
          <ErrorNote error={search.error} />
        </div>
      )}
    </Panel>
  );
}

type FoundProps = HubSearchPanelProps & { readonly answer: WireHubSearch; readonly words: string };

/** That there is none, that nothing can be asked from here, and that the hub has trouble: three different sentences. */
function Found({ answer, words, onChoose }: FoundProps): ReactNode {
  const { t } = useTranslation();
  if (answer.state !== 'found') {
    const source = new URL(answer.source).host;
    return (
      <Note tone={answer.state === 'source-down' ? 'attention' : 'quiet'}>
        <p>{t(`discover.search.state.${answer.state}`, { source })}</p>
        {answer.state === 'source-down' && <ServerSaid said={answer.reason} />}
      </Note>
    );
  }
  if (answer.models.length === 0) return <Note tone="quiet">{t('discover.search.none', { words })}</Note>;
  return (
    <ul className={listStyles['list']}>
      {answer.models.map((model) => (
        <HubRow key={model.repo} model={model} onChoose={onChoose} />
      ))}
    </ul>
  );
}

function HubRow({ model, onChoose }: HubSearchPanelProps & { readonly model: WireHubModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [quantiser = '', name = model.repo] = model.repo.split('/');
  const facts = [
    ...(model.madeFrom === null ? [] : [t('discover.search.madeFrom', { model: model.madeFrom })]),
    t('discover.search.by', { quantiser }),
    ...(model.licence === null ? [] : [model.licence]),
    t('discover.search.downloads', { count: model.downloads, shown: format.count(model.downloads) }),
  ];
  return (
    <li className={listStyles['row']}>
      <div className={listStyles['what']}>
        <span className={listStyles['name']}>
          {name} {model.isGated && <Chip>{t('discover.search.gated')}</Chip>}
        </span>
        <span className={listStyles['more']}>{facts.join(' · ')}</span>
      </div>
      <Button
        variant="default"
        size="xs"
        aria-label={t('discover.search.lookWhat', { model: model.repo })}
        onClick={() => onChoose(`hf:${model.repo}`)}
      >
        {t('getModel.look')}
      </Button>
    </li>
  );
}
