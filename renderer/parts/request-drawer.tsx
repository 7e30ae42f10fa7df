import { lazy, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { LazyPart } from './lazy-part.tsx';
import { SideDrawer } from './side-drawer.tsx';

const RequestDetails = lazy(async () => ({
  default: (await import('../sections/request-details.tsx')).RequestDetails,
}));

type RequestDrawerProps = { readonly row: WireLogRow | null; readonly onClose: () => void };

/** Everything the log knows about one request. Its contents are fetched when the first one is opened. */
export function RequestDrawer({ row, onClose }: RequestDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <SideDrawer title={t('request.details')} isOpen={row !== null} onClose={onClose}>
      {row !== null && (
        <LazyPart>
          <RequestDetails row={row} />
        </LazyPart>
      )}
    </SideDrawer>
  );
}
