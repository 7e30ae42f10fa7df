import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compose, type Inglenook } from '../../../server/compose.ts';
import { readConfig } from '../../../server/config.ts';
import type { WireModel } from '../../../server/wire/admin.ts';
import {
  catalogue,
  download,
  foundModelList,
  inspectedModel,
  type WireDownload,
} from '../../../server/wire/downloads.ts';
import { livePacket } from '../../../server/wire/events.ts';
import { startFileServer, type FileServer } from '../../fakes/file-server.ts';
import { ggufBytes, writeGguf } from '../../fakes/gguf-file.ts';
import { bigModel } from './bench.ts';

// Each command line is a program that has to start.
vi.setConfig({ testTimeout: 30_000 });

let root: string;
let running: Inglenook | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'inglenook-served-'));
});
afterEach(async () => {
  await running?.stop(0);
  running = null;
  rmSync(root, { recursive: true, force: true });
});

/** The lists of downloads as the event stream tells them, growing. */
async function watchDownloads(): Promise<(readonly WireDownload[])[]> {
  const seen: (readonly WireDownload[])[] = [];
  const events = await fetch(`${running?.address}/api/events`, {
    headers: { authorization: `Bearer ${token()}` },
  });
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const text of events.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((each) => each.startsWith('data: '))) {
        const packet = livePacket.parse(JSON.parse(line.slice(6)));
        if (packet.type === 'downloads') seen.push(packet.downloads);
      }
    }
  };
  // Ends with the server.
  void read().catch(() => {});
  return seen;
}

/** The whole server with the real engine, which is asked to load nothing. */
async function start(environment: Record<string, string> = {}): Promise<void> {
  await running?.stop(0);
  const config = readConfig({
    INGLENOOK_DATA_DIR: join(root, 'data'),
    INGLENOOK_PORT: '0',
    OLLAMA_MODELS: join(root, 'ollama'),
    ...environment,
  });
  running = await compose(config, {
    cheapPasswords: true,
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
  });
  // The tests must not depend on how full this computer's disk is.
  await api('PUT', '/settings/downloads.leaveFreeGb', { value: 0 });
}

const token = (): string => readFileSync(join(root, 'data', 'admin.token'), 'utf8').trim();

