import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './side-drawer.module.css';

type SideDrawerProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** What is behind a number or a row, at the right: the page stays where it is. */
export function SideDrawer({ title, isOpen, onClose, children }: SideDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Drawer.Root opened={isOpen} onClose={onClose} position="right" size={460} padding="lg">
      <Drawer.Overlay backgroundOpacity={0.45} />
      <Drawer.Content>
        {/* The library makes it a page's header otherwise, of which there is one already. */}
        <Drawer.Header role="presentation">
          <Drawer.Title className={styles['title'] ?? ''}>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label={t('common.close')} />
        </Drawer.Header>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
