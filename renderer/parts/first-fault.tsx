import { useEffect, useRef, type ReactNode } from 'react';

type FirstFaultProps = {
  /** Grows with each attempt that did not go through. */
  readonly failures: number;
  readonly children: ReactNode;
};

/** Puts the focus into the first field at fault, once what it lies in is open. */
export function FirstFault({ failures, children }: FirstFaultProps): ReactNode {
  const inside = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failures === 0) return;
    const frame = requestAnimationFrame(() =>
      inside.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    );
    return () => cancelAnimationFrame(frame);
  }, [failures]);
  return <div ref={inside}>{children}</div>;
}
