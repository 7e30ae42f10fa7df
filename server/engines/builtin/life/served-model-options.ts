import type { Task } from '../../../core/ask.ts';
import type { Clock, Timers } from '../../../core/clock.ts';
import type { AppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { ModelSettings } from '../../../core/model.ts';
import type { LibraryModel } from './library.ts';
import type { Room } from './memory-room.ts';

/** The same for all models. */
export type ServedModelServices = {
  readonly engineId: string;
  readonly entry: URL;
  readonly threads: number | null;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly room: Room;
  /** Null while models may be loaded. */
  readonly heldBack: () => AppError | null;
  readonly onChange: () => void;
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

export type ServedModelOptions = ServedModelServices & {
  readonly file: LibraryModel;
  /** What it is loaded for. */
  readonly task: Task;
  readonly settings: () => ModelSettings;
};
