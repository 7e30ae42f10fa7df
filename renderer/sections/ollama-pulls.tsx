import { Button, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cancelPull, pullModel, type OllamaPull } from '../api-engines.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { ProgressLine } from '../parts/progress-line.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { PullState } from '../parts/state-word.tsx';
import { useOllamaChange } from '../queries-engines.ts';
import { useFormat } from '../use-format.ts';
import askStyles from './inspect-panel.module.css';
import styles from './ollama-panel.module.css';

/** Fetching a model by its name, and how far each fetch is. */
export function OllamaPulls({ pulls }: { readonly pulls: readonly OllamaPull[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['part']}>
      <h3 className={styles['partTitle']}>{t('ollama.fetch')}</h3>
      <PullForm />
      {pulls.length > 0 && (
        <ul className={styles['list']} aria-label={t('ollama.fetches')}>
          {pulls.toReversed().map((pull) => (
            <PullRow key={pull.model} pull={pull} />
          ))}
        </ul>
      )}
    </div>
  );
}

function PullForm(): ReactNode {
  const { t } = useTranslation();
  const pull = useOllamaChange(pullModel);
  const [name, setName] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const model = name.trim();

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (model === '' || pull.isPending) return;
    pull.mutate(model, {
      onSuccess: () => {
        setName('');
        setWasTried(false);
      },
    });
  }

  return (
    <form onSubmit={submit} noValidate className={askStyles['form']}>
      <div className={askStyles['ask']}>
        <TextInput
          className={askStyles['uri'] ?? ''}
          label={t('ollama.modelName')}
          description={t('ollama.modelNameHint')}
          placeholder="llama3.2:3b"
          value={name}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.currentTarget.value)}
          error={wasTried && model === '' ? t('ollama.modelNameMissing') : null}
        />
        <Button type="submit" variant="default" loading={pull.isPending}>
          {t('ollama.fetchButton')}
        </Button>
      </div>
      {pull.error !== null && <ErrorNote error={pull.error} />}
    </form>
  );
}

function PullRow({ pull }: { readonly pull: OllamaPull }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const cancel = useOllamaChange(cancelPull);
  const { model, state, status, doneBytes, totalBytes } = pull;
  const isRunning = state === 'running';
  return (
    <li className={styles['row']}>
      <div className={styles['rowHead']}>
        <div className={styles['rowWhat']}>
          <span className={styles['name']}>{model}</span>
          <output>
            <PullState state={state} />
          </output>
        </div>
        {isRunning ? (
          <Button
            variant="default"
            size="xs"
            loading={cancel.isPending}
            aria-label={t('ollama.cancelWhat', { model })}
            onClick={() => cancel.mutate(model)}
          >
            {t('common.cancel')}
          </Button>
        ) : (
          <IconButton
            label={t('downloads.removeWhat', { name: model })}
            icon={<X size={18} aria-hidden />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(model)}
          />
        )}
      </div>
      {isRunning && totalBytes !== null && totalBytes > 0 && (
        <>
          <ProgressLine percent={(100 * doneBytes) / totalBytes} label={t('ollama.progressOf', { model })} />
          <p className={styles['more']}>
            {t('downloads.doneOf', { done: format.fileSize(doneBytes), total: format.fileSize(totalBytes) })}
          </p>
        </>
      )}
      {(state === 'failed' || (isRunning && totalBytes === null)) && (
        <ServerSaid said={status} className={styles['more']} />
      )}
      {cancel.error !== null && <ErrorNote error={cancel.error} />}
    </li>
  );
}
