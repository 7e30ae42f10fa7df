import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { DoctorCheck } from '../../server/wire/doctor.ts';
import { places } from '../commands.ts';
import { Fold } from '../parts/more-options.tsx';
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
                {alike(shown).map((checks) => (
                  <CheckRow key={checks[0].id} checks={checks} />
                ))}
              </ul>
            </Panel>
          )
        );
      })}
    </>
  );
}

type Alike = readonly [DoctorCheck, ...DoctorCheck[]];

/** What has found word for word the same, such as that the office is not let in, is said once. */
function alike(checks: readonly DoctorCheck[]): Alike[] {
  const groups = new Map<string, [DoctorCheck, ...DoctorCheck[]]>();
  for (const check of checks) {
    const said = `${check.sentence} ${check.fix ?? ''}`;
    const group = groups.get(said);
    if (group === undefined) groups.set(said, [check]);
    else group.push(check);
  }
  return [...groups.values()];
}

function CheckRow({ checks }: { readonly checks: Alike }): ReactNode {
  const { t, i18n } = useTranslation();
  const [{ state, sentence, fix, path }] = checks;
  const titles = checks.map(({ title }) => title);
  const isWell = state === 'ok';
  return (
    <li className={styles['row']}>
      <div className={styles['head']}>
        <h3 className={styles['name']}>
          {new Intl.ListFormat(i18n.language, { type: 'unit' }).format(titles)}
        </h3>
        <CheckWord state={state} />
      </div>
      <p className={styles['sentence']}>{sentence}</p>
      {fix !== null && !isWell && (
        <p className={styles['fix']}>
          <strong>{t('health.todo')}</strong> {fix}
        </p>
      )}
      <Way path={path ?? null} />
      <Looked checks={checks} hint={isWell ? fix : null} />
    </li>
  );
}

/** The button to where it is put right; nothing where the console has no such place. */
function Way({ path }: { readonly path: string | null }): ReactNode {
  const { t } = useTranslation();
  const place = places.find((one) => one.path === path);
  if (place === undefined) return null;
  return (
    <div>
      <Button component={Link} href={place.path} variant="default" size="xs">
        {t('health.goTo', { place: t(`palette.page.${place.name}`) })}
      </Button>
    </div>
  );
}

/** `hint`: what could still be done where nothing has to be. */
function Looked({ checks, hint }: { readonly checks: Alike; readonly hint: string | null }): ReactNode {
  const { t } = useTranslation();
  const looked = checks.flatMap((check) => check.looked ?? []);
  if (looked.length === 0 && hint === null) return null;
  return (
    <Fold label={t('health.looked')}>
      {looked.map((one) => (
        <p key={one} className={styles['looked']}>
          {one}
        </p>
      ))}
      {hint !== null && <p className={styles['looked']}>{hint}</p>}
    </Fold>
  );
}
