import { Anchor, Button, Checkbox } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import type { WireCatalogue } from '../../server/wire/downloads.ts';
import type { InternetState, MachineState } from '../../server/wire/machine.ts';
import { downloadForOffice } from '../api-set-up.ts';
import type { CatalogueModel } from '../fit.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { SpeedSentence } from '../parts/fit-sum.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { DownloadState } from '../parts/state-word.tsx';
import { WizardFrame, WizardWays } from '../parts/wizard-frame.tsx';
import { useInternet, useMachine } from '../queries-set-up.ts';
import { useCatalogue, useDownloadChange, useDownloads, useFoundModels } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import { DownloadProgress, DownloadReason } from './download-progress.tsx';
import { GraphicsRemarksNote } from './graphics-remarks-note.tsx';
import { StarterAnswer } from './starter-answer.tsx';
import styles from './wizard.module.css';

const nextPath = '/setup/office';
const cannotTell: InternetState = { state: 'unreachable', source: '', isForced: false };

/** The second screen: what this computer can do, that it answers already, and the model to take. */
export function WizardModel(): ReactNode {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const catalogue = useCatalogue();
  const asked = useInternet();
  // Whoever cannot even be asked is not waited for.
  const internet = asked.data ?? (asked.isError ? cannotTell : undefined);
  const [isWanted, setIsWanted] = useState(true);
  const add = useDownloadChange(downloadForOffice);
  const known = useDownloads().data;
  const advised = catalogue.data === undefined ? null : advisedFor(catalogue.data);
  const isUnderWay = known?.some(({ uri }) => uri === advised?.model.uri) ?? false;
  const fetches = isWanted && advised !== null && !isUnderWay && internet?.state === 'reachable';

  function goOn(): void {
    if (!fetches) return navigate(nextPath);
    add.mutate(advised.model.uri, { onSuccess: () => navigate(nextPath) });
  }

  return (
    <WizardFrame step="model" title={t('wizard.model.title')} lead={t('wizard.model.lead')}>
      <div className={styles['body']}>
        <Panel title={t('wizard.model.computer')}>
          <QueryView query={catalogue}>{(all) => <WhatItCan catalogue={all} />}</QueryView>
        </Panel>
        <GraphicsRemarksNote />
        <StarterAnswer />
        <Panel title={t('wizard.model.better')}>
          <QueryView query={catalogue}>
            {(all) => (
              <Better
                advised={advisedFor(all)}
                internet={internet}
                isWanted={isWanted}
                onWant={setIsWanted}
              />
            )}
          </QueryView>
        </Panel>
        {add.error !== null && (
          <>
            <ErrorNote error={add.error} />
            <Anchor component={Link} href={nextPath}>
              {t('wizard.model.without')}
            </Anchor>
          </>
        )}
      </div>
      <WizardWays>
        <Anchor component={Link} href="/">
          {t('wizard.later')}
        </Anchor>
        <Button loading={add.isPending || internet === undefined} onClick={goOn}>
          {t('wizard.continue')}
        </Button>
      </WizardWays>
    </WizardFrame>
  );
}

type Advised = {
  readonly model: CatalogueModel;
  readonly people: number;
  readonly tokensPerSecond: number | null;
};

/** What is advised for conversations, which is what everybody begins with; null where nothing fits. */
function advisedFor({ models, recommended }: WireCatalogue): Advised | null {
  const found = recommended.find(({ purpose }) => purpose === 'chat');
  const model = models.find(({ id }) => id === found?.modelId);
  if (model === undefined || found === undefined || found.slots === null) return null;
  return { model, people: found.slots, tokensPerSecond: found.tokensPerSecond };
}

