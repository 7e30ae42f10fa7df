/** What the way to an answer was; written as it happens, read by the record and the answer's headers. */
export type Route = {
  servedModel: string | null;
  engine: string | null;
  /** Model ids in the order they were tried; the last one serves. */
  tried: string[];
  /** What it waits for just now: its model to be loaded, or a free place at it; null once it is being answered. */
  waitsFor?: 'model' | 'place' | null;
  queueMs: number;
  loadMs: number;
};
