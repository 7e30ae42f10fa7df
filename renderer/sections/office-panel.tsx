import { Button, Switch } from '@mantine/core';
import { UserPlus } from 'lucide-react';
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

/** The one switch that lets the office in, and what has become of it. */
export function OfficePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useLan();
  const setLan = useSetLan();
  const lan = query.data;
  return (
    <Panel
      title={t('office.title')}
      action={
        lan?.on === true && lan.plain && <Chip title={t('office.plainMeans')}>{t('office.plain')}</Chip>
      }
    >
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
