/** Where in what people wrote a control token could come into being. */
export type ControlTexts = {
  /** Finds each text of a control token. */
  readonly pattern: RegExp;
  /**
   * Whether a text contains one, or begins or ends with a part of one, which what a template writes beside it could
   * complete.
   */
  readonly isRisky: (text: string) => boolean;
};

/** `texts`: those that the tokenizer would turn into control tokens. */
export function createControlTexts(texts: readonly string[]): ControlTexts {
  const pattern = patternOf(texts);
  const beginnings = new Set(texts.flatMap((text) => partsOf(text, (length) => text.slice(0, length))));
  const ends = new Set(texts.flatMap((text) => partsOf(text, (length) => text.slice(-length))));
  const longest = Math.max(0, ...texts.map((text) => text.length - 1));

  /** Templates trim what people write. */
  function isRiskyAtEnds(text: string): boolean {
    const trimmed = text.trim();
    for (let length = Math.min(longest, trimmed.length); length > 0; length -= 1) {
      if (beginnings.has(trimmed.slice(-length)) || ends.has(trimmed.slice(0, length))) return true;
    }
    return false;
  }

  return { pattern, isRisky: (text) => text.search(pattern) >= 0 || isRiskyAtEnds(text) };
}

function partsOf(text: string, part: (length: number) => string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => part(index + 1));
}

function patternOf(texts: readonly string[]): RegExp {
  // Without any: a pattern that is never found.
  if (texts.length === 0) return /(?!)/g;
  const longestFirst = texts.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(escapePattern).join('|'), 'g');
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
