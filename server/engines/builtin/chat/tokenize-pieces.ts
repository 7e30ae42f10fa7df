/** Tokenising holds up every running stream, so it is done in pieces of this length, in characters. */
export const pieceLength = 16 * 1024;

/** One piece for nearly every text; a cut may cost a token of accuracy, so it is made between lines or words. */
export function* piecesOf(text: string): Generator<string> {
  let begin = 0;
  while (text.length - begin > pieceLength) {
    const end = cutWithin(text, begin);
    yield text.slice(begin, end);
    begin = end;
  }
  yield text.slice(begin);
}

function cutWithin(text: string, begin: number): number {
  const last = begin + pieceLength;
  const cut = Math.max(text.lastIndexOf('\n', last - 1), text.lastIndexOf(' ', last - 1));
  if (cut > begin + pieceLength / 2) return cut;
  // Never between the two halves of a character.
  return (text.charCodeAt(last) & 0xfc00) === 0xdc00 ? last - 1 : last;
}

/**
 * A text's tokens; may stop once there are more than `mostTokens`, so the count of a hopelessly long text is a lower
 * bound.
 */
export async function tokenizePieces(
  tokenize: (text: string) => number[],
  text: string,
  mostTokens: number,
): Promise<number[]> {
  if (text.length <= pieceLength) return tokenize(text);
  const tokens: number[] = [];
  for (const piece of piecesOf(text)) {
    for (const token of tokenize(piece)) tokens.push(token);
    if (tokens.length > mostTokens) return tokens;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return tokens;
}
