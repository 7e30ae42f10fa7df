import { Button, Popover, Stack } from '@mantine/core';
import { Ellipsis, type LucideIcon } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { IconButton } from './icon-button.tsx';

export type RowMenuItem = {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly isDangerous?: boolean;
  readonly onClick: () => void;
};

type RowMenuProps = { readonly label: string; readonly items: readonly RowMenuItem[] };

/** What else can be done with the row of a list. */
export function RowMenu({ label, items }: RowMenuProps): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);

  function choose(item: RowMenuItem): void {
    setIsOpen(false);
    // A dialog that opens now gives the focus back to where it was: this must still be there then.
    opener.current?.focus();
    item.onClick();
  }

  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <IconButton
          ref={opener}
          label={label}
          icon={<Ellipsis size={18} aria-hidden />}
          onClick={() => setIsOpen((was) => !was)}
        />
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Stack gap={4}>
          {items.map((item) => (
            <Button
              key={item.label}
              variant="subtle"
              justify="flex-start"
              size="sm"
              color={item.isDangerous === true ? 'red' : 'gray'}
              leftSection={<item.icon size={16} aria-hidden />}
              onClick={() => choose(item)}
            >
              {item.label}
            </Button>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
