import { useEffect, useState } from 'react';

/**
 * The same, a moment after the first drawing. A dialog that is fetched when it is opened would begin open otherwise, and
 * would not know to whom it gives the focus back.
 */
export function useShownLater(isOpen: boolean): boolean {
  const [isDrawn, setIsDrawn] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setIsDrawn(true));
    return () => cancelAnimationFrame(frame);
  }, []);
  return isOpen && isDrawn;
}
