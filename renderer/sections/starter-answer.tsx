import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { roleNames } from '../../server/wire/aliases.ts';
import type { Hearer } from '../playground/playground.ts';
import { askModel } from '../api-playground.ts';
import { ApiError } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { StarterBadge } from '../parts/model-badge.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { ModelState } from '../parts/state-word.tsx';
import { cacheKeys, useModels } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import styles from './wizard.module.css';

/** That it answers already, shown by an answer. What answers is said: a test model, or the owner's own by now. */
export function StarterAnswer(): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  const question = t('wizard.starter.question');
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['first-answer', question],
    async queryFn({ signal }) {
      const answer = await askOnce(question, signal);
      // Only now is it known how fast this computer writes, and so what to take.
      void client.invalidateQueries({ queryKey: cacheKeys.catalogue });
      return answer;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const served = models.find(({ id }) => id === query.data?.served);
  return (
    <Panel
      title={t('wizard.starter.title')}
      action={served === undefined ? undefined : <ModelState state={served.state} />}
    >
      <div className={styles['answer']} aria-busy={query.isPending || undefined}>
        {served?.source === 'starter' && (
          <div>
            <StarterBadge />
          </div>
        )}
        <p className={styles['second']}>{t('wizard.starter.asked', { question })}</p>
        {query.isPending && (
          <Note tone="waiting">
            <p>{t('wizard.starter.waiting')}</p>
          </Note>
        )}
        {query.isError && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
        {query.data !== undefined && <Answer answer={query.data} />}
        {served?.source === 'starter' && <p className={styles['second']}>{t('wizard.starter.means')}</p>}
      </div>
    </Panel>
  );
}

type FirstAnswer = { readonly text: string; readonly served: string | null; readonly firstMs: number | null };

function Answer({ answer: { text, served, firstMs } }: { readonly answer: FirstAnswer }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {/* Text and nothing else: what a model says is nobody's page. */}
      <blockquote className={styles['quote']}>{text}</blockquote>
      <p className={`${styles['text']} ${styles['numbers']}`}>
        {served} · {t('wizard.starter.first', { time: format.duration(firstMs) })}
      </p>
    </>
  );
}

const mostTokens = 40;
const mostShown = 400;

/** @throws ApiError, in the server's words where it has refused */
async function askOnce(content: string, signal: AbortSignal): Promise<FirstAnswer> {
  const beganMs = performance.now();
  let firstMs: number | null = null;
  let text = '';
  let served: string | null = null;
  const hearer: Hearer = {
    onServed: (model) => (served = model),
    onThoughts: () => (firstMs ??= performance.now() - beganMs),
    onText(more) {
      firstMs ??= performance.now() - beganMs;
      text += more;
    },
    onTokens: () => undefined,
  };
  const question = {
    model: roleNames.chat,
    as: null,
    mayLeave: false,
    temperature: 0,
    maxTokens: mostTokens,
  };
  const end = await askModel({ ...question, messages: [{ role: 'user', content }] }, hearer, signal);
  if (end.kind === 'refused') throw new ApiError(end.message, { kind: 'refused', code: end.code });
  if (end.kind !== 'done') throw new ApiError('The answer broke off.', { kind: 'unreachable' });
  return { text: text.trim().slice(0, mostShown), served, firstMs };
}
