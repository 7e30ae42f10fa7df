import { Button, Textarea } from '@mantine/core';
import { SendHorizontal, Square } from 'lucide-react';
import { useRef, useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { playground, usePlayground } from '../playground/open.ts';
import { isRunning } from '../playground/talk.ts';
import styles from './playground-composer.module.css';

/** Where the question is written. What is written stays until it has gone out, whatever happens. */
export function PlaygroundComposer({ asked }: { readonly asked: readonly [string, string] }): ReactNode {
  const { t } = useTranslation();
  const { draft, turns } = usePlayground();
  const [isMissing, setIsMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const runs = isRunning(turns.at(-1));

  function ask(event?: FormEvent): void {
    event?.preventDefault();
    if (runs) return;
    setIsMissing(draft.trim() === '');
    playground.ask(asked);
    field.current?.focus();
  }
  function stop(): void {
    playground.stop();
    field.current?.focus();
  }
  function press(event: KeyboardEvent): void {
    if (event.key === 'Escape' && runs) stop();
    // While a word is being put together, Enter only ends that.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask();
  }

  return (
    <form className={styles['form']} onSubmit={ask} noValidate>
      <Textarea
        ref={field}
        className={styles['field'] ?? ''}
        label={t('playground.question')}
        description={t('playground.questionMeans')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autosize
        minRows={2}
        maxRows={10}
        value={draft}
        error={isMissing && t('playground.questionMissing')}
        onChange={({ currentTarget: { value } }) => {
          setIsMissing(false);
          playground.write(value);
        }}
        onKeyDown={press}
      />
      {runs ? (
        // Two buttons, not one that changes under the finger: the press that stops would also ask.
        <Button key="stop" variant="default" leftSection={<Square size={16} aria-hidden />} onClick={stop}>
          {t('playground.stop')}
        </Button>
      ) : (
        <Button key="ask" type="submit" leftSection={<SendHorizontal size={16} aria-hidden />}>
          {t('playground.ask')}
        </Button>
      )}
    </form>
  );
}
