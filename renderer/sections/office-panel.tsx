import { Button, Switch, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronUp, CircleCheck, UserPlus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LanState } from '../../server/wire/lan.ts';
import { currentLanguage } from '../i18n.ts';
import { Chip } from '../parts/chip.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { Panel } from '../parts/panel.tsx';
import { QrCode } from '../parts/qr-code.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useLan, useSetLan } from '../queries.ts';
import { AddressChoice } from './address-choice.tsx';
import { useInvitation } from './invitation-context.ts';
import { OfficePhase } from './office-phase.tsx';
import styles from './office-panel.module.css';

/** The one switch that lets the office in, and what has become of it; below it what else belongs to the address. */
export function OfficePanel({ children }: { readonly children?: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const query = useLan();
  const setLan = useSetLan();
  const lan = query.data;
  const [isOpen, setIsOpen] = useState(false);
  const isReached = lan?.phase === 'reached';
  // Who sees it become so, sees it say so; who comes later finds one line.
  if (lan !== undefined && !isReached && !isOpen) setIsOpen(true);
  const action = (
    <span className={styles['actions']}>
      {lan?.on === true && lan.plain && <Chip title={t('office.plainMeans')}>{t('office.plain')}</Chip>}
      {isReached && <FoldButton isOpen={isOpen} onToggle={setIsOpen} />}
    </span>
  );
  if (isReached && lan.address !== null && !isOpen) {
    return (
      <Panel title={t('office.title')} action={action}>
        <OfficeLine lan={lan} address={lan.address} />
      </Panel>
    );
  }
  return (
    <Panel title={t('office.title')} action={action}>
      <QueryView query={query}>
        {(state) => (
          <div className={styles['panel']}>
            <div className={styles['words']}>
              <Switch
                size="md"
                classNames={{ label: styles['switch'] ?? '' }}
                label={t('office.switch')}
                description={t(state.on ? 'office.onMeans' : 'office.offMeans')}
                checked={setLan.isPending ? setLan.variables.on : state.on}
                disabled={setLan.isPending}
                onChange={(event) => setLan.mutate({ on: event.currentTarget.checked, address: null })}
              />
              {setLan.error !== null && <ErrorNote error={setLan.error} />}
              {state.on && (
                <OpenOffice lan={state} onChoose={(address) => setLan.mutate({ on: true, address })} />
              )}
              {children}
            </div>
            {state.qrSvg !== null && state.address !== null && (
              <figure className={styles['figure']}>
                <QrCode svg={state.qrSvg} label={t('office.qrLabel', { address: state.address })} />
                <figcaption className={styles['caption']}>{t('office.scan')}</figcaption>
              </figure>
            )}
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

type FoldButtonProps = { readonly isOpen: boolean; readonly onToggle: (isOpen: boolean) => void };

function FoldButton({ isOpen, onToggle }: FoldButtonProps): ReactNode {
  const { t } = useTranslation();
  const Icon = isOpen ? ChevronUp : ChevronDown;
  return (
    <UnstyledButton className={styles['fold'] ?? ''} aria-expanded={isOpen} onClick={() => onToggle(!isOpen)}>
      {t(isOpen ? 'officeLine.less' : 'officeLine.more')}
      <Icon size={16} aria-hidden />
    </UnstyledButton>
  );
}

/** All that is needed day by day: that the office gets through, and the address to take along. */
function OfficeLine({ lan, address }: { readonly lan: LanState; readonly address: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['line']}>
      <span className={styles['reached']}>
        <CircleCheck size={18} aria-hidden />
        {t('office.reached', { address: lan.reachedFrom })}
      </span>
      <div className={styles['address']}>
        <CopyField label={t('office.address')} value={address} hidesLabel />
      </div>
    </div>
  );
}

type OpenOfficeProps = { readonly lan: LanState; readonly onChoose: (address: string) => void };

function OpenOffice({ lan, onChoose }: OpenOfficeProps): ReactNode {
  const { t } = useTranslation();
  const { addPerson } = useInvitation();
  const [hasMore, setHasMore] = useState(false);
  const { address, mdnsName, mdnsProblem, choices } = lan;
  const canChoose = choices.length > 1 || (address === null && choices.length > 0);
  return (
    <>
      <OfficePhase lan={lan} />
      {address !== null && (
        <div>
          <CopyField label={t('office.address')} value={address} />
          {mdnsName !== null && (
            <p className={styles['second']}>
              {t('office.byName', { address: `http://${mdnsName}:${new URL(address).port}` })}
            </p>
          )}
          {mdnsProblem !== null && <p className={styles['second']}>{mdnsProblem[currentLanguage()]}</p>}
        </div>
      )}
      {address !== null && (
        <div>
          <Button variant="default" leftSection={<UserPlus size={16} aria-hidden />} onClick={addPerson}>
            {t('people.add')}
          </Button>
        </div>
      )}
      {canChoose && (
        <MoreOptions isOpen={hasMore || address === null} onToggle={setHasMore}>
          <AddressChoice lan={lan} onChoose={onChoose} />
        </MoreOptions>
      )}
    </>
  );
}
