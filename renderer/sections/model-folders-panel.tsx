import { Button, TextInput } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModelFolder } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useFolderChange, useModelFolders } from '../queries.ts';
import { withoutQuotes } from './add-model-dialog.tsx';
import { PickPathButton } from './pick-path-button.tsx';
import askStyles from './inspect-panel.module.css';
import styles from './place-list.module.css';

/** Folders of this computer whose model files are all used in place, also those that come later. */
export function ModelFoldersPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useModelFolders();
  return (
    <Panel title={t('folders.title')}>
      <p className={styles['lead']}>{t('folders.lead')}</p>
      <QueryView query={query}>
        {(folders) =>
          folders.length === 0 ? null : (
            <ul className={styles['list']}>
              {folders.map((folder) => (
                <FolderRow key={folder.path} folder={folder} />
              ))}
            </ul>
          )
        }
      </QueryView>
      <AddFolderForm />
    </Panel>
  );
}

function FolderRow({ folder }: { readonly folder: WireModelFolder }): ReactNode {
  const { t } = useTranslation();
  const forget = useFolderChange(api.removeModelFolder);
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <span className={styles['name']}>{folder.path}</span>
        <span className={styles['more']}>
          {folder.models.length === 0
            ? t('folders.empty')
            : t('folders.models', { count: folder.models.length, names: folder.models.join(', ') })}
        </span>
      </div>
      <IconButton
        label={t('folders.forget', { path: folder.path })}
        icon={<Trash2 size={18} aria-hidden />}
        loading={forget.isPending}
        onClick={() => forget.mutate(folder.path)}
      />
      {forget.error !== null && <ErrorNote error={forget.error} />}
    </li>
  );
}

function AddFolderForm(): ReactNode {
  const { t } = useTranslation();
  const add = useFolderChange(api.addModelFolder);
  const [path, setPath] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const plainPath = withoutQuotes(path);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (plainPath === '' || add.isPending) return;
    add.mutate(plainPath, {
      onSuccess: () => {
        setPath('');
        setWasTried(false);
      },
    });
  }

  return (
    <form onSubmit={submit} noValidate className={askStyles['form']}>
      <div className={askStyles['ask']}>
        <TextInput
          className={askStyles['uri'] ?? ''}
          label={t('folders.path')}
          placeholder="/srv/models"
          value={path}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setPath(event.currentTarget.value)}
          error={wasTried && plainPath === '' ? t('folders.pathMissing') : null}
        />
        <PickPathButton kind="folder" onPick={setPath} />
        <Button type="submit" variant="default" loading={add.isPending}>
          {t('folders.add')}
        </Button>
      </div>
      {add.error !== null && <ErrorNote error={add.error} />}
    </form>
  );
}
