import type { Clock } from '../core/clock.ts';
import type { ModelSupply } from '../core/download.ts';
import type { Engine } from '../core/engine.ts';
import type { ModelSettings } from '../core/model.ts';
import type { Logger } from '../core/logger.ts';
import type { OllamaControl } from '../core/ollama.ts';
import type { Upstreams } from '../core/upstream.ts';
import type { Edge } from '../edge/edge.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { Gate } from '../gate/gate.ts';
import type { Neighbourhood } from '../lan/neighbours.ts';
import type { Pairing } from '../lan/pairing.ts';
import type { Exports } from '../out/exports.ts';
import type { Live } from '../record/live.ts';
import type { People } from '../record/people.ts';
import type { Traces } from '../record/traces.ts';
import type { Retention } from '../record/retention.ts';
import type { AnswerCache } from '../routing/answer-cache.ts';
import type { EngineStanding, ModelQueue } from '../routing/run.ts';
import type { Https } from '../tls/https.ts';
import type { OpenedOffice } from './open-office.ts';
import type { Audit } from '../store/audit.ts';
import type { Backups } from '../store/backup/backups.ts';
import type { Store } from '../store/open.ts';
import type { CloudPrices } from '../store/savings/cloud-prices.ts';
import type { Reader } from '../store/threads/reader.ts';
import type { ServerStatus } from '../wire/admin.ts';
import type { NamedTokens } from './named-tokens.ts';
import type { PasswordHasher } from './passwords.ts';
import type { SecondFactor } from './second-factor.ts';
import type { SetupCode } from './setup-code.ts';
import type { Sessions } from './sessions.ts';
import type { AttemptGuard } from './attempts.ts';

/** What the admin API works on; wired in `compose.ts`. */
export type AdminServices = {
  readonly store: Store;
  /** Reads of the log, away from this thread. */
  readonly reader: Reader;
  /** How long the log is kept. */
  readonly retention: Retention;
  /** All engines as one. */
  readonly engine: Engine;
  readonly live: Live;
  readonly log: Logger;
  readonly clock: Clock;
  readonly status: () => ServerStatus;
  /** Who waits for which model. */
  readonly queues: () => readonly ModelQueue[];
  /** Whether a remote engine is away or left alone for a moment. */
  readonly standing: (engineId: string) => EngineStanding;
  /** What asking one for its models has shown. */
  readonly noteReachable: (engineId: string, isReachable: boolean, isMended?: boolean) => void;
  /** Who may knock, and how often. */
  readonly edge: Pick<Edge, 'state' | 'lift' | 'requireWayBack' | 'authenticated' | 'strike'>;
  /** The switch that lets the office in. */
  readonly office: OpenedOffice;
  /** How https is spoken. */
  readonly https: Https;
  readonly doctor: Doctor;
  /** Other Inglenooks on the network. */
  readonly neighbours: Neighbourhood;
  /** Letting devices in. */
  readonly pairing: Pairing;
  readonly upstreams: Upstreams;
  readonly ollama: OllamaControl;
  /** What keys of upstreams are sealed with: see `ensureServerSecret`. */
  readonly serverSecret: string;
  /** Where models come from: downloads, other programs' stores, the catalogue. */
  readonly supply: ModelSupply;
  /** Looks at the model files again; resolves when `engine.models()` tells the new state. */
  readonly rescanModels: () => void | Promise<void>;
  /** Changes what the owner has set for a model. Throws 404, 409 while it is in use and would have to be loaded anew. */
  readonly configureModel: (modelId: string, change: Partial<ModelSettings>) => void;
  /** What `admin.token` holds: see `ensureAdminToken`. */
  readonly adminToken: string;
  /** The secret of the app's own window, new at each launch; null when there is no window. */
  readonly windowToken: string | null;
  /** Null once the owner has a password. */
  readonly setup: SetupCode | null;
  /** Called after the key is revoked in the store, to end its running answers. */
  readonly onKeyRevoked: (keyId: string) => void;
  /** Answers that may be given again. */
  readonly answers: Pick<AnswerCache, 'forgetKey' | 'forgetAll' | 'trim' | 'tally'>;
  /** Where what keys and teams have spent is known. */
  readonly gate: Gate;
  /** What every act is written to. */
  readonly audit: Audit;
  readonly backups: Backups;
  /** Prompts and answers that are kept. */
  readonly traces: Traces;
  readonly people: People;
  /** What a cloud would take. */
  readonly cloudPrices: CloudPrices;
  /** Where the log goes besides. */
  readonly exports: Exports;
  /** Brings what has been answered into the database: see `Ledger`. */
  readonly catchUp: () => void;
};

/** The same with what the admin API keeps for itself while it runs. */
export type AdminContext = AdminServices & {
  readonly sessions: Sessions;
  readonly passwords: PasswordHasher;
  readonly namedTokens: NamedTokens;
  readonly secondFactor: SecondFactor;
  /** Slows down who guesses the password. */
  readonly attempts: AttemptGuard;
  /** The same for codes, which only who knows the password can try: by address, and of all addresses together. */
  readonly codeAttempts: { readonly byAddress: AttemptGuard; readonly together: AttemptGuard };
};
