import { Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { commandKey, goTo, setShortcutsOn, useShortcutsOn } from '../shortcuts.ts';
import { Dialog } from './dialog.tsx';
import { useShownLater } from '../use-shown-later.ts';
import styles from './shortcut-list.module.css';

const goKeys = Object.keys(goTo) as (keyof typeof goTo)[];

type ShortcutListProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** Which keys there are, and the switch that turns them off. */
export function ShortcutList({ isOpen, onClose }: ShortcutListProps): ReactNode {
  const { t } = useTranslation();
  const isShown = useShownLater(isOpen);
  const isOn = useShortcutsOn();
  return (
    <Dialog title={t('keyboard.title')} isOpen={isShown} onClose={onClose}>
      <dl className={styles['list']}>
        <Row keys={[`${commandKey()} + K`]} does={t('keyboard.palette')} />
        <Row keys={['/']} does={t('keyboard.search')} />
        {goKeys.map((key) => (
          <Row key={key} keys={['g', key]} does={t(`keyboard.go.${key}`)} />
        ))}
        <Row keys={['?']} does={t('keyboard.list')} />
        <Row keys={['Esc']} does={t('keyboard.escape')} />
      </dl>
      <Switch
        label={t('keyboard.switch')}
        description={t('keyboard.switchMeans')}
        checked={isOn}
        onChange={({ currentTarget: { checked } }) => setShortcutsOn(checked)}
      />
    </Dialog>
  );
}

function Row({ keys, does }: { readonly keys: readonly string[]; readonly does: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['row']}>
      <dt>
        {keys.map((key, index) => (
          <span key={key}>
            {index > 0 && <span className={styles['then']}> {t('keyboard.then')} </span>}
            <kbd className={styles['key']}>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
