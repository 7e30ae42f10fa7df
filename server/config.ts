import { homedir } from 'node:os';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './core/errors.ts';

/** Everything the server is told from outside. The only reader of the environment. */
export type Config = {
  /** The clone, or the folder of the installed app: where `resources/` and `dist/renderer/` lie. */
  readonly rootDir: string;
  readonly version: string;
  /** Of the library that our own engine computes with. */
  readonly engineVersion: string;
  readonly dataDir: string;
  /** 0 for any free port. */
  readonly port: number;
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
    ...readVersions(rootDir),
    dataDir: resolve(values.INGLENOOK_DATA_DIR || platformDataDir(environment)),
    port: values.INGLENOOK_PORT ?? defaultPort,
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

/** Where each platform keeps an application's data; the command line follows the same rule. */
function platformDataDir(environment: Environment): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Inglenook');
  if (process.platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Inglenook');
  }
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'inglenook');
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

/** The engine's library is pinned (design decision 5), so the manifest tells which one it is. */
function readVersions(rootDir: string): Pick<Config, 'version' | 'engineVersion'> {
  const { version, dependencies } = z
    .object({ version: z.string(), dependencies: z.object({ 'node-llama-cpp': z.string() }) })
    .parse(JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')));
  return { version, engineVersion: dependencies['node-llama-cpp'] };
}
