import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DoctorCheck } from '../../server/wire/doctor.ts';
import { Panel } from '../parts/panel.tsx';
import { CheckWord } from '../parts/state-word.tsx';
import styles from './checks-view.module.css';

/** What needs somebody stands first. */
const order = ['bad', 'warn', 'unknown', 'ok'] as const satisfies readonly DoctorCheck['state'][];

/** The doctor's checks by how they are, each with the way out where there is one. */
export function ChecksView({ checks }: { readonly checks: readonly DoctorCheck[] }): ReactNode {
  const { t } = useTranslation();
  const needs = checks.filter(({ state }) => state === 'bad' || state === 'warn').length;
  return (
    <>
      <p role="status" className={styles['sum']}>
        {needs === 0 ? t('health.allWell') : t('health.needs', { count: needs })}
      </p>
      {order.map((state) => {
        const shown = checks.filter((check) => check.state === state);
        return (
          shown.length > 0 && (
            <Panel key={state} title={t(`health.group.${state}`)}>
              <ul className={styles['list']}>
                {shown.map((check) => (
                  <CheckRow key={check.id} check={check} />
                ))}
              </ul>
            </Panel>
          )
        );
      })}
    </>
  );
}

function CheckRow({ check: { title, state, sentence, fix } }: { readonly check: DoctorCheck }): ReactNode {
  const { t } = useTranslation();
  return (
    <li className={styles['row']}>
      <div className={styles['head']}>
        <h3 className={styles['name']}>{title}</h3>
        <CheckWord state={state} />
      </div>
      <p className={styles['sentence']}>{sentence}</p>
      {fix !== null && (
        <p className={styles['fix']}>
          <strong>{t('health.todo')}</strong> {fix}
        </p>
      )}
    </li>
  );
}
