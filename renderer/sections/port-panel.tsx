import { Anchor, Button, NumberInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortState } from '../../server/wire/trials.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useLan } from '../queries.ts';
import { usePort, useTrial, useTryPort } from '../queries-trials.ts';
import { refusalAt } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import styles from './settings.module.css';
import { TrialNote } from './trial-note.tsx';

/** Where the server listens and by which name it is found; another port is tried before it counts. */
export function PortPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('port.title')}>
      <QueryView query={usePort()}>{(port) => <PortBody state={port} />}</QueryView>
    </Panel>
  );
}

type PortProps = { readonly state: PortState };

function PortBody({ state }: PortProps): ReactNode {
  const { t } = useTranslation();
  const { address, mdnsName } = useLan().data ?? { address: null, mdnsName: null };
  const isOnTrial = useTrial('port') !== null;
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('port.lead')}</p>
      <Facts>
        <Fact label={t('port.port')} value={String(state.port)} />
        <Fact label={t('port.office')} value={address ?? t('port.officeClosed')} />
        <Fact label={t('port.mdns')} value={mdnsName ?? t('port.mdnsNone')} title={t('port.mdnsMeans')} />
      </Facts>
      <TrialNote
        name="port"
        sentence={<OtherPort port={state.also} />}
        takenBack={t('port.takenBack', { port: state.port })}
      />
      {/* 0: any that is free, so there is nothing to tell of it. */}
      {!isOnTrial && state.next !== 0 && state.next !== state.port && (
        <Note tone="attention">
          {t(state.also === null ? 'port.fromNext' : 'port.bothUntil', {
            port: state.port,
            next: state.next,
          })}
        </Note>
      )}
      {state.isGiven ? <Note tone="quiet">{t('port.given')}</Note> : <PortForm state={state} />}
    </div>
  );
}

/** The way to see whether it can be reached: the console itself, at the other port. */
function OtherPort({ port }: { readonly port: number | null }): ReactNode {
  const { t } = useTranslation();
  if (port === null) return t('port.trial');
  const there = new URL(location.href);
  there.port = String(port);
  return (
    <>
      {t('port.trial')} <Anchor href={there.href}>{t('port.open', { port })}</Anchor>
    </>
  );
}

function PortForm({ state }: PortProps): ReactNode {
  const { t } = useTranslation();
  const change = useTryPort();
  const [typed, setTyped] = useState<number | string>('');
  const [wasTried, setWasTried] = useState(false);
  const port = typeof typed === 'number' ? typed : null;
  const isUsable = port !== null && Number.isInteger(port) && port >= 1024 && port <= 65_535;
  useUnsaved(typed !== '');

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (!isUsable || change.isPending) return;
    change.mutate(port, {
      onSuccess: () => {
        setTyped('');
        setWasTried(false);
      },
    });
  }

  const refused = refusalAt(change.error, 'port')?.sentence ?? null;
  return (
    <form className={styles['body']} onSubmit={submit} noValidate>
      <div className={styles['fields']}>
        <NumberInput
          label={t('port.other')}
          description={t('port.otherMeans')}
          placeholder={String(state.port + 1)}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=""
          hideControls
          clampBehavior="none"
          value={typed}
          error={wasTried && !isUsable ? t('port.range') : refused}
          onChange={(value) => {
            setTyped(value);
            change.reset();
          }}
        />
        <Button type="submit" variant="default" loading={change.isPending}>
          {t('port.try')}
        </Button>
      </div>
      {change.error !== null && refused === null && <ErrorNote error={change.error} />}
    </form>
  );
}
