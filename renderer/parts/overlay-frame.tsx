import type { Drawer, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './overlay-frame.module.css';

type OverlayFrameProps = {
  /** The library's pieces: those of a dialog or of a drawer. */
  readonly of: typeof Modal | typeof Drawer;
  readonly title: string;
  readonly children: ReactNode;
};

/** What stands over the page: a veil, and before it a heading with the way out, and what is inside. */
export function OverlayFrame({ of, title, children }: OverlayFrameProps): ReactNode {
  const { t } = useTranslation();
  const { Overlay, Content, Header, Title, CloseButton, Body } = of;
  return (
    <>
      <Overlay backgroundOpacity={0.45} />
      <Content>
        {/* The library makes it a page's header otherwise, of which there is one already. */}
        <Header role="presentation">
          <Title className={styles['title'] ?? ''}>{title}</Title>
          <CloseButton aria-label={t('common.close')} />
        </Header>
        <Body>{children}</Body>
      </Content>
    </>
  );
}
