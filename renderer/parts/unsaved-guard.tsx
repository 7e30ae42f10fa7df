import { useLayoutEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { hasUnsaved, holdAddress, useHasUnsaved } from '../unsaved.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

/**
 * Asks before unsaved fields are left. Links are caught where they are clicked, before the router sees them; going back
 * in the browser's history cannot be stopped there, so the way is gone back and then asked.
 */
export function UnsavedGuard(): ReactNode {
  const { t } = useTranslation();
  const isDirty = useHasUnsaved();
  const [, navigate] = useLocation();
  const [wanted, setWanted] = useState<string | null>(null);

  useLayoutEffect(() => {
    if (!isDirty) return undefined;
    function onBeforeUnload(event: BeforeUnloadEvent): void {
      event.preventDefault();
    }
    function onClick(event: MouseEvent): void {
      const path = innerPath(event);
      if (path === null || !hasUnsaved()) return;
      event.preventDefault();
      event.stopPropagation();
      setWanted(path);
    }
    const release = holdAddress(location.href, (url) => setWanted(pathOf(url)));
    addEventListener('beforeunload', onBeforeUnload);
    document.addEventListener('click', onClick, { capture: true });
    return () => {
      removeEventListener('beforeunload', onBeforeUnload);
      document.removeEventListener('click', onClick, { capture: true });
      release();
    };
  }, [isDirty]);

  return (
    <ConfirmDialog
      title={t('unsaved.title')}
      sentence={t('unsaved.sentence')}
      confirm={t('unsaved.leave')}
      close={t('unsaved.stay')}
      isOpen={wanted !== null}
      isBusy={false}
      error={null}
      onConfirm={() => {
        const path = wanted;
        setWanted(null);
        if (path !== null) navigate(path);
      }}
      onClose={() => setWanted(null)}
    />
  );
}

const base = '/console';

function pathOf({ pathname, search, hash }: URL): string {
  return (pathname.slice(base.length) || '/') + search + hash;
}

/** Of a plain click on a link that stays within the console but leaves the page; null for everything else. */
function innerPath(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download')) return null;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(base)) return null;
  return url.pathname === location.pathname ? null : pathOf(url);
}
