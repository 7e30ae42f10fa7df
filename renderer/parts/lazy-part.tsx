import { Suspense, type ReactNode } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { ErrorNote } from './error-note.tsx';
import { Waiting } from './waiting.tsx';

type LazyPartProps = {
  /** What stands there until it has come. */
  readonly waiting?: ReactNode;
  readonly children: ReactNode;
};

/** Something whose program comes later than the rest of the console, and may be gone after an update. */
export function LazyPart({ waiting, children }: LazyPartProps): ReactNode {
  return (
    <ErrorBoundary FallbackComponent={LazyFailure}>
      <Suspense fallback={waiting === undefined ? <Waiting lines={6} /> : waiting}>{children}</Suspense>
    </ErrorBoundary>
  );
}

/** A new server has new programs by other names: the whole page knows them. */
function LazyFailure({ error }: FallbackProps): ReactNode {
  return <ErrorNote error={error} onRetry={() => location.reload()} />;
}
