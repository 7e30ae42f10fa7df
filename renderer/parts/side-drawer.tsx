import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { OverlayFrame } from './overlay-frame.tsx';

type SideDrawerProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** What is behind a number or a row, at the right: the page stays where it is. */
export function SideDrawer({ title, isOpen, onClose, children }: SideDrawerProps): ReactNode {
  return (
    <Drawer.Root opened={isOpen} onClose={onClose} position="right" size={460} padding="lg">
      <OverlayFrame of={Drawer} title={title}>
        {children}
      </OverlayFrame>
    </Drawer.Root>
  );
}
