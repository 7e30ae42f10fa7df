import { Button, NumberInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '../parts/error-note.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { Panel } from '../parts/panel.tsx';
import { useInspection } from '../queries.ts';
import styles from './inspect-panel.module.css';
import { InspectedView } from './inspected-view.tsx';
import { numberOf } from './model-settings-form.ts';

/** A model by its name or address: looked at first, then fetched. `first`: what to begin with; empty for nothing. */
export function InspectPanel({ first }: { readonly first: string }): ReactNode {
  const { t } = useTranslation();
  const look = useInspection();
  const [uri, setUri] = useState(first);
  const [slots, setSlots] = useState<number | string>('');
  const [tokens, setTokens] = useState<number | string>('');
  const [isOpen, setIsOpen] = useState(false);
  const [wasTried, setWasTried] = useState(false);
  const isMissing = uri.trim() === '';
  const field = useRef<HTMLInputElement>(null);
  const lookAt = look.mutate;
  // Chosen elsewhere on the page: looked at as soon as it is here.
  useEffect(() => {
    if (first === '') return;
    lookAt({ uri: first, slots: null, contextTokens: null });
    field.current?.focus();
    field.current?.scrollIntoView({ block: 'center' });
  }, [first, lookAt]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (isMissing || look.isPending) return;
    look.mutate({ uri: uri.trim(), slots: numberOf(slots), contextTokens: numberOf(tokens) });
  }

  return (
    <Panel title={t('getModel.byAddress')}>
      <form onSubmit={submit} noValidate className={styles['form']}>
        <div className={styles['ask']}>
          <TextInput
            ref={field}
            className={styles['uri'] ?? ''}
            label={t('getModel.uri')}
            description={t('getModel.uriHint')}
            placeholder="hf:Qwen/Qwen3-8B-GGUF:Q4_K_M"
            value={uri}
            maxLength={2000}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setUri(event.currentTarget.value)}
            error={wasTried && isMissing ? t('getModel.uriMissing') : null}
          />
          <Button type="submit" variant="default" loading={look.isPending}>
            {t('getModel.look')}
          </Button>
        </div>
        <MoreOptions label={t('getModel.forWhom')} isOpen={isOpen} onToggle={setIsOpen}>
          <div className={styles['plan']}>
            <NumberInput
              label={t('modelSettings.slots')}
              placeholder="2"
              min={1}
              max={64}
              allowDecimal={false}
              allowNegative={false}
              value={slots}
              onChange={setSlots}
            />
            <NumberInput
              label={t('modelSettings.contextTokens')}
              placeholder="16384"
              min={1}
              max={10_000_000}
              step={1024}
              allowDecimal={false}
              allowNegative={false}
              value={tokens}
              onChange={setTokens}
            />
          </div>
        </MoreOptions>
      </form>
      <div role="status" className={styles['result']}>
        {look.isPending && <p className={styles['looking']}>{t('getModel.looking')}</p>}
        {look.data !== undefined && !look.isPending && <InspectedView model={look.data} />}
      </div>
      {look.error !== null && (
        <div className={styles['result']}>
          <ErrorNote error={look.error} />
        </div>
      )}
    </Panel>
  );
}
