import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Task } from '../../../core/ask.ts';
import type { ModelDescription, ModelHeader } from '../../../core/model.ts';
import { readGgufHeader, type GgufHeader } from '../gguf/gguf-header.ts';
import { BadModelFile } from '../gguf/gguf-reader.ts';
import { headerFactsOf } from './memory-estimate.ts';
import { quantisationOf, slugOf, splitPartOf } from './model-names.ts';

export type LibrarySources = {
  /** The models that Inglenook brings along. */
  readonly starterDir: string;
  /** Folders used in place, searched four levels deep. */
  readonly folders: readonly string[];
  /** Files the owner has named; asked at every scan. */
  readonly addedFiles: () => readonly string[];
  /** What an added file is called where its own name says nothing. */
  readonly nameOf?: (path: string) => string | null;
  /** Folders the owner has added; asked at every scan. */
  readonly addedFolders?: () => readonly string[];
  /** Where downloads are put. */
  readonly pulledDir?: string;
};

/** A model on this computer's disk. */
export type LibraryModel = {
  readonly id: string;
  readonly source: ModelDescription['source'];
  /** Of a model in several files, the first. */
  readonly path: string;
  /** Of all its files. */
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Why it cannot be used, in a sentence; null if it can. */
  readonly reason: string | null;
  /** What it is made for, where that is not writing text. */
  readonly task?: Task;
  /** What its header says; absent where it could not be read. */
  readonly header?: ModelHeader;
};

/** What is kept between scans, by path: ids, so that they stay while the server runs, and checks of unchanged files. */
export type LibraryMemory = { readonly ids: Map<string, string>; readonly facts: Map<string, FileFacts> };

export function createLibraryMemory(): LibraryMemory {
  return { ids: new Map(), facts: new Map() };
}

type FoundFile = Pick<LibraryModel, 'source' | 'path'>;
type FileFacts = Pick<LibraryModel, 'sizeBytes' | 'modifiedMs' | 'reason' | 'task' | 'header'>;

const mostDepth = 4;
const mostFiles = 10_000;

/** Kinds of models that do nothing by themselves, in the words of `general.architecture`. */
const notAlone: Readonly<Record<string, string>> = {
  clip: 'is the picture part of another model and answers nothing by itself',
};

/**
 * Finds the GGUF files of all sources, checks their headers and gives each model an id. A file that cannot be used is
 * listed with its reason, never hidden.
 */
export async function scanLibrary(
  sources: LibrarySources,
  memory: LibraryMemory = createLibraryMemory(),
): Promise<LibraryModel[]> {
  const models: LibraryModel[] = [];
  const nameOf = (path: string): string => sources.nameOf?.(path) ?? basename(path);
  for (const file of await findFiles(sources)) {
    const facts = await checkModelFile(file.path, memory.facts.get(file.path));
    const id = memory.ids.get(file.path) ?? freeId(nameOf(file.path), new Set(memory.ids.values()));
    memory.facts.set(file.path, facts);
    memory.ids.set(file.path, id);
    models.push({ id, ...file, ...facts });
  }
  return models;
}

/**
 * Size and time of a model's files, and why it cannot be used, if so. Files that are as they were when `known` was
 * found are not read again. Never throws.
 */
export async function checkModelFile(path: string, known?: FileFacts): Promise<FileFacts> {
  const name = basename(path);
  let facts = { sizeBytes: 0, modifiedMs: 0 };
  try {
    for (const part of await partsOf(path)) {
      const info = await stat(part);
      if (!info.isFile())
        throw new BadModelFile(info.isDirectory() ? 'is a folder' : 'is not an ordinary file');
      facts = {
        sizeBytes: facts.sizeBytes + info.size,
        modifiedMs: Math.max(facts.modifiedMs, Math.floor(info.mtimeMs)),
      };
    }
    if (known?.sizeBytes === facts.sizeBytes && known.modifiedMs === facts.modifiedMs) return known;
    const { reason, ...told } = await judge(path);
    return { ...facts, ...told, reason: reason === null ? null : `The file ${name} ${reason}.` };
  } catch (error) {
    return { ...facts, reason: `The file ${name} ${whyUnreadable(error)}.` };
  }
}

