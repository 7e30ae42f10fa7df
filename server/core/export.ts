/** `langfuse` is OTLP in the words that Langfuse reads. */
export const exportKinds = ['postgres', 'otlp', 'langfuse'] as const;
export type ExportKind = (typeof exportKinds)[number];

/** Where rows of the log go besides. Its secret is kept apart. */
export type Export = {
  /** A slug the owner has chosen. */
  readonly name: string;
  readonly kind: ExportKind;
  /** Without a password. */
  readonly url: string;
  /** Whether it may lie outside the office. */
  readonly mayLeave: boolean;
  /** Whether it is told who asked: key, person, device, end user and address. */
  readonly people: boolean;
  /**
   * Whether it is given what was said in traced requests, masked as it is kept here; never for Postgres. Outside the office
   * only of keys that may leave it.
   */
  readonly prompts: boolean;
  readonly createdMs: number;
};

/** What a receiver wants to be shown. */
export type ExportSecret = {
  /** Of a Postgres user. */
  readonly password?: string;
  /** Sent with each batch. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Langfuse's pair of keys. */
  readonly publicKey?: string;
  readonly secretKey?: string;
};

/** How far an export has come. */
export type ExportProgress = {
  /** `requests.seq` of the last row that has arrived. */
  readonly cursor: number;
  readonly sent: number;
  readonly skipped: number;
  readonly lastSuccessMs: number | null;
  readonly lastFailureMs: number | null;
  readonly lastFailure: string | null;
};
