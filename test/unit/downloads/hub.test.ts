import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startFileServer, type FileServer } from '../../fakes/file-server.ts';
import { bigModel, createBench } from './bench.ts';

const token = 'hf_this-is-a-secret';
const model = bigModel(300_000);
const sha256 = createHash('sha256').update(model).digest('hex');

type HubFile = { readonly path: string; readonly bytes?: Buffer; readonly sha256?: string };

/** A hub as huggingface.js sees it: a list of files, and each file behind a redirect to a store elsewhere. */
async function startHub(
  repo: string,
  files: readonly HubFile[],
): Promise<{ hub: FileServer; store: FileServer }> {
  const store = await startFileServer();
  const hub = await startFileServer();
  const tree = files.map(({ path, bytes = model, sha256: oid = sha256 }) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: 'a'.repeat(40),
    lfs: { oid, size: bytes.length, pointerSize: 134 },
  }));
  hub.files.set(`/api/models/${repo}/tree/main?recursive=true`, JSON.stringify(tree));
  for (const { path, bytes = model } of files) store.files.set(`/stored/${path}`, bytes);
  hub.fault = ({ path }) => {
    const [, file] = path.split(`/${repo}/resolve/main/`);
    if (file === undefined) return null;
    return {
      redirect: `${store.origin}/stored/${file}`,
      headers: { 'x-linked-etag': `"${sha256}"`, 'x-linked-size': String(model.length) },
    };
  };
  return { hub, store };
}

function benchFor(hub: FileServer) {
  const bench = createBench({ hubAddress: hub.origin });
  bench.settings.hubToken = token;
  return bench;
}

describe('a model of the hub', () => {
  const files = [
    'README.md',
    'mmproj-F16.gguf',
    'Tiny-Q8_0.gguf',
    'Tiny-UD-Q4_K_M.gguf',
    'Tiny-Q4_K_M.gguf',
  ].map((path) => ({ path }));

  it('is found by its quantisation, checked by its SHA-256, and kept under the repository’s name', async () => {
    const { hub, store } = await startHub('some/Tiny-GGUF', files);
    const bench = benchFor(hub);
    expect(bench.queue.add('hf:some/Tiny-GGUF:q4_k_m').uri).toBe('hf:some/Tiny-GGUF:Q4_K_M');
    const ready = await bench.until('ready');
    expect(ready.path?.slice(bench.modelsDir.length)).toBe('/some--Tiny-GGUF/Tiny-Q4_K_M.gguf');
    expect(ready.about).toMatchObject({ hasChecksum: true, isResumable: true, sizeBytes: model.length });
    expect(new Set(store.asked.map(({ path }) => path))).toEqual(new Set(['/stored/Tiny-Q4_K_M.gguf']));
  });

  it('shows the token to the hub alone, never to where it leads, and never to the log or the list', async () => {
    const { hub, store } = await startHub('some/Tiny-GGUF', files);
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Tiny-GGUF:Q8_0');
    await bench.until('ready');
    expect(new Set(hub.asked.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${token}`]),
    );
    expect(new Set(store.asked.map(({ authorization }) => authorization))).toEqual(new Set([undefined]));
    const kept = JSON.stringify(bench.store.db.prepare('SELECT * FROM downloads').all());
    expect(bench.logged.join('\n') + JSON.stringify(bench.queue.list()) + kept).not.toContain(token);
  });

  it('is the usual quantisation when none is named, and a file of a branch when one is', async () => {
    const { hub } = await startHub('some/Tiny-GGUF', files);
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Tiny-GGUF');
    expect((await bench.until('ready')).name).toBe('Tiny-Q4_K_M.gguf');
    const page = benchFor(hub);
    expect(page.queue.add(`${hub.origin}/some/Tiny-GGUF/blob/main/Tiny-Q8_0.gguf`).uri).toBe(
      'hf:some/Tiny-GGUF/Tiny-Q8_0.gguf',
    );
    expect((await page.until('ready')).name).toBe('Tiny-Q8_0.gguf');
  });

  it('that is not there is said with what is', async () => {
    const { hub } = await startHub('some/Tiny-GGUF', files);
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Tiny-GGUF:Q2_K');
    expect((await bench.until('failed')).reason).toBe(
      'The repository some/Tiny-GGUF has no Q2_K. There are: Tiny-Q8_0, Tiny-UD-Q4_K_M, Tiny-Q4_K_M.',
    );
  });

  it('with conditions says how to meet them', async () => {
    const { hub } = await startHub('some/Tiny-GGUF', files);
    hub.fault = () => ({ status: 403 });
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Tiny-GGUF:Q8_0');
    expect((await bench.until('failed')).reason).toContain('hub.token');
  });

  it('in several files comes whole, from a folder of the repository', async () => {
    const parts = [1, 2].map((part) => ({ path: `Q4_K_M/Big-Q4_K_M-0000${part}-of-00002.gguf` }));
    const { hub } = await startHub('some/Big-GGUF', parts);
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Big-GGUF:Q4_K_M');
    expect((await bench.until('ready')).about?.fileCount).toBe(2);
    expect(bench.onDisk().sort()).toEqual([
      'Big-Q4_K_M-00001-of-00002.gguf',
      'Big-Q4_K_M-00002-of-00002.gguf',
    ]);
  });

  it('whose bytes are not what the hub’s list says is refused', async () => {
    const { hub, store } = await startHub('some/Tiny-GGUF', files);
    const other = Buffer.from(model);
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    store.files.set('/stored/Tiny-Q8_0.gguf', other);
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Tiny-GGUF:Q8_0');
    expect((await bench.until('failed')).reason).toContain('checksum differs');
    store.files.set('/stored/Tiny-Q8_0.gguf', bigModel(300_004));
    bench.queue.resume(bench.queue.list()[0]?.id ?? '');
    await expect.poll(() => bench.queue.list()[0]?.reason).toContain('differ in size');
  });

  it('follows the pages of a long list, on the hub only', async () => {
    const { hub } = await startHub('some/Tiny-GGUF', files);
    const list = '/api/models/some/Tiny-GGUF/tree/main?recursive=true';
    hub.files.set(`${list}&cursor=2`, hub.files.get(list) ?? '');
    hub.files.set(list, '[]');
    hub.headers.set(list, { link: `<${hub.origin}${list}&cursor=2>; rel="next"` });
    const bench = benchFor(hub);
    bench.queue.add('hf:some/Tiny-GGUF:Q8_0');
    await bench.until('ready');
    hub.headers.set(list, { link: `<http://localhost:1${list}&cursor=2>; rel="next"` });
    const other = benchFor(hub);
    other.queue.add('hf:some/Tiny-GGUF:Q8_0');
    expect((await other.until('failed')).reason).toContain('no GGUF files at all');
  });
});

it('a redirect without end, and one to where nothing is fetched from, stop at once', async () => {
  for (const redirect of [
    '/again.gguf',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
    'http://user:pw@localhost/x',
  ]) {
    const server = await startFileServer();
    server.fault = () => ({ redirect });
    const bench = createBench();
    bench.queue.add(`${server.origin}/x.gguf`);
    const failed = await bench.until('failed');
    expect([redirect, failed.reason]).toEqual([
      redirect,
      expect.stringMatching(/without end|does not fetch from/),
    ]);
    expect(server.asked.length).toBeLessThan(12);
  }
});
