import { z } from 'zod';
import { checkVerdict, type CheckVerdict } from '../wire/checks.ts';
import { statement, write, type Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

/** A model at the engine that has it: two servers may have models of the same name. */
export type CheckedModel = { readonly engine: string; readonly model: string };

/** What a result rests on. Texts that are only ever compared; null where it is not known. */
export type CheckBasis = {
  readonly engine: string | null;
  readonly model: string;
  readonly settings: string | null;
  readonly checks: string;
};

export type StoredCheck = CheckedModel & {
  readonly engineVersion: string | null;
  readonly basis: CheckBasis;
  readonly contextTokens: number | null;
  readonly slots: number | null;
  readonly verdicts: readonly CheckVerdict[];
  readonly checkedMs: number;
  readonly tookMs: number;
};

const columns = `engine, model, engine_version AS engineVersion, basis, context_tokens AS contextTokens, slots,
  verdicts, checked_ms AS checkedMs, took_ms AS tookMs`;

const storedBasis = z.object({
  engine: z.string().nullable(),
  model: z.string(),
  settings: z.string().nullable(),
  checks: z.string(),
});

export function findModelCheck(store: Store, { engine, model }: CheckedModel): StoredCheck | null {
  const row = statement(store, `SELECT ${columns} FROM model_checks WHERE engine = ? AND model = ?`).get(
    engine,
    model,
  );
  return row === undefined ? null : readCheck(row as Row);
}

/** In place of the one of before. */
export function saveModelCheck(store: Store, check: StoredCheck): void {
  write(store, () =>
    statement(
      store,
      `INSERT INTO model_checks (engine, model, engine_version, basis, context_tokens, slots, verdicts, checked_ms, took_ms)
       VALUES (@engine, @model, @engineVersion, @basis, @contextTokens, @slots, @verdicts, @checkedMs, @tookMs)
       ON CONFLICT (engine, model) DO UPDATE SET engine_version = excluded.engine_version, basis = excluded.basis,
         context_tokens = excluded.context_tokens, slots = excluded.slots, verdicts = excluded.verdicts,
         checked_ms = excluded.checked_ms, took_ms = excluded.took_ms`,
    ).run({ ...check, basis: JSON.stringify(check.basis), verdicts: JSON.stringify(check.verdicts) }),
  );
}

const autoName = 'check.auto';

/** Whether models are checked again by themselves after a change, while nobody uses them. */
export function checksByItself(store: Store): boolean {
  return getSetting(store, autoName) !== false;
}

export function setChecksByItself(store: Store, does: boolean): void {
  setSetting(store, autoName, does);
}

type Row = Omit<StoredCheck, 'basis' | 'verdicts'> & { readonly basis: string; readonly verdicts: string };

/** Null for one that another version of the program wrote and this one does not understand: it is made again. */
function readCheck(row: Row): StoredCheck | null {
  try {
    const basis = storedBasis.parse(JSON.parse(row.basis));
    return { ...row, basis, verdicts: z.array(checkVerdict).parse(JSON.parse(row.verdicts)) };
  } catch {
    return null;
  }
}
