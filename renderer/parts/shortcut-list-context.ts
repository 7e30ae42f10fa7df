import { createContext } from 'react';

/** Opens the list of keys; null where there are none, as before signing in. */
export const ShortcutListContext = createContext<(() => void) | null>(null);