// oxlint-disable-next-line typescript/no-explicit-any
async function api(method: string, path: string, body?: unknown): Promise<{ status: number; json: any }> {
  const response = await fetch(`${running?.address}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}

const models = async (): Promise<WireModel[]> => (await api('GET', '/models')).json as WireModel[];
const pulled = async (): Promise<WireModel[]> => (await models()).filter(({ source }) => source === 'pulled');

function begin(...words: string[]): ChildProcess {
  return spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: join(root, 'data') },
  });
}

async function resultOf(child: ChildProcess): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

const cli = (...words: string[]) => resultOf(begin(...words));

async function readyAt(server: FileServer, path: string): Promise<string> {
  const { id } = (await api('POST', '/downloads', { uri: server.origin + path })).json as { id: string };
  await expect
    .poll(async () => (await api('GET', '/downloads')).json, { timeout: 5000 })
    .toContainEqual(expect.objectContaining({ id, state: 'ready' }));
  return id;
}

describe('a pulled model', () => {
  it('appears among the models, and goes with its file only when that is asked for', async () => {
    const server = await startFileServer({ '/m/Tiny-Q4_K_M.gguf': ggufBytes() });
    await start();
    await readyAt(server, '/m/Tiny-Q4_K_M.gguf');
    const [model] = await pulled();
    expect(model).toMatchObject({ id: 'tiny', state: 'off', reason: null });
    await api('PUT', '/aliases/mine', { model: 'tiny' });

    const kept = await api('DELETE', '/models/tiny');
    expect([kept.status, kept.json.error.message]).toEqual([409, expect.stringContaining('--delete-file')]);
    expect(existsSync(model?.path ?? '')).toBe(true);

    const removed = await api('DELETE', '/models/tiny?deleteFile=true');
    expect([removed.status, removed.json]).toEqual([
      200,
      { removed: 'tiny', freedBytes: ggufBytes().length, brokenAliases: ['mine'] },
    ]);
    expect([existsSync(model?.path ?? ''), await pulled(), (await api('GET', '/downloads')).json]).toEqual([
      false,
      [],
      [],
    ]);
  });

  it('is told of live, and its download goes on in the next server', async () => {
    const model = bigModel();
    const server = await startFileServer({ '/m.gguf': model });
    server.fault = (_asked, count) => (count === 3 ? { stallAfter: 50_000 } : null);
    await start();
    await api('PUT', '/settings/downloads.connections', { value: 1 });
    const seen = await watchDownloads();
    await api('POST', '/downloads', { uri: `${server.origin}/m.gguf` });
    await expect
      .poll(async () => (await api('GET', '/downloads')).json[0].doneBytes, { timeout: 5000 })
      .toBe(50_000);
    await expect.poll(() => seen.at(-1)).toMatchObject([{ state: 'downloading', doneBytes: 50_000 }]);
    expect(seen[0]).toEqual([]);
    await start();
    await expect.poll(async () => (await pulled()).length, { timeout: 5000 }).toBe(1);
    expect(readFileSync((await pulled())[0]?.path ?? '').equals(model)).toBe(true);
    expect(server.asked[3]?.range?.from).toBe(50_000);
  });

  it('is paused, resumed, cancelled and taken off the list by its id', async () => {
    const server = await startFileServer({ '/m.gguf': bigModel() });
    server.fault = (_asked, count) => (count > 2 ? { stallAfter: 1000 } : null);
    await start();
    const { id } = (await api('POST', '/downloads', { uri: `${server.origin}/m.gguf` })).json as {
      id: string;
    };
    const act = async (method: string, path: string) => {
      const { status, json } = await api(method, `/downloads/${id}${path}`);
      return [status, json === null ? null : download.parse(json).state];
    };
    expect(await act('POST', '/pause')).toEqual([200, 'paused']);
    expect(await act('POST', '/resume')).toEqual([200, 'downloading']);
    expect(await act('POST', '/cancel?keep=true')).toEqual([200, 'cancelled']);
    expect(await act('DELETE', '')).toEqual([204, null]);
    expect((await api('POST', `/downloads/${id}/pause`)).status).toBe(404);
    expect((await api('POST', '/downloads', { uri: 'http://169.254.169.254/x' })).status).toBe(400);
  });
});

describe('before a download', () => {
  it('a model is looked at where it is, with the sum for this computer', async () => {
    const server = await startFileServer({
      '/m/Tiny-Q4_K_M.gguf': bigModel(3_000_000),
      '/x.gguf': 'nothing',
    });
    await start();
    const uri = encodeURIComponent(`${server.origin}/m/Tiny-Q4_K_M.gguf`);
    const { status, json } = await api('GET', `/models/inspect?uri=${uri}&slots=3&context=1000`);
    expect([status, inspectedModel.parse(json)]).toMatchObject([
      200,
      {
        architecture: 'llama',
        quantisation: 'q4_k_m',
        fit: { slots: 3, contextTokens: 1000, verdict: 'unknown' },
      },
    ]);
    const wrong = await api('GET', `/models/inspect?uri=${encodeURIComponent(`${server.origin}/x.gguf`)}`);
    expect([wrong.status, wrong.json.error.message]).toEqual([
      422,
      expect.stringContaining('not a GGUF model'),
    ]);
    expect(await pulled()).toEqual([]);
  });

  it('the catalogue tells what fits, and what to take', async () => {
    await start();
    const { json } = await api('GET', '/catalogue');
    const { models: entries, recommended } = catalogue.parse(json);
    expect(entries.every(({ fit }) => fit.sentence !== '' && fit.neededBytes !== null)).toBe(true);
    expect(recommended.map(({ purpose }) => purpose)).toEqual(['chat', 'code', 'autocomplete', 'embeddings']);
  });

  it('nothing goes online when the owner has said so', async () => {
    const server = await startFileServer({ '/m.gguf': ggufBytes() });
    await start({ INGLENOOK_OFFLINE: '1' });
    const uri = `${server.origin}/m.gguf`;
    for (const { status, json } of [
      await api('POST', '/downloads', { uri }),
      await api('GET', `/models/inspect?uri=${encodeURIComponent(uri)}`),
    ]) {
      expect([status, json.error.message]).toEqual([409, expect.stringContaining('never go online')]);
    }
    expect(server.asked).toEqual([]);
    expect((await api('GET', '/catalogue')).status).toBe(200);
  });

  it('the token for the hub is kept and never shown, and goes with the hub it was for', async () => {
    await start();
    const set = await api('PUT', '/settings/hub.token', { value: 'hf_secret' });
    expect([set.status, set.json.value]).toEqual([200, '(set)']);
    const all = JSON.stringify((await api('GET', '/settings')).json);
    expect(all).toContain('(set)');
    expect(all).not.toContain('hf_secret');
    const refused = await api('PUT', '/settings/hub.token', { value: 'with space' });
    expect([refused.status, refused.json.error.message.includes('with space')]).toEqual([400, false]);
    await api('PUT', '/settings/hub.address', { value: 'https://mirror.example' });
    expect((await api('GET', '/settings/hub.token')).json.value).toBeNull();
    expect((await api('PUT', '/settings/hub.address', { value: 'https://a:b@mirror.example' })).status).toBe(
      400,
    );
  });
});

describe('models of this computer', () => {
  it('are used where they lie: a folder stays added, and a model of Ollama is called as there', async () => {
    const folder = join(root, 'mine');
    const store = join(root, 'ollama');
    mkdirSync(folder);
    mkdirSync(join(store, 'blobs'), { recursive: true });
    mkdirSync(join(store, 'manifests', 'registry.ollama.ai', 'library', 'llama3.2'), { recursive: true });
    const blob = writeGguf(join(store, 'blobs', `sha256-${'a'.repeat(64)}`));
    writeFileSync(
      join(store, 'manifests', 'registry.ollama.ai', 'library', 'llama3.2', '3b'),
      JSON.stringify({
        layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${'a'.repeat(64)}` }],
      }),
    );
    await start();
    const found = foundModelList.parse((await api('GET', '/models/found')).json);
    expect(found.find(({ path }) => path === blob)).toMatchObject({ name: 'llama3.2:3b', modelId: null });
    expect((await api('POST', '/models', { path: blob })).json).toMatchObject({
      id: 'llama3.2-3b',
      path: blob,
    });

    expect((await cli('model', 'add', folder)).stderr).toContain('no GGUF file in it yet');
    writeGguf(join(folder, 'Later.gguf'));
    await start();
    const ids = (await models()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['later', 'llama3.2-3b']));
    expect((await cli('model', 'remove', folder)).stdout).toContain('nothing in it was touched');
    expect((await models()).map(({ id }) => id)).not.toContain('later');
    expect(existsSync(join(folder, 'Later.gguf'))).toBe(true);
    for (const path of ['relative', join(root, 'nowhere'), '/', blob]) {
      expect([path, (await api('POST', '/model-folders', { path })).status]).toEqual([path, 400]);
    }
  });
});

