/**
 * Why a download does not go on. `network`: worth another try, without limit. `changed`: the file at its source is
 * another one now, so begin anew. `no-space`: the disk guard. `stop`: trying again would not help.
 */
export type FaultKind = 'network' | 'changed' | 'no-space' | 'stop';

/** The message is a sentence for the owner, without addresses that could hold a secret. */
export class DownloadFault extends Error {
  override readonly name = 'DownloadFault';
  readonly kind: FaultKind;
  /** When the source wants to be asked again, if it said so. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: FaultKind,
    message: string,
    details: { readonly retryAfterMs?: number | null; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

const networkSentences: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the source could not be looked up. Is there an internet connection?',
  EAI_AGAIN: 'The name of the source could not be looked up. Is there an internet connection?',
  ECONNREFUSED: 'The source refused the connection.',
  ECONNRESET: 'The source cut the connection.',
  ERR_STREAM_PREMATURE_CLOSE: 'The source cut the connection.',
  ENETUNREACH: 'There is no way to the source. Is there an internet connection?',
  EHOSTUNREACH: 'There is no way to the source. Is there an internet connection?',
  ETIMEDOUT: 'The source does not answer.',
  CERT_HAS_EXPIRED: 'The certificate of the source has expired, or this computer’s clock is wrong.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the source is not one that this computer trusts.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the source is not one that this computer trusts.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the source is not one that this computer trusts.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the source is for another name.',
};

/** Anything that went wrong on the line. */
export function networkFault(error: unknown): DownloadFault {
  if (error instanceof DownloadFault) return error;
  // Several addresses of one name were tried: the first's error stands for all.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const sentence = networkSentences[codeOf(first)] ?? 'The connection to the source failed.';
  return new DownloadFault('network', sentence, { cause: error });
}

/** Anything that went wrong on our disk. */
export function diskFault(error: unknown): DownloadFault {
  if (error instanceof DownloadFault) return error;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new DownloadFault('no-space', 'The disk is full. It goes on when there is room.', {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new DownloadFault('stop', 'The folder for models may not be written. Change its permissions.', {
        cause: error,
      });
    default:
      return new DownloadFault('stop', 'The disk failed while the file was written. Check the disk.', {
        cause: error,
      });
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
