import { Button, TextInput } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { copyShortcut, useCopy, type CopyState } from '../use-copy.ts';
import styles from './copy-field.module.css';

type CopyFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  /** Where a sentence beside it already says what it is; the label is then for screen readers only. */
  readonly hidesLabel?: boolean;
  /** On the button, where several stand near each other. Default: Copy. */
  readonly button?: string | undefined;
};

/** A value to take along: read-only, selectable, with a Copy button that works without a secure context too. */
export function CopyField(props: CopyFieldProps): ReactNode {
  const { label, value, description, hidesLabel = false, button } = props;
  const field = useRef<HTMLInputElement>(null);
  const { state, copy } = useCopy(value, field);
  return (
    <div>
      <div className={styles['row']}>
        <TextInput
          ref={field}
          className={styles['field'] ?? ''}
          classNames={{ input: styles['input'] ?? '', label: styles['label'] ?? '' }}
          {...(hidesLabel ? { 'aria-label': label } : { label })}
          description={description}
          value={value}
          readOnly
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label={label} button={button} state={state} onCopy={copy} />
      </div>
      <CopyHint state={state} />
    </div>
  );
}

/** Several lines to take along, such as a first request. */
export function CopyBlock({
  label,
  value,
  button,
}: Pick<CopyFieldProps, 'label' | 'value' | 'button'>): ReactNode {
  const block = useRef<HTMLElement>(null);
  const { state, copy } = useCopy(value, block);
  return (
    <div>
      <div className={styles['block']}>
        {/* Scrolls sideways, so the keyboard must be able to reach it. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <section ref={block} className={styles['scroller']} tabIndex={0} aria-label={label}>
          <pre className={styles['pre']}>{value}</pre>
        </section>
        <CopyButton label={label} button={button} state={state} onCopy={copy} />
      </div>
      <CopyHint state={state} />
    </div>
  );
}

type CopyButtonProps = {
  readonly label: string;
  readonly button?: string | undefined;
  readonly state: CopyState;
  readonly onCopy: () => Promise<void>;
};

function CopyButton({ label, button, state, onCopy }: CopyButtonProps): ReactNode {
  const { t } = useTranslation();
  const isCopied = state === 'copied';
  return (
    <Button
      className={styles['button'] ?? ''}
      variant="default"
      leftSection={isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
      {...(isCopied
        ? {}
        : { 'aria-label': button === undefined ? t('copy.what', { what: label }) : `${button}: ${label}` })}
      onClick={() => void onCopy()}
    >
      {isCopied ? t('copy.done') : (button ?? t('copy.button'))}
    </Button>
  );
}

function CopyHint({ state }: { readonly state: CopyState }): ReactNode {
  const { t } = useTranslation();
  return (
    <output className={state === 'by-hand' ? styles['hint'] : styles['hidden']}>
      {state === 'by-hand' && t('copy.byHand', { shortcut: copyShortcut() })}
      {state === 'copied' && t('copy.done')}
    </output>
  );
}
