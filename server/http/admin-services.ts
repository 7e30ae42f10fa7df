import type { Checks } from '../check/checks.ts';
import type { Successor } from '../check/successor.ts';
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
import type { OfficeHours } from '../owner/office-hours.ts';
import type { Pauses } from '../owner/pauses.ts';
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
import type { GoingOnline } from '../store/going-online.ts';
import type { Store } from '../store/open.ts';
import type { CloudPrices } from '../store/savings/cloud-prices.ts';
import type { Reader } from '../store/threads/reader.ts';
import type { Updates } from '../updates/updates.ts';
import type { ServerStatus } from '../wire/admin.ts';
import type { Graphics } from '../wire/graphics.ts';
import type { OwnerState } from '../wire/owner.ts';
import type { BrowserTickets } from './browser-tickets.ts';
import type { EngineLogLine } from '../wire/engine.ts';
import type { Playground } from './playground.ts';
import type { Ports } from './ports.ts';
import type { Trials } from './trials.ts';
import type { NamedTokens } from './named-tokens.ts';
import type { PasswordHasher } from './passwords.ts';
import type { SecondFactor } from './second-factor.ts';
import type { SetupCode } from './setup-code.ts';
import type { Sessions } from './sessions.ts';
import type { AttemptGuard } from './attempts.ts';

/** What the admin API works on; wired in `compose.ts`. */
export type AdminServices = {
  readonly store: Store;
  /** Whether the server may go online. */
  readonly online: GoingOnline;
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
  /** Loads a model although its memory may not be enough. @throws AppError 404, and as `ensureReady` rejects */
  readonly loadAnyway: (modelId: string) => Promise<void>;
  /** The latest of our own engine in the log. */
  readonly engineLog: () => Promise<readonly EngineLogLine[]>;
  readonly engineVersion: string;
  /** What is tried for a minute before it stays. */
  readonly trials: Trials;
  readonly ports: Ports;
  /** What `admin.token` holds: see `ensureAdminToken`. */
  readonly adminToken: string;
  /** The secret of the app's own window, new at each launch; null when there is no window. */
  readonly windowToken: string | null;
  /** Links by which the app opens the console in a browser. */
  readonly browserTickets: BrowserTickets;
  /** Null once the owner has a password. */
  readonly setup: SetupCode | null;
  /** Called after the key is revoked in the store, to end its running answers; `former`: only those of its replaced texts. */
  readonly onKeyRevoked: (keyId: string, which?: 'former') => void;
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
  /** Which tools a model is good for. */
  readonly checks: Checks;
  /** Newer versions of ourselves. */
  readonly updates: Updates;
  /** The graphics cards, and what the engine makes of them. */
  readonly graphics: () => Promise<Graphics>;
  /** What gives the computer back to its owner, and the hours in which the office has it. */
  readonly owner: {
    readonly state: () => OwnerState;
    readonly pauses: Pick<Pauses, 'take' | 'lift' | 'state'>;
    readonly hours: Pick<OfficeHours, 'look'>;
  };
  /** The download that is to answer for the office. */
  readonly successor: Successor;
  /** Ends this server and begins it anew on the same data; null where nobody can. */
  readonly restart: (() => void) | null;
  /** The owner asks a model. */
  readonly playground: Playground;
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
