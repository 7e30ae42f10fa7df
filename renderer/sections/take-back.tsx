import { Button } from '@mantine/core';
import { lazy, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PauseKind } from '../../server/wire/owner.ts';
import { LazyPart } from '../parts/lazy-part.tsx';
import { useOwner } from '../queries-owner.ts';
import styles from './take-back.module.css';

const PauseDialog = lazy(async () => ({ default: (await import('./pause-dialog.tsx')).PauseDialog }));
const kinds = ['gpu', 'all'] as const satisfies readonly PauseKind[];

/** The computer is its owner's first: two ways to take it back for a while. */
export function TakeBack(): ReactNode {
  const { t } = useTranslation();
  const owner = useOwner().data;
  const [asking, setAsking] = useState<PauseKind | null>(null);
  /** Its program comes when it is wanted first, and then stays. */
  const [wasAsked, setWasAsked] = useState(false);
  const ask = (kind: PauseKind): void => {
    setWasAsked(true);
    setAsking(kind);
  };
  return (
    <div className={styles['ways']} role="group" aria-label={t('owner.title')}>
      {kinds.map((kind) => (
        <Button
          key={kind}
          variant="default"
          size="xs"
          disabled={owner === undefined}
          onClick={() => ask(kind)}
        >
          {t(`owner.${(owner?.pauses[kind] ?? null) === null ? 'take' : 'change'}.${kind}`)}
        </Button>
      ))}
      {wasAsked && (
        <LazyPart waiting={null}>
          <PauseDialog kind={asking} onClose={() => setAsking(null)} />
        </LazyPart>
      )}
    </div>
  );
}
