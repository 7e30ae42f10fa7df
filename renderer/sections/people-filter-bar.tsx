import { CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { deviceOrders, deviceStates, type DeviceView } from '../people-list.ts';
import styles from './people-filter-bar.module.css';

type PeopleFilterBarProps = {
  readonly view: DeviceView;
  readonly onChange: (view: DeviceView) => void;
};

/** Finding one of many devices. */
export function PeopleFilterBar({ view, onChange }: PeopleFilterBarProps): ReactNode {
  const { t } = useTranslation();
  const { words, state, order } = view;
  return (
    <search className={styles['bar']} aria-label={t('peopleList.filter')}>
      <TextInput
        className={styles['words'] ?? ''}
        type="search"
        label={t('peopleList.words')}
        placeholder={t('peopleList.wordsExample')}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        leftSection={<Search size={16} aria-hidden />}
        value={words}
        onChange={({ currentTarget: { value } }) => onChange({ ...view, words: value })}
        rightSection={
          words !== '' && (
            <CloseButton
              size="sm"
              aria-label={t('peopleList.clearWords')}
              onClick={() => onChange({ ...view, words: '' })}
            />
          )
        }
      />
      <NativeSelect
        className={styles['choice'] ?? ''}
        label={t('peopleList.state')}
        value={state ?? ''}
        data={[
          { value: '', label: t('peopleList.stateName.all') },
          ...deviceStates.map((value) => ({ value, label: t(`peopleList.stateName.${value}`) })),
        ]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...view, state: deviceStates.find((known) => known === value) ?? null })
        }
      />
      <NativeSelect
        className={styles['choice'] ?? ''}
        label={t('peopleList.order')}
        value={order}
        data={deviceOrders.map((value) => ({ value, label: t(`peopleList.orderName.${value}`) }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...view, order: deviceOrders.find((known) => known === value) ?? 'person' })
        }
      />
    </search>
  );
}
