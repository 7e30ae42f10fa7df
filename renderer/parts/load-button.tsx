import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';

type LoadButtonProps = {
  readonly model: Pick<WireModel, 'id' | 'state'>;
  readonly isBusy: boolean;
  readonly onLoad: () => void;
  readonly onUnload: () => void;
};

/** The one thing to do with a model next: load it, stop that, or free its memory. */
export function LoadButton({ model, isBusy, onLoad, onUnload }: LoadButtonProps): ReactNode {
  const { t } = useTranslation();
  switch (model.state) {
    case 'ready':
    case 'busy':
      return (
        <Button
          variant="default"
          loading={isBusy}
          aria-label={t('models.unloadWhat', { model: model.id })}
          onClick={onUnload}
        >
          {t('models.unload')}
        </Button>
      );
    case 'loading':
      return (
        <Button
          variant="default"
          aria-label={t('models.stopLoadingWhat', { model: model.id })}
          onClick={onUnload}
        >
          {t('models.stopLoading')}
        </Button>
      );
    case 'off':
    case 'failed':
      return (
        <Button
          variant="default"
          loading={isBusy}
          aria-label={t('models.loadWhat', { model: model.id })}
          onClick={onLoad}
        >
          {t('models.load')}
        </Button>
      );
    default:
      return model.state satisfies never;
  }
}
