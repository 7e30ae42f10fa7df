import { useLayoutEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from './api.ts';
import { toldAtField } from './refusal.ts';

/** Which sentence of the locale says it, by the path of the field, such as `limits.budgets.0.amount`. */
export type Problems = Readonly<Record<string, ProblemKey>>;

type ProblemKey =
  | 'wholeNumber'
  | 'amount'
  | 'wholeAmount'
  | 'sameBudget'
  | 'nameMissing'
  | 'sameName'
  | 'dayMissing'
  | 'modelMissing'
  | 'labelMissing'
  | 'price'
  | 'currency';

/** What a dialog edits, with what is wrong with it: ours before saving, the server's after it. */
export type Values<V extends object> = {
  readonly values: V;
  readonly put: <Name extends keyof V & string>(name: Name, value: V[Name]) => void;
  readonly putAll: (values: V) => void;
  /** By the path of a field. */
  readonly errors: Readonly<Record<string, ReactNode>>;
  /** Whether the values can be saved; if not, `errors` says where. */
  readonly check: () => boolean;
  /** Shows a refusal of the server's at its field, where there is one for it. */
  readonly refuse: (error: unknown, fieldOf: (param: string | null) => string | null) => void;
  /** The error, unless it is shown at its field. */
  readonly elsewhere: (error: unknown) => unknown;
  /** Counts what did not go through, so that the first field at fault can take the focus. */
  readonly failures: number;
};

type ValuesOptions<V> = {
  readonly first: () => V;
  readonly problemsOf: (values: V) => Problems;
  /** Whether something was changed: the dialog must not close by a stray click then. */
  readonly onChanged: (isChanged: boolean) => void;
};

/** Nested lists, which a form library's paths would make stringly typed, are changed as values here. */
export function useValues<V extends object>({ first, problemsOf, onChanged }: ValuesOptions<V>): Values<V> {
  const { t } = useTranslation();
  const [initial] = useState(first);
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Readonly<Record<string, ReactNode>>>({});
  const [failures, setFailures] = useState(0);
  const [atField, setAtField] = useState<unknown>(null);

  const isChanged = values !== initial;
  // At once: whoever closes the tab in the next moment is asked.
  useLayoutEffect(() => {
    onChanged(isChanged);
    return () => onChanged(false);
  }, [isChanged, onChanged]);

  function fail(at: Readonly<Record<string, ReactNode>>): false {
    setErrors(at);
    setFailures((count) => count + 1);
    return false;
  }

  return {
    values,
    errors,
    failures,
    put(name, value) {
      setValues((before) => ({ ...before, [name]: value }));
      setErrors((before) =>
        Object.fromEntries(
          Object.entries(before).filter(([path]) => path !== name && !path.startsWith(`${name}.`)),
        ),
      );
    },
    putAll(all) {
      setValues(all);
      setErrors({});
    },
    check() {
      const problems = Object.entries(problemsOf(values));
      if (problems.length > 0) {
        return fail(
          Object.fromEntries(problems.map(([path, problem]) => [path, t(`limits.problem.${problem}`)])),
        );
      }
      setErrors({});
      return true;
    },
    refuse(error, fieldOf) {
      if (!(error instanceof ApiError) || error.kind !== 'refused') return;
      const field = fieldOf(error.param);
      if (field === null) return;
      setAtField(error);
      fail({ [field]: toldAtField(error) });
    },
    elsewhere: (error) => (error === atField ? null : error),
  };
}
