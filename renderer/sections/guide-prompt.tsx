import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { keyPlaceholder, type ConnectGuide } from '../../server/wire/connect.ts';
import { CopyBlock } from '../parts/copy-field.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { useGuideSentence } from '../use-guide-sentence.ts';
import styles from './guide-view.module.css';

type GuidePromptProps = {
  readonly guide: ConnectGuide;
  readonly system: 'windows' | 'mac' | 'linux';
  readonly keyText: string | null;
};

/** The same steps as one text, for a coding agent on the computer where the tool is. */
export function GuidePrompt(props: GuidePromptProps): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  if (props.guide.availability !== 'ready') return null;
  return (
    <MoreOptions label={t('connectPage.agent.title')} isOpen={isOpen} onToggle={setIsOpen}>
      {isOpen && <Prompt {...props} />}
    </MoreOptions>
  );
}

function Prompt({ guide, system, keyText }: GuidePromptProps): ReactNode {
  const { t } = useTranslation();
  const sentence = useGuideSentence();
  const steps = guide.steps.map(({ textKey, values, paths, snippet }, index) =>
    [
      `${index + 1}. ${sentence(textKey, values)}`,
      ...(paths === null ? [] : [paths[system]]),
      ...(snippet === null ? [] : [snippet.text.replaceAll(keyPlaceholder, keyText ?? keyPlaceholder)]),
    ].join('\n'),
  );
  const text = [t('connectPage.agent.intro', { tool: guide.title }), ...steps, t('connectPage.agent.end')];
  return (
    <>
      <p className={styles['sentence']}>
        {t(keyText === null ? 'connectPage.agent.means' : 'connectPage.agent.meansKey')}
      </p>
      <CopyBlock label={t('connectPage.agent.title')} value={text.join('\n\n')} />
    </>
  );
}
