import { Collapse, UnstyledButton } from '@mantine/core';
import { ChevronRight } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './more-options.module.css';

type MoreOptionsProps = {
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
  /** Default: “More options”. */
  readonly label?: string;
  readonly children: ReactNode;
};

/** The fold for what most people never need. */
export function MoreOptions({ isOpen, onToggle, label, children }: MoreOptionsProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div>
      <UnstyledButton
        className={styles['toggle'] ?? ''}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => onToggle(!isOpen)}
      >
        <ChevronRight size={16} aria-hidden className={styles['chevron']} />
        {label ?? t('common.moreOptions')}
      </UnstyledButton>
      <Collapse id={id} expanded={isOpen}>
        <div className={styles['inside']}>{children}</div>
      </Collapse>
    </div>
  );
}

/** The same for a fold that nobody else has to know the state of. */
export function Fold({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <MoreOptions label={label} isOpen={isOpen} onToggle={setIsOpen}>
      {children}
    </MoreOptions>
  );
}
