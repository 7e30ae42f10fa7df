import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { createRestoreUploads } from '../../../server/store/backup/upload.ts';
import { mostUploadBytes, uploadPieceBytes } from '../../../server/wire/backup.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const passphrase = 'a passphrase nobody guesses';
const password = 'correct horse battery';
const beginning = 'age-encryption.org/v1\n';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-upload-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

async function backedUp(): Promise<Buffer> {
  const old = await startComposed();
  await old.admin('POST', '/keys', { name: 'Anna', person: 'Anna' });
  await old.admin('POST', '/password', { password });
  const file = join(dir, 'office.age');
  await old.admin('POST', '/backups', { file, passphrase });
  return readFileSync(file);
}

type Sent = { readonly status: number; readonly code: string | undefined; readonly json: unknown };

async function send(
  house: ComposedServer,
  [method, path]: readonly [string, string],
  body: Buffer | object,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const isPiece = Buffer.isBuffer(body);
  const response = await fetch(`${house.address}/api${path}`, {
    method,
    headers: { 'content-type': isPiece ? 'application/octet-stream' : 'application/json', ...headers },
    body: isPiece ? new Uint8Array(body) : JSON.stringify(body),
  });
  const json = (await response.json()) as { error?: { code: string } };
  return { status: response.status, code: json.error?.code, json };
}

const asOwner = (house: ComposedServer) => ({ authorization: `Bearer ${house.adminToken}` });
const tokenOf = ({ setupLink }: ComposedServer): string => new URL(setupLink ?? '').hash.slice(1);
const folderOf = ({ dataDir }: ComposedServer): string => join(dataDir, 'restore.upload');

async function begin(house: ComposedServer, bytes: number): Promise<string> {
  const { upload } = (await house.admin('POST', '/restore/uploads', { bytes })) as { upload: string };
  return upload;
}

it('a backup that a browser sends in pieces is restored by the owner, and nothing of it stays', async () => {
  const file = await backedUp();
  const house = await startComposed();
  const upload = await begin(house, file.length);
  const half = Math.floor(file.length / 2);
  for (const [from, to] of [
    [0, half],
    [half, file.length],
  ] as const) {
    const path = `/restore/uploads/${upload}?offset=${from}`;
    const answer = await send(house, ['PUT', path], file.subarray(from, to), asOwner(house));
    expect(answer).toMatchObject({ status: 200, json: { receivedBytes: to } });
  }
  const wrong = await send(
    house,
    ['POST', '/restore'],
    { upload, passphrase: 'another one' },
    asOwner(house),
  );
  expect([wrong.status, wrong.code]).toEqual([400, 'wrong_passphrase']);
  // It is still here: the next passphrase needs no second sending.
  const state = await house.admin('POST', '/restore', { upload, passphrase });
  expect(state).toMatchObject({ prepared: { contents: { keys: 1, people: 1 } } });
  expect(existsSync(folderOf(house))).toBe(false);
});

it('with the one-time link it takes the place of a first password', async () => {
  const file = await backedUp();
  const house = await startComposed();
  const token = tokenOf(house);
  const begun = await send(house, ['POST', '/setup/restore/uploads'], { token, bytes: file.length });
  const { upload } = begun.json as { upload: string };
  const path = `/setup/restore/uploads/${upload}?offset=0`;
  const put = await send(house, ['PUT', path], file, { 'x-inglenook-setup-token': token });
  expect(put.status).toBe(200);
  const answer = await send(house, ['POST', '/setup/restore'], { token, upload, passphrase });
  expect(answer).toMatchObject({ status: 200, json: { restarts: false } });
});

