import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EntrancePage } from '../parts/entrance-page.tsx';
import { LazyPart } from '../parts/lazy-part.tsx';
import { cacheKeys } from '../queries.ts';
import { SignInPage } from './sign-in.tsx';

/** Needed once. */
const WizardOwner = lazy(async () => ({
  default: (await import('../sections/wizard-owner.tsx')).WizardOwner,
}));

/** First run, by the one-time link: it carries a token in its fragment, which never reaches a server's log. */
export function SetUpPage({ needsSetup }: { readonly needsSetup: boolean }): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [token, setToken] = useState(tokenOfAddress);
  const [isRefused, setIsRefused] = useState(false);
  // The link pasted where this page is open already changes nothing but the fragment.
  useEffect(() => {
    const take = (): void => {
      setToken(tokenOfAddress());
      setIsRefused(false);
    };
    window.addEventListener('hashchange', take);
    return () => window.removeEventListener('hashchange', take);
  }, []);

  function refuse(): void {
    setIsRefused(true);
    // Where another browser has used the link, the way in is the password from now on.
    void client.invalidateQueries({ queryKey: cacheKeys.session });
  }

  if (!needsSetup) return <SignInPage needsSetup={false} lead={t('setUp.alreadyDone')} />;
  if (token === '' || isRefused) {
    return (
      <EntrancePage title={t('setUp.title')} lead={t(isRefused ? 'setUp.linkRefused' : 'setUp.linkNeeded')}>
        <Text>{t('setUp.whereLink')}</Text>
      </EntrancePage>
    );
  }
  return (
    <LazyPart waiting={null}>
      <WizardOwner token={token} onLinkRefused={refuse} />
    </LazyPart>
  );
}

function tokenOfAddress(): string {
  return location.hash.slice(1);
}
