import { Button } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PickKind } from '../../electron/shared/channels.ts';
import { appBridge } from '../app-bridge.ts';

type PickPathButtonProps = { readonly kind: PickKind; readonly onPick: (path: string) => void };

/** The system's own dialog for a file or folder of this computer. A browser cannot tell paths, so there it is not shown. */
export function PickPathButton({ kind, onPick }: PickPathButtonProps): ReactNode {
  const { t } = useTranslation();
  const bridge = appBridge();
  if (bridge === null) return null;
  async function pick(): Promise<void> {
    const path = await bridge?.pickPath(kind);
    if (typeof path === 'string') onPick(path);
  }
  return (
    <Button variant="default" leftSection={<FolderOpen size={16} aria-hidden />} onClick={() => void pick()}>
      {t('models.pickPath')}
    </Button>
  );
}
