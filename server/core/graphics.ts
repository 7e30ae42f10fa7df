import type { Backend } from './model.ts';

/** What this computer has to compute with beside its processor, as it was found: facts without a judgement. */
export type GraphicsFacts = {
  readonly platform: NodeJS.Platform;
  /** What the engine opens by itself; null where it could open nothing at all. */
  readonly backend: Backend | null;
  /** What the computer has drivers and libraries for, as the engine's library finds them; best first. */
  readonly supported: readonly Backend[];
  /** Parts of the engine that are installed. */
  readonly parts: readonly Backend[];
  /** Names of what the backend computes on, by its own words. */
  readonly devices: readonly string[];
  /** Of all of them together. */
  readonly memory: {
    readonly freeBytes: number;
    readonly totalBytes: number;
    readonly isShared: boolean;
  } | null;
  /** What is supported and installed, and could not be opened nevertheless; in the library's words. */
  readonly failures: readonly { readonly backend: Backend; readonly words: string }[];
  readonly nvidia: NvidiaFacts;
  readonly cards: readonly CardFacts[];
};

/** What NVIDIA's own tool says. */
export type NvidiaFacts = {
  /** `missing`: the tool is not there; `failed`: it is, and cannot reach the driver. */
  readonly tool: 'ok' | 'missing' | 'failed';
  readonly driver: string | null;
  /** The newest CUDA the driver can run, such as `12.4`. */
  readonly cuda: string | null;
  /** What it said when it failed. */
  readonly words: string;
};

export type CardVendor = 'nvidia' | 'amd' | 'intel' | 'other';

export type CardFacts = {
  readonly name: string;
  readonly vendor: CardVendor;
  /** The kernel's driver, where the system tells: `nvidia`, `nouveau`, `amdgpu`; null for none or unknown. */
  readonly kernelDriver: string | null;
  readonly totalBytes: number | null;
  readonly freeBytes: number | null;
  /** Programs that hold its memory; null where nobody tells. */
  readonly holders: readonly CardHolder[] | null;
};

export type CardHolder = { readonly pid: number; readonly program: string; readonly bytes: number | null };

/** What a loaded model of ours takes of the cards. */
export type CardClaim = { readonly model: string; readonly pid: number | null; readonly bytes: number };

export type GraphicsView = { readonly facts: GraphicsFacts; readonly claims: readonly CardClaim[] };

/** Where nothing could be asked. */
export const noGraphics: GraphicsFacts = {
  platform: process.platform,
  backend: null,
  supported: [],
  parts: [],
  devices: [],
  memory: null,
  failures: [],
  nvidia: { tool: 'missing', driver: null, cuda: null, words: '' },
  cards: [],
};
