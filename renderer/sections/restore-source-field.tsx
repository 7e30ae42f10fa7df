import { Autocomplete, Button, FileButton, TextInput } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { MoreOptions } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { ProgressLine } from '../parts/progress-line.tsx';
import { useFormat } from '../use-format.ts';
import type { RestoreSource } from '../use-restore-source.ts';
import styles from './restore-source-field.module.css';

type RestoreSourceFieldProps = {
  readonly source: RestoreSource;
  readonly pathLabel: string;
  readonly pathMeans: string;
  /** Paths that are known. */
  readonly paths?: readonly string[];
  /** What is wrong with the file or the path. */
  readonly error: string | null;
};

/** The backup: chosen in the browser and sent, or, for what lies on the server's computer, named by its path. */
export function RestoreSourceField(props: RestoreSourceFieldProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { source, error } = props;
  const [isOpen, setIsOpen] = useState(false);
  const { file, path, percent } = source;
  const field = {
    label: props.pathLabel,
    description: props.pathMeans,
    placeholder: '/media/backup/inglenook.age',
    maxLength: 4096,
    value: path,
    error: path === '' ? null : error,
  };
  return (
    <div className={styles['field']}>
      <div className={styles['row']}>
        <FileButton accept=".age,application/octet-stream" onChange={source.choose}>
          {(button) => (
            <Button
              {...button}
              variant="default"
              leftSection={<FileUp size={16} aria-hidden />}
              disabled={percent !== null}
            >
              {t('restoreFile.choose')}
            </Button>
          )}
        </FileButton>
        <span className={styles['name']} role="status">
          {file === null
            ? t('restoreFile.none')
            : t('restoreFile.chosen', { name: file.name, size: format.fileSize(file.size) })}
        </span>
      </div>
      {path === '' && error !== null && (
        <p className={styles['error']} role="alert">
          {error}
        </p>
      )}
      {percent !== null && (
        <div className={styles['row']}>
          <div className={styles['progress']}>
            <ProgressLine percent={percent} label={t('restoreFile.sending')} />
          </div>
          <Button variant="default" size="xs" onClick={source.cancel}>
            {t('restoreFile.cancel')}
          </Button>
        </div>
      )}
      {source.isCancelled && <Note tone="quiet">{t('restoreFile.cancelled')}</Note>}
      <MoreOptions isOpen={isOpen || path !== ''} onToggle={setIsOpen}>
        {props.paths === undefined ? (
          <TextInput {...field} onChange={({ currentTarget: { value } }) => source.setPath(value)} />
        ) : (
          <Autocomplete {...field} data={[...props.paths]} onChange={source.setPath} />
        )}
      </MoreOptions>
    </div>
  );
}