it('attack 83: nobody sends a backup without being the owner or having the set-up token', async () => {
  const house = await startComposed();
  const upload = await begin(house, 100);
  const piece = Buffer.from(beginning);
  const put = ['PUT', `/restore/uploads/${upload}?offset=0`] as const;
  const putAtSetUp = ['PUT', `/setup/restore/uploads/${upload}?offset=0`] as const;
  const beginAtSetUp = ['POST', '/setup/restore/uploads'] as const;
  expect((await send(house, put, piece)).status).toBe(401);
  expect((await send(house, ['POST', '/restore/uploads'], { bytes: 100 })).status).toBe(401);
  for (const token of ['', 'wrong', house.adminToken]) {
    expect((await send(house, beginAtSetUp, { token, bytes: 100 })).code).toBe('setup_link_invalid');
    const shown = { 'x-inglenook-setup-token': token };
    expect((await send(house, putAtSetUp, piece, shown)).code).toBe('setup_link_invalid');
  }
  const foreign = { ...asOwner(house), origin: 'http://evil.example' };
  expect((await send(house, put, piece, foreign)).code).toBe('foreign_origin');
  // What a form of another page can send.
  const typed = { ...asOwner(house), 'content-type': 'text/plain' };
  expect((await send(house, put, piece, typed)).status).toBe(415);
  expect(existsSync(join(folderOf(house), 'uploaded-backup.age'))).toBe(false);
  const token = tokenOf(house);
  await send(house, ['POST', '/setup'], { token, password });
  expect((await send(house, beginAtSetUp, { token, bytes: 100 })).code).toBe('setup_link_used');
  const late = { 'x-inglenook-setup-token': token };
  expect((await send(house, putAtSetUp, piece, late)).code).toBe('setup_link_used');
});

it('attack 83: what is sent chooses no path, and is refused by its beginning, size and turn', async () => {
  const house = await startComposed();
  const put = (upload: string, offset: number, piece: Buffer): Promise<Sent> =>
    send(house, ['PUT', `/restore/uploads/${upload}?offset=${offset}`], piece, asOwner(house));
  const wish = (body: object): Promise<Sent> => send(house, ['POST', '/restore'], body, asOwner(house));

  const upload = await begin(house, 50);
  for (const name of ['..%2F..%2Fevil', encodeURIComponent(join(dir, 'evil')), 'other']) {
    expect((await put(name, 0, Buffer.from(beginning))).code).toBe('upload_not_found');
  }
  expect((await put(upload, 22, Buffer.from(beginning))).code).toBe('upload_out_of_turn');
  expect((await put(upload, 0, Buffer.alloc(51))).status).toBe(400);
  expect((await put(upload, 0, Buffer.from(beginning))).status).toBe(200);
  expect((await put(upload, 0, Buffer.from(beginning))).code).toBe('upload_out_of_turn');
  expect((await wish({ upload, passphrase })).code).toBe('upload_not_found');
  expect((await wish({ upload, file: '/etc/passwd', passphrase })).status).toBe(400);
  expect((await wish({ passphrase })).status).toBe(400);

  const large = await begin(house, 2 * uploadPieceBytes);
  expect((await put(large, 0, Buffer.alloc(uploadPieceBytes + 1))).status).toBe(413);
  expect((await put(large, 0, Buffer.from('SQLite format 3\0, which is none'))).code).toBe('not_a_backup');
  expect(existsSync(folderOf(house))).toBe(false);
  const tooLarge = await send(
    house,
    ['POST', '/restore/uploads'],
    { bytes: mostUploadBytes + 1 },
    asOwner(house),
  );
  expect(tooLarge.code).toBe('backup_too_large');
  expect(await house.admin('GET', '/restore')).toEqual({ prepared: null, keptFolders: [] });
});

it('is forgotten where nothing more comes', async () => {
  const time = createManualTime();
  const uploads = createRestoreUploads(dir, time.timers);
  const upload = await uploads.begin(100);
  await uploads.add(upload, 0, Buffer.from(beginning));
  expect(existsSync(join(dir, 'restore.upload'))).toBe(true);
  time.advance(15 * 60_000);
  expect(existsSync(join(dir, 'restore.upload'))).toBe(false);
  await expect(uploads.add(upload, beginning.length, Buffer.from('more'))).rejects.toThrow(
    'not here any more',
  );
});
