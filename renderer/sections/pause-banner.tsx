import { Button } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PauseKind, Pausing } from '../../server/wire/owner.ts';
import { endPause } from '../api-owner.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useOwner, usePauseChange } from '../queries-owner.ts';
import { useFormat } from '../use-format.ts';

const kinds = ['all', 'gpu'] as const satisfies readonly PauseKind[];

/** What the owner has taken back, for how long yet, and the way back. */
export function PauseBanner(): ReactNode {
  const owner = useOwner().data;
  if (owner === undefined) return null;
  return kinds.map((kind) => {
    const pause = owner.pauses[kind];
    return pause === null ? null : <OnePause key={kind} kind={kind} pause={pause} />;
  });
}

type OnePauseProps = { readonly kind: PauseKind; readonly pause: Pausing };

function OnePause({ kind, pause }: OnePauseProps): ReactNode {
  const { t } = useTranslation();
  const end = usePauseChange(endPause);
  const { phase, running, others } = pause;
  return (
    <>
      <Note
        tone="attention"
        isLive
        action={
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate(kind)}>
            {t(`owner.back.${kind}`)}
          </Button>
        }
      >
        {t(`owner.says.${kind}`)} <TimeLeft until={pause.until} />{' '}
        {phase === 'draining' && t('owner.draining', { count: running })}
        {phase === 'unloading' && t('owner.unloading')}
        {others.length > 0 && t('owner.others', { names: others.join(', ') })}
      </Note>
      {end.error !== null && <ErrorNote error={end.error} />}
    </>
  );
}

const tickMs = 1_000;

function TimeLeft({ until }: { readonly until: string | null }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), tickMs);
    return () => clearInterval(timer);
  }, []);
  if (until === null) return t('owner.noEnd');
  const leftMs = Math.max(0, Date.parse(until) - now.getTime());
  // Said by screen readers when the sentence changes, which each second must not be.
  return (
    <>
      {t('owner.until', { time: format.moment(until, now) })}{' '}
      <span aria-hidden>{t('owner.left', { left: format.untilEnd(leftMs) })}</span>
    </>
  );
}
