/**
 * The first `dimensions` numbers, scaled to length 1, as OpenAI's are. Throws when the model gave numbers that are
 * none.
 */
export function toUnitVector(raw: ArrayLike<number>, dimensions: number): Float32Array {
  let squares = 0;
  for (let index = 0; index < dimensions; index += 1) squares += (raw[index] ?? 0) ** 2;
  if (!Number.isFinite(squares)) throw new Error('the model gave a vector that holds no numbers');
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  return Float32Array.from({ length: dimensions }, (_, index) => (raw[index] ?? 0) * scale);
}

/**
 * Families trained so that the beginning of a vector is a good vector (Matryoshka), by their own model cards; no
 * GGUF header says so.
 */
const shortenable = [
  /nomic-embed-text-v1\.5/,
  /nomic-embed-text-v2/,
  /embedding-?gemma/,
  /qwen3-embedding/,
  /mxbai-embed-large/,
  /mxbai-embed-2d/,
  /snowflake-arctic-embed-(m-v1\.5|m-v2|l-v2)/,
  /jina-embeddings-v(3|4|5)/,
];

/** `names`: everything the file says about what it is. */
export function isMatryoshka(names: readonly string[]): boolean {
  return names.some((name) => {
    const plain = name.toLowerCase().replaceAll(/[\s_]+/g, '-');
    return plain === 'matryoshka' || shortenable.some((pattern) => pattern.test(plain));
  });
}
