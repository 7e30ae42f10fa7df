import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorNote } from './error-note.tsx';
import { Waiting } from './waiting.tsx';

type QueryViewProps<T> = {
  readonly query: UseQueryResult<T>;
  /** Shown instead of the grey lines while the first answer is awaited. */
  readonly waiting?: ReactNode;
  readonly children: (data: T) => ReactNode;
};

/** The states that every panel has: waiting, failed, there. Data once shown stays when a later call fails. */
export function QueryView<T>({ query, waiting, children }: QueryViewProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  return waiting ?? <Waiting />;
}
