import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './dialog.module.css';

type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** False where a stray click would lose something, such as a key that is shown once. */
  readonly closesByItself?: boolean;
  readonly children: ReactNode;
};

/** A dialog: keeps the focus inside, gives it back to its opener, closes by Escape. */
export function Dialog({ title, isOpen, onClose, closesByItself = true, children }: DialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal.Root
      opened={isOpen}
      onClose={onClose}
      size={560}
      padding="lg"
      radius="lg"
      centered
      closeOnClickOutside={closesByItself}
      closeOnEscape={closesByItself}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content>
        {/* The library makes it a page's header otherwise, of which there is one already. */}
        <Modal.Header role="presentation">
          <Modal.Title className={styles['title'] ?? ''}>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t('common.close')} />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
