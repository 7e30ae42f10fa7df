import { MantineThemeProvider, Notification } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** What is told in passing, at the corner. Their way out has a name in the language that is spoken. */
export function Toasts(): ReactNode {
  const { t } = useTranslation();
  const closeButtonProps = { 'aria-label': t('common.close') };
  return (
    <MantineThemeProvider
      theme={{ components: { Notification: Notification.extend({ defaultProps: { closeButtonProps } }) } }}
    >
      <Notifications position="bottom-right" containerWidth={360} />
    </MantineThemeProvider>
  );
}
