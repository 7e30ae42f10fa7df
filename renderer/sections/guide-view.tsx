import { SegmentedControl } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { keyPlaceholder, type ConnectGuide } from '../../server/wire/connect.ts';
import { Chip } from '../parts/chip.tsx';
import { CopyBlock, CopyField } from '../parts/copy-field.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { useGuideSentence } from '../use-guide-sentence.ts';
import { GuidePrompt } from './guide-prompt.tsx';
import { GuideKey } from './guide-key.tsx';
import { OutsideNamePanel } from './outside-name-panel.tsx';
import styles from './guide-view.module.css';

type Step = ConnectGuide['steps'][number];
type System = keyof NonNullable<Step['paths']>;

const systems = ['windows', 'mac', 'linux'] as const satisfies readonly System[];
const systemNames = { windows: 'Windows', mac: 'macOS', linux: 'Linux' } as const;

type GuideViewProps = {
  readonly guide: ConnectGuide;
  /** The key to be written into the snippets; null leaves its place marked. */
  readonly created: CreatedKey | null;
  readonly onCreated: (created: CreatedKey) => void;
};

/** One tool: what must be known beforehand, the key, and the steps. */
export function GuideView({ guide, created, onCreated }: GuideViewProps): ReactNode {
  const { t } = useTranslation();
  const [system, setSystem] = useState<System>(likelySystem);
  const needsKey = guide.steps.some(({ snippet }) => snippet?.text.includes(keyPlaceholder) === true);
  const hasPaths = guide.steps.some(({ paths }) => paths !== null);
  return (
    <>
      <GuideNotes tone="attention" notes={guide.notes.filter((note) => isWarning(guide, note))} />
      {guide.availability === 'outside' && <OutsideNamePanel />}
      {needsKey && <GuideKey guide={guide} created={created} onCreated={onCreated} />}
      <Panel
        title={t('connectPage.steps')}
        action={
          hasPaths && (
            <SegmentedControl
              size="xs"
              aria-label={t('connectPage.system')}
              value={system}
              data={systems.map((value) => ({ value, label: systemNames[value] }))}
              onChange={setSystem}
            />
          )
        }
      >
        <GuideSteps steps={guide.steps} system={system} keyText={created?.key ?? null} />
      </Panel>
      <GuidePrompt guide={guide} system={system} keyText={created?.key ?? null} />
      <p className={styles['tested']}>
        {guide.tested === null ? t('connectPage.notRun') : t('connectPage.tested', { program: guide.tested })}
      </p>
      <GuideNotes tone="quiet" notes={guide.notes.filter((note) => !isWarning(guide, note))} />
    </>
  );
}

type GuideStepsProps = {
  readonly steps: readonly Step[];
  readonly system?: System;
  readonly keyText?: string | null;
};

/** What to do, one after the other. */
export function GuideSteps({ steps, system = 'linux', keyText = null }: GuideStepsProps): ReactNode {
  return (
    <ol className={styles['steps']}>
      {steps.map((step, index) => (
        // A field may be asked for twice, on two screens of a tool.
        <li key={`${index} ${step.textKey}`} className={styles['step']}>
          <GuideStep step={step} number={index + 1} system={system} keyText={keyText} />
        </li>
      ))}
    </ol>
  );
}

type GuideNotesProps = { readonly tone: 'attention' | 'quiet'; readonly notes: readonly string[] };

function GuideNotes({ tone, notes }: GuideNotesProps): ReactNode {
  const { t } = useTranslation();
  const sentence = useGuideSentence();
  if (notes.length === 0) return null;
  return (
    <Note tone={tone}>
      {notes.map((note) => (
        // The guides speak to teammates; here it is the owner who can change the model.
        <p key={note}>{note === testModelNote ? t('connectPage.testModel') : sentence(note)}</p>
      ))}
    </Note>
  );
}

type GuideStepProps = {
  readonly step: Step;
  readonly number: number;
  readonly system: System;
  readonly keyText: string | null;
};

function GuideStep({ step, number, system, keyText }: GuideStepProps): ReactNode {
  const { t } = useTranslation();
  const sentence = useGuideSentence();
  const text = step.snippet?.text.replaceAll(keyPlaceholder, keyText ?? keyPlaceholder);
  const label = t('connectPage.ofStep', { number });
  // Beside a path it must be plain which of the two is copied.
  const button = step.paths === null ? {} : { button: t('connectPage.copySettings') };
  return (
    <>
      <p className={styles['sentence']}>{sentence(step.textKey, step.values)}</p>
      {step.paths !== null && (
        <CopyField
          label={t('connectPage.file')}
          value={step.paths[system]}
          button={t('connectPage.copyPath')}
        />
      )}
      {text !== undefined &&
        (text.includes('\n') ? (
          <CopyBlock label={label} value={text} {...button} />
        ) : (
          <CopyField label={label} value={text} hidesLabel {...button} />
        ))}
    </>
  );
}

const testModelNote = 'connect.note.testModel';

/** What keeps a tool from working, or the model from being of use; the rest is good to know. */
function isWarning(guide: ConnectGuide, note: string): boolean {
  return guide.availability !== 'ready' || note === testModelNote || note.startsWith('connect.note.context');
}

/** Whether it works at all; nothing where it does. */
export function AvailabilityChip({ guide }: { readonly guide: ConnectGuide }): ReactNode {
  const { t } = useTranslation();
  const { availability } = guide;
  switch (availability) {
    case 'ready':
      return null;
    case 'outside':
      return <Chip>{t('connectPage.outside')}</Chip>;
    default:
      return availability satisfies never;
  }
}

function likelySystem(): System {
  if (/Windows/.test(navigator.userAgent)) return 'windows';
  return /Mac/.test(navigator.userAgent) ? 'mac' : 'linux';
}
