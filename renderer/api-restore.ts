import { begunUpload, setupTokenHeader, uploadPieceBytes, uploadState } from '../server/wire/backup.ts';
import { call, callWithBytes } from './api.ts';

export type UploadOptions = {
  /** Of the one-time link, before there is a password; null for the owner who is signed in. */
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** 0 to 100. */
  readonly onPercent: (percent: number) => void;
};

/** Sends a backup piece by piece. @returns the name by which it is restored. @throws ApiError */
export async function uploadBackup(file: File, { token, signal, onPercent }: UploadOptions): Promise<string> {
  const path = token === null ? '/api/restore/uploads' : '/api/setup/restore/uploads';
  const bytes = file.size;
  const { upload } = await call(begunUpload, 'POST', path, token === null ? { bytes } : { bytes, token });
  const headers: Record<string, string> = token === null ? {} : { [setupTokenHeader]: token };
  let offset = 0;
  while (offset < bytes) {
    onPercent((offset / bytes) * 100);
    const piece = file.slice(offset, offset + uploadPieceBytes);
    const options = { signal, headers };
    const address = `${path}/${upload}?offset=${offset}`;
    ({ receivedBytes: offset } = await callWithBytes(uploadState, address, piece, options));
  }
  onPercent(100);
  return upload;
}
