import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decrypter, Encrypter } from 'age-encryption';
import { AppError } from '../../core/errors.ts';

/**
 * The encrypted file itself: the age format (age-encryption.org/v1; scrypt, HKDF, ChaCha20-Poly1305 in a chain of
 * chunks whose order and end are authenticated), so that the owner can open it without us: `age -d backup.age`.
 */

export const ageFirstLine = 'age-encryption.org/v1\n';

export type Encryption = {
  readonly passphrase: string;
  /** The power of two that makes guessing dear; tests lower it. 18 takes about a second and 256 MiB. */
  readonly workFactor: number;
};

/**
 * Writes the encrypted file, mode 0600, and reads it back before it bears its name.
 * @throws AppError 409 where there is a file of that name, 400 where it cannot be written there
 */
export async function encryptFile(
  from: string,
  to: string,
  encryption: Encryption,
): Promise<{ bytes: number }> {
  const part = `${to}.${randomBytes(4).toString('hex')}.part`;
  if ((await stat(to).catch(() => null)) !== null) throw alreadyThere(to);
  try {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(encryption.passphrase);
    encrypter.setScryptWorkFactor(encryption.workFactor);
    const plain = hashing();
    const source = Readable.toWeb(createReadStream(from).pipe(plain.stream)) as ReadableStream<Uint8Array>;
    const sealed = await encrypter.encrypt(source);
    await pipeline(readableOf(sealed), createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }));
    const readBack = hashing();
    await pipeline(await decrypted(part, encryption.passphrase), readBack.stream.resume());
    if (readBack.digest() !== plain.digest())
      throw new Error('the file reads back otherwise than it was written');
    const { size } = await stat(part);
    await rename(part, to);
    await flushFolder(dirname(to));
    return { bytes: size };
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error instanceof AppError ? error : cannotWrite(to, error);
  }
}

/**
 * Opens an encrypted file into another one, mode 0600. What is there when it throws is worth nothing.
 * @throws AppError 400 with what is wrong: no such file, no backup, another passphrase, cut or changed
 */
export async function decryptFile(from: string, to: string, passphrase: string): Promise<void> {
  const plain = await decrypted(from, passphrase);
  try {
    await pipeline(plain, createWriteStream(to, { flags: 'w', mode: 0o600, flush: true }));
  } catch (error) {
    if (isSystemError(error)) throw cannotWrite(to, error);
    throw new AppError(
      `${basename(from)} is damaged or was cut off: it cannot be read to its end. Nothing was changed here. Take another backup, or copy this one again.`,
      { status: 400, code: 'backup_damaged', param: 'file', cause: error },
    );
  }
}

/** Reads the header at once, so a wrong passphrase is told before anything is written. */
async function decrypted(path: string, passphrase: string): Promise<Readable> {
  await requireAgeFile(path);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const source = createReadStream(path);
  try {
    const plain = await decrypter.decrypt(Readable.toWeb(source) as ReadableStream<Uint8Array>);
    return readableOf(plain);
  } catch (error) {
    source.destroy();
    const isOther = error instanceof Error && error.message.startsWith('no identity matched');
    throw new AppError(
      isOther
        ? 'The passphrase is not the one this backup was made with. Nothing was changed here.'
        : `${basename(path)} is damaged at its beginning. Nothing was changed here. Take another backup, or copy this one again.`,
      {
        status: 400,
        code: isOther ? 'wrong_passphrase' : 'backup_damaged',
        param: isOther ? 'passphrase' : 'file',
        cause: error,
      },
    );
  }
}

async function requireAgeFile(path: string): Promise<void> {
  let beginning: string;
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(ageFirstLine.length),
        0,
        ageFirstLine.length,
        0,
      );
      beginning = buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new AppError(
      `The file ${path} cannot be read (${codeOf(error)}). Is the path right, and the disk connected?`,
      { status: 400, code: 'backup_unreadable', param: 'file', cause: error },
    );
  }
  if (beginning === ageFirstLine) return;
  throw new AppError(
    `${basename(path)} is no backup of Inglenook: it does not begin as one. Nothing was changed here.`,
    { status: 400, code: 'not_a_backup', param: 'file' },
  );
}

function readableOf(stream: ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}

function hashing(): { readonly stream: Transform; readonly digest: () => string } {
  const hash = createHash('sha256');
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, digest: () => hash.digest('hex') };
}

/** So that the new name outlives a power cut; not every system lets a folder be flushed. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function alreadyThere(path: string): AppError {
  return new AppError(`There is a file ${path} already. Choose another name; nothing is written over.`, {
    status: 409,
    code: 'file_exists',
    param: 'file',
  });
}

function cannotWrite(path: string, error: unknown): AppError {
  const code = codeOf(error);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new AppError(
    isFull
      ? `The disk is full, so ${path} could not be written. Nothing else was changed. Free some space and try again.`
      : `${path} could not be written (${code}). Make sure that its folder exists, is connected and may be written by whoever runs Inglenook.`,
    { status: 400, code: isFull ? 'disk_full' : 'backup_not_written', param: 'file', cause: error },
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
