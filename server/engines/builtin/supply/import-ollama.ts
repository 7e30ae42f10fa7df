import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { FoundModel } from '../../../core/download.ts';

/** The weights of a manifest (docker's distribution-manifest v2, Ollama's media types). */
const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string() })).max(10_000),
});

const weightsType = 'application/vnd.ollama.image.model';
const mostManifestBytes = 1024 * 1024;
const mostManifests = 2000;
/** Never built into a path before it was compared with this (CVE-2024-37032). */
const digestPattern = /^sha256[:-]([0-9a-f]{64})$/;
/** Both names it has had; newer versions link the new one's entries to blobs. */
const manifestFolders = ['manifests', 'manifests-v2', 'manifest-v2'];

type Candidate = Pick<FoundModel, 'program' | 'name' | 'path'>;

/** The models of Ollama's stores: `manifests/HOST/NAMESPACE/MODEL/TAG` name blobs that are GGUF files. */
export async function findOllamaModels(stores: readonly string[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const store of stores) {
    for (const folder of manifestFolders) {
      for (const { path, names } of await listManifests(join(store, folder))) {
        const weights = await weightsOf(path);
        if (weights !== null) {
          found.push({
            program: 'ollama',
            name: nameOf(names),
            path: join(store, 'blobs', `sha256-${weights}`),
          });
        }
      }
    }
  }
  return found;
}

type Manifest = { readonly path: string; readonly names: readonly string[] };

async function listManifests(root: string): Promise<Manifest[]> {
  const found: Manifest[] = [];
  async function walk(folder: string, names: readonly string[]): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= mostManifests || entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const below = [...names, entry.name];
      if (entry.isDirectory() && below.length < 4) await walk(path, below);
      else if (!entry.isDirectory() && below.length === 4) found.push({ path, names: below });
    }
  }
  await walk(root, []);
  return found;
}

/** The hexadecimal digest of the one blob with the weights; null for anything else than such a manifest. */
async function weightsOf(path: string): Promise<string | null> {
  try {
    const info = await stat(path);
    if (!info.isFile() || info.size > mostManifestBytes) return null;
    const { layers } = manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    const weights = layers.filter(({ mediaType }) => mediaType === weightsType);
    // Models that Ollama has split into several blobs are not GGUF files by themselves.
    const [only, ...others] = weights;
    if (only === undefined || others.length > 0) return null;
    return digestPattern.exec(only.digest)?.[1] ?? null;
  } catch {
    return null;
  }
}

const usualHosts = new Set(['registry.ollama.ai', 'ollama.com']);

/** As Ollama itself shows it: `llama3.2:3b`, `user/model:tag`, `hf.co/user/repo:Q4_K_M`. */
function nameOf([host = '', namespace = '', model = '', tag = '']: readonly string[]): string {
  if (!usualHosts.has(host)) return `${host}/${namespace}/${model}:${tag}`;
  return namespace === 'library' ? `${model}:${tag}` : `${namespace}/${model}:${tag}`;
}
