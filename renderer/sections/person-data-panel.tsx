import { Button, NativeSelect } from '@mantine/core';
import { Download, UserX } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { personFile } from '../api-safety.ts';
import { Panel } from '../parts/panel.tsx';
import { ErasePersonDialog } from './erase-person-dialog.tsx';
import styles from './settings.module.css';
import { usePeopleNames } from './use-people-names.ts';

/** What a person may ask for: to have everything that is held of them, or to be rid of it. */
export function PersonDataPanel(): ReactNode {
  const { t } = useTranslation();
  const people = usePeopleNames();
  const [chosen, setChosen] = useState('');
  const [erasing, setErasing] = useState<string | null>(null);
  const person = people.includes(chosen) ? chosen : (people[0] ?? '');
  return (
    <Panel title={t('settings.person.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>
          {t(people.length === 0 ? 'settings.person.none' : 'settings.person.lead')}
        </p>
        {people.length > 0 && (
          <div className={styles['fields']}>
            <NativeSelect
              label={t('request.person')}
              data={people}
              value={person}
              onChange={({ currentTarget: { value } }) => setChosen(value)}
            />
            <Button
              component="a"
              variant="default"
              href={personFile(person)}
              download
              leftSection={<Download size={16} aria-hidden />}
            >
              {t('settings.person.export')}
            </Button>
            <Button
              variant="default"
              leftSection={<UserX size={16} aria-hidden />}
              onClick={() => setErasing(person)}
            >
              {t('settings.person.erase')}
            </Button>
          </div>
        )}
      </div>
      <ErasePersonDialog person={erasing} onClose={() => setErasing(null)} />
    </Panel>
  );
}
