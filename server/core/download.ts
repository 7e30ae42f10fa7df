/**
 * `waiting`: its turn will come. `stalled`: the source does not answer; tried again at `retryAtMs`. `no-space`: waits
 * for room on the disk. `checking`: everything is here and is compared with what it should be. `paused` and
 * `cancelled`: by the owner. `failed`: trying again would not help, `reason` says what would.
 */
export type DownloadState =
  | 'waiting'
  | 'downloading'
  | 'stalled'
  | 'no-space'
  | 'checking'
  | 'paused'
  | 'cancelled'
  | 'failed'
  | 'ready';

/** A model that is being fetched, or was. Survives a restart of the server. */
export type Download = {
  readonly id: string;
  /** What the owner asked for: `hf:user/repo:QUANT`, `hf:user/repo/file.gguf#branch`, or an http(s) address. */
  readonly uri: string;
  /** For people; the name of the (first) file once it is known. */
  readonly name: string;
  readonly state: DownloadState;
  /** In a sentence, for every state that is not as wished; null otherwise. */
  readonly reason: string | null;
  readonly doneBytes: number;
  /** Null until the source has told. */
  readonly totalBytes: number | null;
  /** Over the last five seconds. */
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  /** Tries since the last byte arrived; 0 while all is well. */
  readonly attempt: number;
  /** Tries since the owner last asked for it. */
  readonly tries: number;
  /** What keeps it waiting although it is wanted: the owner has paused all, or it is not the hour for it. */
  readonly heldBy: DownloadHold | null;
  /** When it is tried again by itself; null if it is not. */
  readonly retryAtMs: number | null;
  readonly addedMs: number;
  readonly endedMs: number | null;
  /** Where the (first) file will lie, or lies when it is ready. */
  readonly path: string | null;
  /** What the model's header says; read before the rest. */
  readonly about: RemoteModel | null;
};

/** A model that is not here yet, as far as its source and its header tell. */
export type RemoteModel = {
  readonly uri: string;
  readonly name: string;
  readonly fileCount: number;
  readonly sizeBytes: number | null;
  readonly architecture: string | null;
  /** In lower case: `q4_k_m`. */
  readonly quantisation: string | null;
  /** Longest conversation it was trained for. */
  readonly contextTokens: number | null;
  /** What one token of a conversation takes in memory, at most. */
  readonly contextBytesPerToken: number | null;
  /** Beside weights and conversations. */
  readonly workingBytes: number | null;
  /** Which part of the weights is read for each token that is written; absent where nobody has looked. */
  readonly activeShare?: number | null;
  readonly hasChatTemplate: boolean;
  readonly canUseTools: boolean | null;
  /** Whether an interrupted download can go on where it was. */
  readonly isResumable: boolean;
  /** Whether the source tells a SHA-256 to compare with. */
  readonly hasChecksum: boolean;
};

export type DownloadHold = 'offline' | 'owner' | 'hours';

export type Downloads = {
  /** In the order of their turns: as they were asked for, unless the owner has moved them. */
  readonly list: () => readonly Download[];
  /**
   * Fetches a model, or goes on with it if it was begun before. Answers at once; what becomes of it is in the list.
   * @throws AppError 400 (not a usable address), 409 (offline), 429 (too many)
   */
  readonly add: (uri: string) => Download;
  /** Stops for now; the part that is here stays. @throws AppError 404, 409 (nothing to pause) */
  readonly pause: (id: string) => Promise<Download>;
  /** Goes on; a stalled or failed one is tried at once. @throws AppError 404, 409 */
  readonly resume: (id: string) => Download;
  /** Gives up. The part that is here is deleted unless it is to be kept. @throws AppError 404, 409 */
  readonly cancel: (id: string, keepPart: boolean) => Promise<Download>;
  /** Takes it off the list, with its part; a finished model stays where it is. @throws AppError 404 */
  readonly remove: (id: string) => Promise<void>;
  /** Its turn comes before that of the one before it, or after the next one's. @throws AppError 404, 409 (finished) */
  readonly move: (id: string, direction: 'up' | 'down') => Download;
  /** The settings are others than before: what runs may have to wait, and what waits may run. */
  readonly follow: () => void;
  /** Bytes per second of the last download that was long enough to tell; null before the first. */
  readonly usualSpeed: () => number | null;
  /** Forgets the finished download of this file. */
  readonly forgetFile: (path: string) => void;
};

