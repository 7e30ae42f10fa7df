import { useEffect, useState, type RefObject } from 'react';

/** `by-hand`: neither way worked, the text is selected and waits for Ctrl+C. */
export type CopyState = 'idle' | 'copied' | 'by-hand';

const saidForMs = 4_000;

/**
 * Copies `text`, shown in `field`. Over plain http on the office network there is no `navigator.clipboard`
 * (no secure context), so three ways are tried in turn: the clipboard API, the old copy command on the selected
 * field, and leaving the selection for the person's own Ctrl+C.
 */
export function useCopy(
  text: string,
  field: RefObject<HTMLElement | null>,
): { readonly state: CopyState; readonly copy: () => Promise<void> } {
  const [state, setState] = useState<CopyState>('idle');

  useEffect(() => {
    if (state !== 'copied') return undefined;
    const timer = setTimeout(() => setState('idle'), saidForMs);
    return () => clearTimeout(timer);
  }, [state]);

  async function copy(): Promise<void> {
    setState((await byClipboard(text)) || bySelection(field.current) ? 'copied' : 'by-hand');
  }
  return { state, copy };
}

async function byClipboard(text: string): Promise<boolean> {
  try {
    // Absent without a secure context, whatever the types say.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) return false;
    await clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function bySelection(field: HTMLElement | null): boolean {
  if (field === null) return false;
  field.focus();
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.select();
  else getSelection()?.selectAllChildren(field);
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  }
}

export function copyShortcut(): string {
  return /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C';
}
