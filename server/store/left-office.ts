import { statement, type Store } from './open.ts';

/** What went to engines outside the office, by engine and key. */
export type LeftOffice = {
  readonly engine: string;
  /** Null where the key is not known by name. */
  readonly key: string | null;
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
};

/** Since a moment (milliseconds since 1970 UTC), the most requests first. */
export function sumLeftOffice(store: Store, sinceMs: number): LeftOffice[] {
  return statement(
    store,
    `SELECT left_office AS engine, key_name AS key, COUNT(*) AS requests,
       SUM(prompt_tokens) AS promptTokens, SUM(completion_tokens) AS completionTokens
     FROM requests WHERE left_office IS NOT NULL AND time_ms >= ?
     GROUP BY left_office, key_name ORDER BY requests DESC, engine, key`,
  ).all(sinceMs) as LeftOffice[];
}
