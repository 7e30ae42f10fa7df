import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { download } from '../../../scripts/lib/download.mjs';
import { showProgress } from '../../../scripts/lib/progress.mjs';
import { ensureFile, isVerified } from '../../../scripts/lib/verified-file.mjs';

const content = randomBytes(200_000);
const sizeBytes = content.length;
const sha256 = createHash('sha256').update(content).digest('hex');

describe('download', () => {
  test('resumes after a cut where it was, within a run and in a later one', async () => {
    let cut = (): void => undefined;
    const site = await served((request, response) => {
      const start = rangeStart(request);
      // Two answers hang before their end until the test cuts them.
      if (start > 130_000) return answer(response, start);
      response
        .writeHead(206, { 'content-length': sizeBytes - start })
        .write(content.subarray(start, start + 70_000));
      cut = () => response.destroy();
    });
    const part = join(folder(), 'x.part');
    writeFileSync(part, content.subarray(0, 10_000));
    const seen: number[] = [];
    const onProgress = (bytes: number): void => {
      seen.push(bytes);
      if (bytes === 80_000 || bytes === 150_000) cut();
    };
    await download({ url: site.url, part, sizeBytes, onProgress });
    expect(readFileSync(part).equals(content)).toBe(true);
    expect(site.ranges).toEqual(['bytes=10000-', 'bytes=80000-', 'bytes=150000-']);
    expect(seen.at(-1)).toBe(sizeBytes);
  });

  test('asks nobody when the part is whole', async () => {
    const site = await served((_request, response) => answer(response, 0));
    const part = join(folder(), 'x.part');
    writeFileSync(part, content);
    await download({ url: site.url, part, sizeBytes });
    expect(site.ranges).toEqual([]);
  });

  test('begins anew where the other side does not know ranges', async () => {
    const site = await served((_request, response) => answer(response, 0, 200));
    const part = join(folder(), 'x.part');
    writeFileSync(part, randomBytes(5_000));
    await download({ url: site.url, part, sizeBytes });
    expect(readFileSync(part).equals(content)).toBe(true);
  });

  test('follows to where the file lies, and carries the range along', async () => {
    const site = await served((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
      else answer(response, rangeStart(request));
    });
    const part = join(folder(), 'x.part');
    writeFileSync(part, content.subarray(0, 1_000));
    await download({ url: site.url, part, sizeBytes });
    expect(readFileSync(part).equals(content)).toBe(true);
    expect(site.ranges).toEqual(['bytes=1000-', 'bytes=1000-']);
  });

  test('gives up a silent connection, and the whole after some in a row', async () => {
    const site = await served((_request, response) =>
      response.writeHead(200, { 'content-length': sizeBytes }).flushHeaders(),
    );
    const part = join(folder(), 'x.part');
    await expect(
      download({ url: site.url, part, sizeBytes, stallTimeoutMs: 50, attempts: 2 }),
    ).rejects.toThrow('nothing came for 0.05 s');
    expect(site.ranges).toHaveLength(2);
  });

  test.each([
    [404, undefined, 'it answered 404 Not Found'],
    [200, 17, 'it offers 17 bytes instead of 200000'],
  ])('refuses %s with length %s: %s', async (status, length, reason) => {
    const site = await served((_request, response) => {
      response
        .writeHead(status, length === undefined ? {} : { 'content-length': length })
        .end('x'.repeat(length ?? 0));
    });
    await expect(download({ url: site.url, part: join(folder(), 'x.part'), sizeBytes })).rejects.toThrow(
      reason,
    );
    expect(site.ranges).toHaveLength(1);
  });

  test('says in plain words that nobody is there', async () => {
    const site = await served(() => undefined);
    await site.close();
    const job = { url: site.url, part: join(folder(), 'x.part'), sizeBytes };
    await expect(download(job)).rejects.toThrow('the connection was refused');
  });
});

