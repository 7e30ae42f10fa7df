import { Button } from '@mantine/core';
import { Settings2, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../parts/icon-button.tsx';

type ConnectionActionsProps = {
  readonly name: string;
  readonly isTesting: boolean;
  readonly onTest: () => void;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
};

/** What can be done with a server elsewhere that we ask or send to: try it, change it, take it away. */
export function ConnectionActions(props: ConnectionActionsProps): ReactNode {
  const { t } = useTranslation();
  const { name } = props;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        loading={props.isTesting}
        aria-label={t('engines.testWhat', { name })}
        onClick={props.onTest}
      >
        {t('engines.test')}
      </Button>
      <IconButton
        label={t('engines.editWhat', { name })}
        icon={<Settings2 size={18} aria-hidden />}
        onClick={props.onEdit}
      />
      <IconButton
        label={t('engines.removeWhat', { name })}
        icon={<Trash2 size={18} aria-hidden />}
        onClick={props.onRemove}
      />
    </>
  );
}
