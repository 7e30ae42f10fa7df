import { useEffect, useRef, useState } from 'react';
import { uploadBackup } from './api-restore.ts';
import { ApiError } from './api.ts';

/** What a restore is made from: a file of the browser's, or a path on the server's computer. */
export type RestoreSource = {
  readonly file: File | null;
  readonly path: string;
  readonly isMissing: boolean;
  /** How much of the file has been sent; null while none is. */
  readonly percent: number | null;
  /** The owner has stopped the sending. */
  readonly isCancelled: boolean;
  readonly choose: (file: File | null) => void;
  readonly setPath: (path: string) => void;
  readonly cancel: () => void;
  /** Sends the file where it is one, then calls with what the server knows it by. */
  readonly restore: <Answer>(work: (source: NamedSource) => Promise<Answer>) => Promise<Answer>;
};

export type NamedSource = { readonly file: string } | { readonly upload: string };

/** `token`: of the one-time link, before there is a password. */
export function useRestoreSource(token: string | null): RestoreSource {
  const [file, setFile] = useState<File | null>(null);
  const [path, setPath] = useState('');
  const [percent, setPercent] = useState<number | null>(null);
  const [isCancelled, setIsCancelled] = useState(false);
  const abort = useRef<AbortController | null>(null);
  // Another passphrase does not send the file again.
  const sent = useRef<{ readonly file: File; readonly upload: string } | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  async function send(chosen: File): Promise<string> {
    if (sent.current?.file === chosen) return sent.current.upload;
    abort.current = new AbortController();
    const { signal } = abort.current;
    setPercent(0);
    try {
      const upload = await uploadBackup(chosen, { token, signal, onPercent: setPercent });
      sent.current = { file: chosen, upload };
      return upload;
    } catch (error) {
      if (signal.aborted) setIsCancelled(true);
      throw error;
    } finally {
      setPercent(null);
    }
  }

  return {
    file,
    path,
    isMissing: file === null && path.trim() === '',
    percent,
    isCancelled,
    choose(chosen) {
      setFile(chosen);
      setPath('');
      setIsCancelled(false);
    },
    setPath(typed) {
      setPath(typed);
      if (typed !== '') setFile(null);
      setIsCancelled(false);
    },
    cancel: () => abort.current?.abort(),
    async restore(work) {
      setIsCancelled(false);
      if (file === null) return await work({ file: path.trim() });
      try {
        return await work({ upload: await send(file) });
      } catch (error) {
        const isGone = error instanceof ApiError && error.code === 'upload_not_found';
        sent.current = isGone ? null : sent.current;
        if (!isGone) throw error;
        return await work({ upload: await send(file) });
      }
    },
  };
}
