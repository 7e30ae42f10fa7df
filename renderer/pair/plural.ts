/** The words of which there are two, `_one` and `_other`, by what comes before. */
export type CountedWord<Word extends string> = {
  [Key in Word]: Key extends `${infer Stem}_one` ? Stem : never;
}[Word];

/** Which of the two a number takes: “1 token”, “0 tokens”. Both languages know no third. */
export function counted<Stem extends string>(
  stem: Stem,
  count: number,
  language: string,
): `${Stem}_one` | `${Stem}_other` {
  return new Intl.PluralRules(language).select(count) === 'one' ? `${stem}_one` : `${stem}_other`;
}

/** “8k” of a check as a number that can be written out: 8192 and 8000 tokens are both 8,000 to people. Else null. */
export function thousandsIn(text: string): number | null {
  const count = /^(\d+)k$/.exec(text)?.[1];
  return count === undefined ? null : Number(count) * 1000;
}