/** One sentence, with a number. */
function WhatItCan({ catalogue }: { readonly catalogue: WireCatalogue }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const machine = useMachine().data;
  const advised = advisedFor(catalogue);
  const free = format.fileSize(catalogue.models[0]?.fit.freeBytes ?? 0);
  const kind = memoryKind(machine);
  if (advised === null) return <p className={styles['text']}>{t(`wizard.model.little.${kind}`, { free })}</p>;
  const { model, people, tokensPerSecond } = advised;
  return (
    <p className={styles['text']}>
      {t(`wizard.model.can.${kind}`, { free, model: model.name, count: people })}
      <SpeedSentence tokensPerSecond={tokensPerSecond} />
    </p>
  );
}

function memoryKind(machine: MachineState | undefined): 'graphics' | 'ordinary' {
  return machine?.gpu === null || machine === undefined ? 'ordinary' : 'graphics';
}

type BetterProps = {
  readonly advised: Advised | null;
  /** Undefined while it is asked for. */
  readonly internet: InternetState | undefined;
  readonly isWanted: boolean;
  readonly onWant: (isWanted: boolean) => void;
};

/** The model for real work: on its way, to be fetched, or by another way than the internet. */
function Better({ advised, internet, isWanted, onWant }: BetterProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const download = useDownloads().data?.find(({ uri }) => uri === advised?.model.uri);
  if (download !== undefined && advised !== null) {
    return (
      <div className={styles['body']}>
        <div className={styles['head']}>
          <h3 className={styles['name']}>{advised.model.name}</h3>
          <output>
            <DownloadState state={download.state} />
          </output>
        </div>
        <DownloadProgress download={download} />
        <DownloadReason download={download} />
        <p className={styles['second']}>{t('wizard.model.takesOver')}</p>
      </div>
    );
  }
  if (internet === undefined) return <p className={styles['second']}>{t('wizard.model.looking')}</p>;
  if (internet.state !== 'reachable') return <WithoutInternet state={internet.state} />;
  if (advised === null) return <p className={styles['text']}>{t('wizard.model.none')}</p>;
  const { model } = advised;
  return (
    <div className={styles['body']}>
      <Checkbox
        label={t('wizard.model.fetch', { model: model.name })}
        description={t('wizard.model.fetchMeans', {
          size: format.fileSize(model.sizeBytes),
          time: format.timeLeft(secondsFor(model.sizeBytes)),
          publisher: model.publisher,
          licence: model.licence,
        })}
        checked={isWanted}
        onChange={({ currentTarget: { checked } }) => onWant(checked)}
      />
      <p className={styles['second']}>{t('wizard.model.takesOver')}</p>
    </div>
  );
}

/** A usual line of an office; the true time is told once the download has begun. */
const usualBytesPerSecond = 100_000_000 / 8;

function secondsFor(bytes: number): number {
  return bytes / usualBytesPerSecond;
}

/** A calm line, and the other ways to a model. */
function WithoutInternet({ state }: { readonly state: 'unreachable' | 'never' }): ReactNode {
  const { t } = useTranslation();
  const internet = useInternet();
  const found = (useFoundModels().data ?? []).filter(({ reason }) => reason === null).length;
  return (
    <Note
      tone="quiet"
      isLive
      action={
        state === 'unreachable' && (
          <Button
            variant="default"
            size="xs"
            loading={internet.isFetching}
            onClick={() => void internet.refetch()}
          >
            {t('wizard.again')}
          </Button>
        )
      }
    >
      <p>{t(`wizard.internet.${state}`)}</p>
      <ul className={styles['links']}>
        <li>{t('wizard.internet.starter')}</li>
        <li>
          <Anchor component={Link} href="/models/get" inherit>
            {found === 0 ? t('wizard.internet.file') : t('wizard.internet.found', { count: found })}
          </Anchor>
        </li>
        <li>
          <Anchor component={Link} href="/models/engines" inherit>
            {t('wizard.internet.server')}
          </Anchor>
        </li>
        {state === 'unreachable' && (
          <li>
            <Anchor component={Link} href="/models/downloads" inherit>
              {t('wizard.internet.mirror')}
            </Anchor>
          </li>
        )}
      </ul>
    </Note>
  );
}
