import type { TFunction } from 'i18next';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ServerStatus, WireModel } from '../../server/wire/admin.ts';
import { isLoaded, useModels, useStatus } from '../queries.ts';
import styles from './status-sentence.module.css';

/** The one sentence that can be read from across the desk. */
export function StatusSentence(): ReactNode {
  const { t } = useTranslation();
  const status = useStatus().data;
  const models = useModels().data;
  const said = useMemo(
    () => (status === undefined || models === undefined ? null : withDevices(t, status, models)),
    [t, status, models],
  );
  if (said === null) return <p className={styles['sentence']}>{'\u00a0'}</p>;
  return (
    <p className={styles['sentence']}>
      <span className={styles['dot']} data-tone={said.tone} aria-hidden />
      {said.text}
    </p>
  );
}

const mostNames = 3;

type Said = { readonly tone: 'ok' | 'info' | 'attention'; readonly text: string };

/** Who has used it belongs to what goes well. */
function withDevices(t: TFunction, status: ServerStatus, models: readonly WireModel[]): Said {
  const said = sentence(t, status, models);
  const devices = status.today.devices ?? 0;
  if (said.tone === 'attention' || devices === 0) return said;
  return { ...said, text: `${said.text} ${t('today.devices', { count: devices })}` };
}

/** The first that is true, worst first. */
function sentence(t: TFunction, status: ServerStatus, models: readonly WireModel[]): Said {
  const usable = models.filter(({ state }) => state !== 'failed');
  const [loading] = models.filter(({ state }) => state === 'loading');
  const ready = models.filter((model) => isLoaded(model));
  const { activeRequests: active, waitingRequests: waiting } = status;
  if (status.log !== undefined && status.log.problem !== null) {
    const { unwritten, lost, problem } = status.log;
    const said = t('home.saysLogWaits', { count: unwritten, problem });
    const missing = lost === 0 ? '' : ` ${t('home.saysLogLost', { count: lost })}`;
    return { tone: 'attention', text: said + missing };
  }
  if (models.length === 0) return { tone: 'attention', text: t('home.saysNoModel') };
  if (usable.length === 0) return { tone: 'attention', text: t('home.saysAllFailed') };
  if (waiting > 0) return { tone: 'info', text: t('home.saysWaiting', { count: waiting, active }) };
  if (active > 0) return { tone: 'info', text: t('home.saysBusy', { count: active }) };
  if (loading !== undefined) return { tone: 'info', text: t('home.saysLoading', { model: loading.id }) };
  if (ready.length === 0) return { tone: 'ok', text: t('home.saysIdle') };
  // What is in the house comes first; a server elsewhere may have dozens.
  const names = ready
    .toSorted((a, b) => Number(a.source === 'upstream') - Number(b.source === 'upstream'))
    .map(({ id }) => id);
  const shown = names.slice(0, mostNames).join(', ');
  const others = names.length - mostNames;
  if (others <= 0) return { tone: 'ok', text: t('home.saysReady', { models: shown }) };
  return { tone: 'ok', text: t('home.saysReadyMore', { models: shown, count: others }) };
}
