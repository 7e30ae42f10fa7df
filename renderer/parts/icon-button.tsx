import { ActionIcon, type ActionIconProps } from '@mantine/core';
import type { ComponentPropsWithRef, ReactNode } from 'react';

type IconButtonProps = Omit<ActionIconProps, 'aria-label' | 'children'> &
  Omit<ComponentPropsWithRef<'button'>, keyof ActionIconProps | 'aria-label' | 'title'> & {
    /** What it does, for those who do not see the icon; an icon alone does not compile. */
    readonly label: string;
    readonly icon: ReactNode;
  };

/** A button that shows only an icon. The label is its accessible name and its tooltip. */
export function IconButton({ label, icon, ...rest }: IconButtonProps): ReactNode {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" {...rest} aria-label={label} title={label}>
      {icon}
    </ActionIcon>
  );
}
