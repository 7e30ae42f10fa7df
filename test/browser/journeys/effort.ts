import type { Locator } from 'playwright-core';

/** What one pair of hands does: everything done to a page goes through it, so nothing is done uncounted. */
export type Hands = {
  /** A button, a switch or a link. */
  readonly press: (control: Locator) => Promise<void>;
  /** One field, key by key. */
  readonly type: (field: Locator, text: string) => Promise<void>;
  /** Anything else: an address opened, settings pasted into a file, a question asked in an editor. */
  readonly act: <T>(what: string, work: () => Promise<T>) => Promise<T>;
};

export type Step = { readonly who: string; readonly what: string; readonly acts: readonly string[] };

/**
 * Counts what people do. A step is one line of an instruction: what one person does at one place for one purpose, such
 * as “chooses a password” (the field and its button). Every press, field and other act within is counted as well, so
 * that no step can hide more than a few of them.
 */
export function countEffort() {
  const steps: Step[] = [];

  async function step<T>(who: string, what: string, work: (hands: Hands) => Promise<T>): Promise<T> {
    const acts: string[] = [];
    steps.push({ who, what, acts });
    return work({
      press: (control) => {
        acts.push('press');
        return control.click();
      },
      type: (field, text) => {
        acts.push('type');
        return field.pressSequentially(text);
      },
      act: (name, act) => {
        acts.push(name);
        return act();
      },
    });
  }

  return { steps: steps as readonly Step[], step };
}
