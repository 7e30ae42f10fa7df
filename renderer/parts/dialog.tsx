import { getDefaultZIndex, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { OverlayFrame } from './overlay-frame.tsx';

type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** False where a stray click would lose something, such as a key that is shown once. */
  readonly closesByItself?: boolean;
  /** For one that may open while another is open. */
  readonly isAboveOthers?: boolean;
  readonly children: ReactNode;
};

/** A dialog: keeps the focus inside, gives it back to its opener, closes by Escape. */
export function Dialog({
  title,
  isOpen,
  onClose,
  closesByItself = true,
  isAboveOthers = false,
  children,
}: DialogProps): ReactNode {
  return (
    <Modal.Root
      opened={isOpen}
      onClose={onClose}
      size={560}
      padding="lg"
      radius="lg"
      centered
      {...(isAboveOthers ? { zIndex: getDefaultZIndex('popover') } : {})}
      closeOnClickOutside={closesByItself}
      closeOnEscape={closesByItself}
    >
      <OverlayFrame of={Modal} title={title}>
        {children}
      </OverlayFrame>
    </Modal.Root>
  );
}
