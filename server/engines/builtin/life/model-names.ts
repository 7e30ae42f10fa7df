/** `Model-Q4_K_M-00001-of-00003.gguf`: the files of one model. */
const splitPattern = /^(?<name>.+)-(?<part>\d{5})-of-(?<count>\d{5})\.gguf$/i;
/** More parts than any real model has; bounds what a file name can make us look for. */
const mostParts = 1000;

export type SplitPart = {
  readonly count: number;
  /** File name of a part, from 1. */
  readonly nameOf: (part: number) => string;
};

/** What a file name says about the parts of its model; null for a model in one file. */
export function splitPartOf(fileName: string): SplitPart | null {
  const match = splitPattern.exec(fileName);
  const { name, count } = match?.groups ?? {};
  if (name === undefined || count === undefined) return null;
  const parts = Number(count);
  if (parts < 1 || parts > mostParts) return null;
  const extension = fileName.slice(-5);
  return {
    count: parts,
    nameOf: (part) => `${name}-${String(part).padStart(5, '0')}-of-${count}${extension}`,
  };
}

/** Quantisation at the end of a name: `.Q4_1`, `-Q4_K_M`, `-UD-IQ2_XXS`, `-f16`, `.MXFP4_MOE`. */
const quantisationPattern = /[-._](?:UD-)?(?<quantisation>I?Q\d[A-Z0-9_]*|TQ\d_\d|B?F16|F32|MXFP4[A-Z_]*)$/i;

/** In lower case, `q4_k_m`; null if the name tells none. */
export function quantisationOf(fileName: string): string | null {
  return quantisationPattern.exec(baseName(fileName))?.groups?.['quantisation']?.toLowerCase() ?? null;
}

/** `SmolLM2-135M-Instruct.Q4_1.gguf` → `smollm2-135m-instruct`. */
export function slugOf(fileName: string): string {
  const slug = baseName(fileName)
    .replace(quantisationPattern, '')
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
  return slug === '' ? 'model' : slug;
}

function baseName(fileName: string): string {
  return fileName.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
}
