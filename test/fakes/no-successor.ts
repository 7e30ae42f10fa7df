import type { Successor } from '../../server/check/successor.ts';

/** A server in which no download is to answer for the office. */
export const noSuccessor: Successor = {
  state: () => ({ waitingFor: null, moved: null }),
  wish() {},
  look() {},
  undo() {},
  dismiss() {},
  stop: async () => {},
};