describe('a file from several sources', () => {
  test('a wrong hash is refused and the next source asked; what is whole is put in place once', async () => {
    const wanted = { target: join(folder(), 'models', 'x.gguf'), sizeBytes, sha256 };
    const asked: string[] = [];
    const source = (name: string, bytes: Buffer | Error | null) => ({
      name,
      fetch: async () => {
        asked.push(name);
        if (bytes === null) return null;
        if (bytes instanceof Error) throw bytes;
        const got = join(folder(), name);
        writeFileSync(got, bytes);
        return got;
      },
    });
    const damaged = Buffer.from(content).fill(0, 100, 200);
    const sources = [
      source('absent', null),
      source('offline', new Error('no internet')),
      source('damaged', damaged),
      source('truncated', content.subarray(1)),
      source('good', content),
      source('unneeded', content),
    ];
    expect(isVerified(wanted)).toBe(false);
    expect(await ensureFile(wanted, sources)).toBeNull();
    expect(readFileSync(wanted.target).equals(content)).toBe(true);
    expect(asked).toEqual(['absent', 'offline', 'damaged', 'truncated', 'good']);
    expect(isVerified(wanted)).toBe(true);
    expect(await ensureFile(wanted, sources)).toBeNull();
    expect(asked).toHaveLength(5);
  });

  test('tells why each source failed, and leaves nothing half in place', async () => {
    const wanted = { target: join(folder(), 'x.gguf'), sizeBytes, sha256 };
    writeFileSync(wanted.target, content.subarray(0, 9));
    const got = join(folder(), 'damaged');
    writeFileSync(got, Buffer.alloc(sizeBytes));
    const failed = await ensureFile(wanted, [
      {
        name: 'one',
        fetch: () =>
          Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND', hostname: 'one.example' })),
      },
      { name: 'two', fetch: () => Promise.resolve(got) },
    ]);
    expect(failed).toEqual([
      {
        name: expect.stringContaining('the file that is there'),
        reason: expect.stringContaining('9 bytes instead of'),
      },
      { name: 'one', reason: 'the name one.example could not be looked up (no internet?)' },
      { name: 'two', reason: expect.stringContaining('SHA-256 is wrong') },
    ]);
    expect([existsSync(got), statSync(wanted.target).size, isVerified(wanted)]).toEqual([false, 9, false]);
  });

  test('a file that was changed after it was verified is verified again', async () => {
    const wanted = { target: join(folder(), 'x.gguf'), sizeBytes, sha256 };
    writeFileSync(wanted.target, content);
    expect(await ensureFile(wanted, [])).toBeNull();
    expect(isVerified(wanted)).toBe(true);
    writeFileSync(wanted.target, content.subarray(5));
    expect(isVerified(wanted)).toBe(false);
    expect(await ensureFile(wanted, [])).toEqual([
      { name: expect.any(String), reason: expect.stringContaining('199995') },
    ]);
  });
});

describe('progress', () => {
  test('redraws a bar on a terminal, writes sparse lines elsewhere', () => {
    const shown = (isTTY: boolean): string => {
      let [text, nowMs] = ['', 0];
      const stream = { isTTY, write: (more: string) => (text += more) };
      const progress = showProgress('Model', 100_000_000, { stream, nowMs: () => nowMs });
      for (let step = 0; step <= 100; step += 1) {
        nowMs = step * 210;
        progress.update(step * 1_000_000);
      }
      progress.end();
      return text;
    };
    expect(shown(false)).toBe(
      'Model 48 % of 100 MB, 4.8 MB/s\nModel 96 % of 100 MB, 4.8 MB/s\nModel 100 % of 100 MB, 4.8 MB/s\n',
    );
    expect(shown(true).split('\r')).toHaveLength(102);
    expect(shown(true)).toContain('\rModel [############............] 50 % of 100 MB, 4.8 MB/s');
  });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'inglenook-download-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

type Site = {
  readonly url: string;
  readonly ranges: (string | undefined)[];
  readonly close: () => Promise<void>;
};

async function served(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Site> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    handler(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ranges, close };
}

function rangeStart({ headers: { range } }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/u.exec(range ?? '')?.[1] ?? 0);
}

function answer(response: ServerResponse, start: number, status = start > 0 ? 206 : 200): void {
  response.writeHead(status, { 'content-length': sizeBytes - start }).end(content.subarray(start));
}
