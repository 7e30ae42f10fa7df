type Known<Value> = { [Name in keyof Value]?: Exclude<Value[Name], undefined> };

/** Only what is told, so that it can be spread over what is there. */
export function withoutUndefined<Value extends object>(value: Value): Known<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Known<Value>;
}