/** A model of another program on this computer, which can be used where it lies. */
export type FoundModel = {
  readonly program: 'ollama' | 'lm-studio';
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Why it cannot be used; null if it can. */
  readonly reason: string | null;
};

/** Where models come from, beside the folders of this computer. */
export type ModelSupply = {
  readonly downloads: Downloads;
  /** What is at this address, read from its beginning only. @throws AppError */
  readonly inspect: (uri: string, signal: AbortSignal) => Promise<RemoteModel>;
  readonly found: () => Promise<readonly FoundModel[]>;
  /** What the hub has of GGUF models by these words. Says so where it cannot be asked, and does not throw. */
  readonly search: (words: string, signal: AbortSignal) => Promise<HubSearch>;
  /** What a file of this computer is, by its header; nothing is added. @throws AppError 400 with the reason */
  readonly lookAt: (path: string) => Promise<RemoteModel>;
  /** Where a file of this name and size lies in the owner's folders; null where it does not. */
  readonly locate: (file: { readonly name: string; readonly sizeBytes: number }) => Promise<string | null>;
  readonly catalogue: readonly CatalogueModel[];
  /** Whether the place that models come from can be reached; takes two seconds at most. */
  readonly reach: () => Promise<Reach>;
  /** This computer's memory as it is now. The first time the GPU is asked, which takes a second. */
  readonly machine: () => Promise<Machine>;
  /** Whether a model fits. */
  readonly fit: (model: FitModel, plan: FitPlan, machine: Machine) => Fit;
  /** What of the catalogue to take for each purpose. */
  readonly recommend: (machine: Machine) => readonly Recommendation[];
  /** Whether the file was pulled by Inglenook, and so is Inglenook's to delete. */
  readonly isPulled: (path: string) => boolean;
  /** Deletes all files of a pulled model; returns how many bytes that frees. @throws AppError 409 */
  readonly deletePulled: (path: string) => Promise<number>;
};

/** A repository of the hub with GGUF files. */
export type HubModel = {
  /** `bartowski/Qwen3-8B-GGUF`; its owner has made the files. */
  readonly repo: string;
  /** Whose model it was made of, `Qwen/Qwen3-8B`; null where the hub does not tell. */
  readonly madeFrom: string | null;
  readonly licence: string | null;
  readonly downloads: number;
  readonly likes: number;
  /** Whether its conditions have to be accepted first, with an account. */
  readonly isGated: boolean;
};

/**
 * Three things that must not be taken for one another: the hub has nothing by these words (found, none), this computer
 * has no way to the internet, and the hub itself has trouble. `never`: the owner has said so.
 */
export type HubSearch =
  | { readonly state: 'found'; readonly models: readonly HubModel[] }
  | {
      readonly state: 'no-internet' | 'source-down' | 'never';
      readonly source: string;
      readonly reason: string;
    };

export type Purpose = 'chat' | 'code' | 'autocomplete' | 'embeddings';

/** An entry of `resources/catalogue.json`. */
export type CatalogueModel = {
  readonly id: string;
  readonly name: string;
  readonly publisher: string;
  /** SPDX id, or the licence's own name. */
  readonly licence: string;
  readonly purposes: readonly Purpose[];
  readonly uri: string;
  readonly sizeBytes: number;
  readonly contextTokens: number;
  readonly contextBytesPerToken: number;
  readonly workingBytes: number;
  /** Thousand millions of weights that each token passes through: what decides the speed without a GPU. */
  readonly activeBillions: number;
  /** Which part of the weights that is, 0 … 1. */
  readonly activeShare: number;
  readonly canUseTools: boolean;
  readonly minimumMemoryBytes: number;
};

/** What to take for a purpose: a model with its plan, or the sentence that this computer cannot. */
export type Recommendation = {
  readonly purpose: Purpose;
  /** Of the catalogue; null if none will do. */
  readonly modelId: string | null;
  readonly slots: number | null;
  readonly contextTokens: number | null;
  readonly sentence: string;
  /** As fast as it would write here; null where nothing was measured. */
  readonly tokensPerSecond: number | null;
};