type Judged = Required<Pick<LibraryModel, 'reason' | 'task'>> & Pick<LibraryModel, 'header'>;

async function judge(path: string): Promise<Judged> {
  const parts = await partsOf(path);
  const headers = await Promise.all(parts.map(readGgufHeader));
  const [first] = headers;
  const reason = reasonOf(headers, parts.length);
  return first === undefined
    ? { reason, task: 'generate' }
    : { reason, task: first.task, header: headerFactsOf(first) };
}

function reasonOf(headers: readonly GgufHeader[], partCount: number): string | null {
  const first = headers[0];
  if (first === undefined) return 'is missing';
  if (first.partCount > partCount) {
    return `is one of ${first.partCount} parts; the others must be beside it under their own names`;
  }
  if (headers.every((header) => header.tensorCount === 0)) return 'contains no weights';
  return notAlone[first.architecture ?? ''] ?? null;
}

/** All files of a model; throws where one is missing. */
export async function partsOf(path: string): Promise<string[]> {
  const part = splitPartOf(basename(path));
  if (part === null) return [path];
  const files = Array.from({ length: part.count }, (_, index) => join(dirname(path), part.nameOf(index + 1)));
  for (const [index, file] of files.entries()) {
    await stat(file).catch(() => {
      throw new BadModelFile(`cannot be used: part ${index + 1} of ${part.count} is missing beside it`);
    });
  }
  return files;
}

function whyUnreadable(error: unknown): string {
  if (error instanceof BadModelFile) return error.message;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return systemReasons[code] ?? 'cannot be read';
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'was not found; if it has been moved, add it again',
  ELOOP: 'is a link that leads back to itself',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
};

async function findFiles(sources: LibrarySources): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of await listGguf(sources.starterDir, mostDepth)) found.push({ source: 'starter', path });
  if (sources.pulledDir !== undefined) {
    for (const path of await listGguf(sources.pulledDir, mostDepth)) found.push({ source: 'pulled', path });
  }
  for (const folder of [...sources.folders, ...(sources.addedFolders?.() ?? [])]) {
    for (const path of await listGguf(folder, mostDepth)) found.push({ source: 'folder', path });
  }
  for (const path of sources.addedFiles()) found.push({ source: 'added', path });
  return withoutDoubles(found.slice(0, mostFiles));
}

/** A file that is reached by two ways, or by several of its parts, is one model. */
async function withoutDoubles(files: readonly FoundFile[]): Promise<FoundFile[]> {
  const seen = new Map<string, FoundFile>();
  for (const file of files) {
    const first = firstPart(file.path);
    const real = await realpath(first).catch(() => first);
    if (!seen.has(real)) seen.set(real, { ...file, path: first });
  }
  return [...seen.values()];
}

function firstPart(path: string): string {
  const part = splitPartOf(basename(path));
  return part === null ? path : join(dirname(path), part.nameOf(1));
}

/** GGUF files under a folder, sorted; a folder that does not exist has none. Does not follow links to folders. */
export async function listGguf(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const paths: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.name.toLowerCase().endsWith('.gguf')) paths.push(path);
    else if (entry.isDirectory() && depth > 1) paths.push(...(await listGguf(path, depth - 1)));
    if (paths.length >= mostFiles) break;
  }
  return paths;
}

/** What stands in the admin API where a model's id may stand. */
const wordsOfTheApi = ['found', 'inspect'];

/** The plain slug; if that is taken, with the quantisation; if that is taken too, with a number. */
function freeId(name: string, takenIds: ReadonlySet<string>): string {
  const taken = new Set([...takenIds, ...wordsOfTheApi]);
  const plain = slugOf(name);
  const quantisation = quantisationOf(name);
  const choices = quantisation === null ? [plain] : [plain, `${plain}-${quantisation}`];
  const free = choices.find((choice) => !taken.has(choice));
  if (free !== undefined) return free;
  const base = choices.at(-1) ?? plain;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
