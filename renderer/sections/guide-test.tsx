import { Button, NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import type { ConnectGuide, ConnectPage } from '../../server/wire/connect.ts';
import { askModel } from '../api-playground.ts';
import { ApiError } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import type { AnswerEnd } from '../playground/talk.ts';
import { useKeys } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import styles from './guide-test.module.css';

type GuideTestProps = {
  readonly guide: ConnectGuide;
  readonly answer: ConnectPage;
  /** The key that stands in the snippets; null where it is the owner's to choose one. */
  readonly created: CreatedKey | null;
};

/** Enough for a sentence, also from a model that thinks first. */
const mostTokens = 200;

/** One short request, as the tool would send it: by its name for the model, and within the limits of a key. */
export function GuideTest({ guide, answer, created }: GuideTestProps): ReactNode {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState('');
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const role = guide.roles.find((one) => one !== 'embed');
  const as = created?.id ?? (chosen === '' ? null : chosen);
  const test = useMutation({ mutationFn: askOnce });
  if (role === undefined) return null;
  const { name } = answer.roles[role];

  function start(): void {
    abort.current = new AbortController();
    test.mutate({ model: name, question: t('connectPage.test.question'), as, signal: abort.current.signal });
  }
  return (
    <Panel title={t('connectPage.test.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('connectPage.test.lead')}</p>
        <Facts>
          <Fact label={t('connectPage.test.address')} value={answer.baseUrl} />
          <Fact label={t('connectPage.test.model')} value={name} />
          {created !== null && <Fact label={t('connectPage.test.as')} value={created.name} />}
        </Facts>
        <div className={styles['ways']}>
          {created === null && <AsField value={chosen} onChange={setChosen} />}
          <Button loading={test.isPending} onClick={start}>
            {t('connectPage.test.start')}
          </Button>
          {test.isPending && (
            <Button variant="default" onClick={() => abort.current?.abort()}>
              {t('connectPage.test.stop')}
            </Button>
          )}
        </div>
        <div role="status">
          {test.isPending && <p className={styles['sentence']}>{t('connectPage.test.waiting', { name })}</p>}
          {!test.isPending && test.data !== undefined && <Outcome outcome={test.data} />}
        </div>
      </div>
    </Panel>
  );
}

/** Whose rights and limits count; a key that has ended has none. */
function AsField({ value, onChange }: { readonly value: string; readonly onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const keys = (useKeys().data ?? []).filter(
    ({ status, role }) => role === 'inference' && (status === 'active' || status === 'paused'),
  );
  return (
    <NativeSelect
      className={styles['as'] ?? ''}
      label={t('connectPage.test.as')}
      value={value}
      data={[
        { value: '', label: t('connectPage.test.asNobody') },
        ...keys.map(({ id, name, status }) => ({
          value: id,
          label: status === 'paused' ? t('playground.paused', { name }) : name,
        })),
      ]}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

type Asked = {
  readonly model: string;
  readonly question: string;
  readonly as: string | null;
  readonly signal: AbortSignal;
};

type TestOutcome = {
  readonly text: string;
  readonly served: string;
  readonly firstMs: number | null;
  readonly tookMs: number;
  readonly end: AnswerEnd;
};

async function askOnce({ model, question, as, signal }: Asked): Promise<TestOutcome> {
  let text = '';
  let served = model;
  let firstMs: number | null = null;
  const beganMs = performance.now();
  const first = (): number => (firstMs ??= performance.now() - beganMs);
  const end = await askModel(
    {
      model,
      messages: [{ role: 'user', content: question }],
      as,
      mayLeave: false,
      temperature: null,
      maxTokens: mostTokens,
    },
    {
      onServed: (by) => void (served = by),
      onText(more) {
        first();
        text += more;
      },
      onThoughts: () => void first(),
      onTokens: () => undefined,
    },
    signal,
  );
  return { text: text.trim(), served, firstMs, tookMs: performance.now() - beganMs, end };
}

function Outcome({ outcome: { text, served, firstMs, tookMs, end } }: { readonly outcome: TestOutcome }) {
  const { t } = useTranslation();
  const format = useFormat();
  switch (end.kind) {
    case 'done': {
      const times = { model: served, time: format.duration(tookMs), first: format.duration(firstMs) };
      if (text === '') return <Note tone="attention">{t('connectPage.test.nothing', times)}</Note>;
      return (
        <Note tone="ok">
          <p>{t('connectPage.test.answered', times)}</p>
          <blockquote className={styles['answer']} dir="auto">
            {text}
          </blockquote>
        </Note>
      );
    }
    case 'stopped':
    case 'too-long':
      return <Note tone="quiet">{t('connectPage.test.stopped')}</Note>;
    case 'broken':
      return <Note tone="attention">{t('connectPage.test.broken')}</Note>;
    case 'refused': {
      const { message, code, requestId } = end;
      return <ErrorNote error={new ApiError(message, { kind: 'refused', code, requestId })} />;
    }
    default:
      return end satisfies never;
  }
}
