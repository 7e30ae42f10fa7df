import type { ReactNode } from 'react';
import type { GraphicsRemark } from '../../server/wire/graphics.ts';
import { currentLanguage } from '../i18n.ts';
import { Note } from '../parts/note.tsx';
import { useGraphics } from '../queries-owner.ts';

/** On the first start: that the other edition fits this computer, and what keeps its card from computing. */
export function GraphicsRemarksNote(): ReactNode {
  const remarks = useGraphics().data?.remarks ?? [];
  return <GraphicsRemarks remarks={remarks.filter(isForTheFirstStart)} />;
}

export function GraphicsRemarks({ remarks }: { readonly remarks: readonly GraphicsRemark[] }): ReactNode {
  const language = currentLanguage();
  return remarks.map(({ code, tone, sentence, fix }, index) => (
    // Two cards may have the same to say.
    <Note key={`${code} ${index}`} tone={tone}>
      {sentence[language]} {fix?.[language]}
    </Note>
  ));
}

function isForTheFirstStart({ code, tone }: GraphicsRemark): boolean {
  return tone === 'attention' || code === 'cuda-edition-unneeded';
}