describe('the command line', () => {
  it('pulls, waits until the model is ready, and prints its id; the second time at once', async () => {
    const server = await startFileServer({ '/m/Tiny-Q4_K_M.gguf': ggufBytes() });
    await start();
    const uri = `${server.origin}/m/Tiny-Q4_K_M.gguf`;
    const { code, stdout } = await cli('model', 'pull', uri);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tiny {2}\/.*Tiny-Q4_K_M\.gguf\n$/)]);
    const again = await cli('model', 'pull', uri, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'ready', modelId: 'tiny' });
    expect((await cli('model', 'downloads')).stdout).toMatch(
      /^ID +NAME +STATE[^\n]*\ndl_\w+ +Tiny-Q4_K_M\.gguf +ready/,
    );
    expect((await cli('model', 'inspect', uri)).stdout).toMatch(/^Name +Tiny-Q4_K_M\.gguf\nSize +/);
    expect((await cli('model', 'remove', 'tiny')).code).toBe(1);
    expect((await cli('model', 'remove', 'tiny', '--delete-file')).stdout).toContain(
      'was deleted; that frees',
    );
  });

  it('ends with 1 and the reason when a pull fails, also when nothing may go online', async () => {
    const server = await startFileServer();
    await start();
    const missing = await cli('model', 'pull', `${server.origin}/no.gguf`);
    expect([missing.code, missing.stdout, missing.stderr]).toEqual([1, '', expect.stringContaining('(404)')]);
    await start({ INGLENOOK_OFFLINE: '1' });
    const offline = await cli('model', 'pull', `${server.origin}/no.gguf`);
    expect([offline.code, offline.stderr]).toEqual([1, expect.stringContaining('never go online')]);
  });

  it('pauses on Ctrl-C and says how to go on', async () => {
    const server = await startFileServer({ '/m.gguf': bigModel() });
    server.fault = (_asked, count) => (count === 3 ? { stallAfter: 1000 } : null);
    await start();
    const child = begin('model', 'pull', `${server.origin}/m.gguf`);
    const result = resultOf(child);
    await expect
      .poll(async () => (await api('GET', '/downloads')).json[0]?.doneBytes, { timeout: 9000 })
      .toBe(1000);
    await once(child.stderr as NonNullable<typeof child.stderr>, 'data');
    child.kill('SIGINT');
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([1, expect.stringContaining('Paused. What is here stays')]);
    expect((await api('GET', '/downloads')).json[0].state).toBe('paused');
    expect((await cli('model', 'pull', `${server.origin}/m.gguf`)).code).toBe(0);
  });
});
