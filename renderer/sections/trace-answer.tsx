import { useState, type ReactNode } from 'react';
import { LinkContext, ModelText } from '../parts/model-text.tsx';
import type { Destination } from '../playground/links.ts';
import { LinkDialog } from './playground-dialogs.tsx';

/** A kept answer as the person who got it saw it; whatever it holds, nothing of it is run, loaded or opened by itself. */
export function TraceAnswer({ text }: { readonly text: string }): ReactNode {
  const [destination, setDestination] = useState<Destination | null>(null);
  return (
    <LinkContext value={setDestination}>
      <ModelText text={text} />
      <LinkDialog destination={destination} onClose={() => setDestination(null)} />
    </LinkContext>
  );
}