/** What is known of a model before it is loaded. */
export type FitModel = {
  readonly sizeBytes: number | null;
  readonly contextBytesPerToken: number | null;
  readonly workingBytes: number | null;
  /** Which part of the weights is read for each token that is written; null or absent where it cannot be told. */
  readonly activeShare?: number | null;
};

/** How many people at once, and how long the conversation of each may be. */
export type FitPlan = { readonly slots: number; readonly contextTokens: number };

/** `partly`: on the GPU and the processor together. `tight`: with nothing left for other programs. */
export type FitVerdict = 'fits' | 'tight' | 'partly' | 'too-big' | 'unknown';

/** The sum, and one sentence about it. Bytes are null where they cannot be told. */
export type Fit = FitPlan & {
  readonly verdict: FitVerdict;
  readonly sentence: string;
  readonly weightsBytes: number | null;
  readonly contextBytes: number | null;
  readonly workingBytes: number | null;
  readonly neededBytes: number | null;
  /** Of the memory that the sum is compared with: the GPU's where there is one. */
  readonly freeBytes: number;
  /** With this many tokens for each it would fit; null if it does as it is, or never will. */
  readonly fitsWithContextTokens: number | null;
  /** About so many it would write for one person; null where that cannot be told. */
  readonly tokensPerSecond: number | null;
};

/** `never`: the owner has said so. */
export type Reach = {
  readonly state: 'reachable' | 'unreachable' | 'never';
  /** Its address. */
  readonly source: string;
};

export type Machine = {
  /** Memory that programs can still have, without the GPU's. */
  readonly freeBytes: number;
  /** All there is; absent where it is not known. */
  readonly totalBytes?: number;
  /** Null without a GPU that the engine can use. */
  readonly gpuFreeBytes: number | null;
  /** All that it has, of several GPUs together. */
  readonly gpuTotalBytes?: number | null;
  /** Whether the GPU's memory is a part of the other; absent for no. */
  readonly isGpuShared?: boolean;
  /**
   * How fast models that ran here have read their weights, on the GPU where there is one; null or absent before the
   * first that tells.
   */
  readonly readBytesPerSecond?: number | null;
};

/** A download as it is kept: what the owner wished for, and in `files` how far each file is (the engine's own words). */
export type DownloadRow = {
  readonly id: string;
  readonly uri: string;
  readonly wish: 'wanted' | 'paused' | 'cancelled' | 'failed' | 'ready';
  readonly reason: string | null;
  readonly files: unknown;
  readonly about: unknown;
  readonly addedMs: number;
  readonly endedMs: number | null;
  readonly tries: number;
};

/** Where downloads are kept. Each call is one short transaction; throws AppError when the disk does not let it. */
export type DownloadStore = {
  /** In the order of their turns. */
  readonly load: () => readonly DownloadRow[];
  /** Keeps the order; those that come later follow. */
  readonly order: (ids: readonly string[]) => void;
  readonly speed: () => number | null;
  readonly noteSpeed: (bytesPerSecond: number) => void;
  readonly save: (row: DownloadRow) => void;
  readonly remove: (id: string) => void;
};

/** What the owner can set about downloads. */
export type DownloadSettings = {
  /** `https://huggingface.co`, or a mirror of it. */
  readonly hubAddress: string;
  /** The owner's access token for the hub. A secret: never in an answer, a log or a URL. */
  readonly hubToken: string | null;
  /** So much of the disk is left to others. */
  readonly leaveFreeBytes: number;
  /** Connections for one file. */
  readonly parallel: number;
  /** Nothing is fetched until the owner lets it go on. */
  readonly isHeld: boolean;
  /** Only within these hours of each day; null for at any time. */
  readonly hours: DailyHours | null;
  /** All downloads together; null for as fast as the line is. */
  readonly mostBytesPerSecond: number | null;
};

/** Minutes since midnight, by this computer's clock; an end before the beginning is on the next day. */
export type DailyHours = { readonly fromMinute: number; readonly untilMinute: number };
