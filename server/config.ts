import { homedir } from 'node:os';
import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './core/errors.ts';
import { usualDataDir } from './wire/data-dir.ts';

/** Everything the server is told from outside. The only reader of the environment. */
export type Config = {
  /** The clone, or the folder of the installed app: where `resources/` and `dist/renderer/` lie. */
  readonly rootDir: string;
  readonly version: string;
  /** The day of this version, `2026-11-23`; null where the build does not say. */
  readonly releasedOn: string | null;
  /** Which of our installers it came by; null in a clone and where npm has installed it. */
  readonly edition: 'standard' | 'cuda' | null;
  /** Where the model lies that comes with us. */
  readonly starterDir: string;
  /** Of the library that our own engine computes with. */
  readonly engineVersion: string;
  readonly dataDir: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether nobody has asked for this port, so that the one the owner has set counts; absent for no. */
  readonly isUsualPort?: boolean;
  /** Whether the office was let in by `INGLENOOK_LAN=1`. */
  readonly lan: boolean;
  /** The owner's folder of GGUF files, used in place; null for none. */
  readonly modelsDir: string | null;
  /** Never go online. */
  readonly offline: boolean;
  /** Where Ollama keeps its models, if it was told by its own variable; null for its usual places. */
  readonly ollamaDir: string | null;
  readonly ollama: OllamaSurroundings;
};

/** What of the environment matters to finding and starting Ollama. */
export type OllamaSurroundings = {
  /** Where somebody's own is told to listen; null for its usual place. */
  readonly host: string | null;
  /** Folders that programs are looked for in. */
  readonly searchPath: readonly string[];
  /** What one that we start is given: everything but what is ours or steers another one. */
  readonly environment: Readonly<Record<string, string>>;
};

const defaultPort = 11500;

const flag = z
  .enum(['0', '1', ''])
  .optional()
  .transform((value) => value === '1');

const environmentSchema = z.object({
  INGLENOOK_DATA_DIR: z.string().optional(),
  INGLENOOK_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'a port number between 0 and 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'a port number between 0 and 65535')
    .optional(),
  INGLENOOK_LAN: flag,
  INGLENOOK_MODELS_DIR: z.string().optional(),
  INGLENOOK_OFFLINE: flag,
  OLLAMA_MODELS: z.string().optional(),
  OLLAMA_HOST: z.string().optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; throws an AppError whose message names the variable and what it should be. */
export function readConfig(environment: Environment = process.env): Config {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError(
      `The environment variable ${String(issue?.path[0])} is not usable: ${issue?.message}.`,
      { status: 500, code: 'bad_configuration' },
    );
  }
  const values = parsed.data;
  const rootDir = findRoot(import.meta.dirname);
  return {
    rootDir,
    starterDir: starterDirOf(rootDir),
    ...readManifest(rootDir),
    dataDir: resolve(
      values.INGLENOOK_DATA_DIR || usualDataDir({ platform: process.platform, environment, home: homedir() }),
    ),
    port: values.INGLENOOK_PORT ?? defaultPort,
    isUsualPort: values.INGLENOOK_PORT === undefined,
    lan: values.INGLENOOK_LAN,
    modelsDir: values.INGLENOOK_MODELS_DIR ? resolve(values.INGLENOOK_MODELS_DIR) : null,
    offline: values.INGLENOOK_OFFLINE,
    ollamaDir: values.OLLAMA_MODELS ? resolve(values.OLLAMA_MODELS) : null,
    ollama: {
      host: values.OLLAMA_HOST || null,
      searchPath: (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).filter(Boolean),
      environment: forChildren(environment),
    },
  };
}

function forChildren(environment: Environment): Record<string, string> {
  const others = Object.entries(environment).filter(([name]) => !/^(?:INGLENOOK|OLLAMA)_/u.test(name));
  const models = environment['OLLAMA_MODELS'];
  return {
    ...Object.fromEntries(others.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    ...(models === undefined ? {} : { OLLAMA_MODELS: models }),
  };
}

/** The same code runs from `server/` and from `dist/server/`; the root is where package.json lies. */
function findRoot(startDir: string): string {
  let dir = startDir;
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('The folder of Inglenook (with package.json) was not found.');
    dir = parent;
  }
  return dir;
}

/** Installers put it beside the archive that all else lies in: native code maps it into memory. */
function starterDirOf(rootDir: string): string {
  return basename(rootDir) === 'app.asar'
    ? join(dirname(rootDir), 'models')
    : join(rootDir, 'resources', 'models');
}

const manifest = z.object({
  version: z.string(),
  inglenookReleased: z.iso.date().optional(),
  /** Written by scripts/dist.mjs. */
  inglenookEdition: z.enum(['standard', 'cuda']).optional(),
  // The engine's library is pinned (design decision 5), so the manifest tells which one it is.
  dependencies: z.object({ 'node-llama-cpp': z.string() }),
});

function readManifest(rootDir: string): Pick<Config, 'version' | 'releasedOn' | 'edition' | 'engineVersion'> {
  const { version, inglenookReleased, inglenookEdition, dependencies } = manifest.parse(
    JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')),
  );
  return {
    version,
    releasedOn: inglenookReleased ?? null,
    edition: inglenookEdition ?? null,
    engineVersion: dependencies['node-llama-cpp'],
  };
}
