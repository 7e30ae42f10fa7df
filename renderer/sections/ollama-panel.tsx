import { Button } from '@mantine/core';
import { Settings2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireOllamaState } from '../../server/wire/ollama.ts';
import { setOllama } from '../api-engines.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { OllamaState } from '../parts/state-word.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useOllama, useOllamaChange } from '../queries-engines.ts';
import { useFormat } from '../use-format.ts';
import { OllamaModels } from './ollama-models.tsx';
import styles from './ollama-panel.module.css';
import { OllamaPulls } from './ollama-pulls.tsx';
import { OllamaSettingsDialog } from './ollama-settings-dialog.tsx';

/** Ollama on this computer: whether it is there, whose it is, what it can do, and what to do next. */
export function OllamaPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useOllama();
  const [isSetting, setIsSetting] = useState(false);
  return (
    <Panel
      title={t('ollama.title')}
      action={
        <Button
          variant="default"
          size="xs"
          leftSection={<Settings2 size={16} aria-hidden />}
          onClick={() => setIsSetting(true)}
        >
          {t('ollama.settings')}
        </Button>
      }
    >
      <QueryView query={query}>{(state) => <OllamaView ollama={state} />}</QueryView>
      <OllamaSettingsDialog isOpen={isSetting} onClose={() => setIsSetting(false)} />
    </Panel>
  );
}

type OllamaProps = { readonly ollama: WireOllamaState };

function OllamaView({ ollama }: OllamaProps): ReactNode {
  const { t } = useTranslation();
  const { reason, state, warnings, restartPending } = ollama;
  return (
    <div className={styles['body']}>
      <div className={styles['head']}>
        <div className={styles['what']}>
          <output>
            <OllamaState state={state} />
          </output>
          <p className={styles['sentence']}>
            {t(sentenceOf(ollama), { version: ollama.theirs?.version ?? '' })}
          </p>
        </div>
        <OllamaButtons ollama={ollama} />
      </div>
      {reason !== null && (
        <Note tone={state === 'failed' ? 'attention' : 'waiting'}>
          <ServerSaid said={reason} />
        </Note>
      )}
      {warnings.map((warning) => (
        <Note key={warning} tone="attention">
          {warning}
        </Note>
      ))}
      {restartPending && <Note tone="waiting">{t('ollama.restartPending')}</Note>}
      {state === 'ready' && (
        <>
          <OllamaFacts ollama={ollama} />
          <OllamaModels />
          <OllamaPulls pulls={ollama.pulls} />
        </>
      )}
    </div>
  );
}

/** What is the case, and what can be done about it. */
function sentenceOf({ settings, found, program, state }: WireOllamaState) {
  if (settings.use === 'own' && state !== 'failed') return 'ollama.says.own';
  if (settings.use === 'theirs' && state !== 'failed') return 'ollama.says.theirs';
  switch (found) {
    case 'running':
      return program === null ? 'ollama.says.running' : 'ollama.says.runningOrOwn';
    case 'installed':
      return 'ollama.says.installed';
    case 'missing':
      return 'ollama.says.missing';
    default:
      return found satisfies never;
  }
}

type Use = WireOllamaState['settings']['use'];
const verbs = { none: 'stop', own: 'start', theirs: 'useTheirs' } as const satisfies Record<Use, string>;

/** The ways on from here, the likely one first. */
function waysOf({ settings, theirs, program, state }: WireOllamaState): readonly Use[] {
  const others: Use[] = [];
  if (theirs !== null) others.push('theirs');
  if (program !== null) others.push('own');
  if (settings.use === 'none') return others;
  const isBroken = state === 'failed';
  return [...others.filter((way) => isBroken || way !== settings.use), 'none'];
}

function OllamaButtons({ ollama }: OllamaProps): ReactNode {
  const { t } = useTranslation();
  const change = useOllamaChange(setOllama);
  const { settings } = ollama;
  return (
    <div className={styles['ways']}>
      {waysOf(ollama).map((use, index) => (
        <Button
          key={use}
          variant={index === 0 && settings.use === 'none' ? 'filled' : 'default'}
          loading={change.isPending && change.variables.use === use}
          disabled={change.isPending && change.variables.use !== use}
          onClick={() => change.mutate({ use })}
        >
          {use === 'none' && settings.use === 'theirs' ? t('ollama.leave') : t(`ollama.${verbs[use]}`)}
        </Button>
      ))}
      {change.error !== null && <ErrorNote error={change.error} />}
    </div>
  );
}

function OllamaFacts({ ollama }: OllamaProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { settings, version, address } = ollama;
  const { contextTokens } = settings;
  return (
    <Facts>
      {version !== null && <Fact label={t('ollama.version')} value={version} />}
      {address !== null && <Fact label={t('ollama.address')} value={address} />}
      {settings.use === 'own' && (
        <>
          <Fact label={t('ollama.requestsAtOnce')} value={format.integer(settings.requestsAtOnce)} />
          <Fact label={t('ollama.modelsAtOnce')} value={format.integer(settings.modelsAtOnce)} />
          <Fact
            label={t('ollama.keepAlive')}
            value={t('ollama.minutes', { count: settings.keepAliveMinutes })}
          />
        </>
      )}
      <Fact
        label={t('models.contextPerSlot')}
        value={t('models.tokens', { count: contextTokens, shown: format.integer(contextTokens) })}
      />
    </Facts>
  );
}
