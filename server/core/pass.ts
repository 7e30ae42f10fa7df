/** What a request of the server's own may reach, whatever names lead elsewhere. */
export type PassFor = { readonly engine: string; readonly model: string };

/**
 * A key that the server makes for itself, to ask as its clients do. It is in memory only, opens `/v1` from this computer
 * alone, counts in nobody's limits, and stands behind everybody else in every queue.
 */
export type Pass = {
  readonly key: string;
  /** The key opens nothing any more. */
  readonly withdraw: () => void;
};

/** As the log names who asked by a pass. No key that is stored has such an id. */
export const passKeyId = 'check';
export const passKeyName = 'Inglenook (model check)';
