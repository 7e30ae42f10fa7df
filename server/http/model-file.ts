import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { invalidRequest } from '../core/errors.ts';

/** Whether it is a usable model is the engine's to say: then it is listed as failed, with the reason. */
export async function requireReadableFile(path: string): Promise<string> {
  if (path.includes('\0') || !isAbsolute(path)) {
    throw invalidRequest('Give the whole path of the file, from the root of the disk on.', 'path');
  }
  const whole = resolve(path);
  const status = await stat(whole).catch(() => null);
  if (status === null) throw invalidRequest('There is no file with this path on this computer.', 'path');
  if (!status.isFile()) throw invalidRequest('This is not a file. Give the path of one .gguf file.', 'path');
  if (!whole.toLowerCase().endsWith('.gguf') && !(await beginsAsGguf(whole))) {
    throw invalidRequest('The name must end in .gguf: that is the format the built-in engine reads.', 'path');
  }
  await access(whole, constants.R_OK).catch(() => {
    throw invalidRequest('Inglenook may not read this file. Change its permissions and try again.', 'path');
  });
  return whole;
}

/** Ollama's files are named by their content alone. */
async function beginsAsGguf(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === 'GGUF';
  } finally {
    await file.close();
  }
}
