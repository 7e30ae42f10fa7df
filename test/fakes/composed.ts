import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { compose, type Inglenook } from '../../server/compose.ts';
import type { HouseOptions } from '../../server/compose-options.ts';
import { readConfig } from '../../server/config.ts';
import { readFileSync } from 'node:fs';
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from './fake-engine.ts';
import { watchWire } from './wire-watch.ts';

export type ComposedServer = Inglenook & {
  readonly dataDir: string;
  readonly engine: FakeEngine;
  /** What the data folder's `admin.token` holds. */
  readonly adminToken: string;
  /** The admin API with the token of the data folder; throws unless 2xx. */
  readonly admin: (method: string, path: string, body?: unknown) => Promise<unknown>;
};

type ComposedOptions = Omit<HouseOptions, 'createEngine'> & {
  readonly engine?: FakeEngineOptions;
  /** In place of the engine made of these options. */
  readonly withEngine?: FakeEngine;
  /** To start again on what an earlier server left. */
  readonly dataDir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Nobody has named a port, and this is the usual one. */
  readonly usualPort?: number;
};

/**
 * The whole server in this process, with everything real but the engine. Stopped when the test ends. Whatever it
 * sends to API clients on this computer must be valid by the vendor's schemas.
 */
export async function startComposed(options: ComposedOptions = {}): Promise<ComposedServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'inglenook-test-'));
  const engine = options.withEngine ?? createFakeEngine(options.engine);
  const { usualPort } = options;
  const config = {
    ...readConfig({ INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', ...options.environment }),
    ...(usualPort === undefined ? {} : { port: usualPort, isUsualPort: true }),
  };
  const wire = watchWire();
  const inglenook = await compose(config, {
    cheapPasswords: true,
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    ...options,
    createEngine: () => Object.assign(engine, { rescan: async () => {}, preload: () => {} }),
  });
  wire.watch(Number(new URL(inglenook.address).port));
  onTestFinished(async () => {
    await inglenook.stop(0);
    rmSync(dataDir, { recursive: true, force: true });
  });
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const admin = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${inglenook.address}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  return { ...inglenook, dataDir, engine, adminToken: token, admin };
}
