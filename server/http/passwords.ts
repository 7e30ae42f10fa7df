import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { AppError } from '../core/errors.ts';

/** OWASP's first choice for scrypt: 128 MiB and some tenths of a second for each guess. */
const cost = { N: 2 ** 17, r: 8, p: 1 } as const;
const hashBytes = 32;
const saltBytes = 16;
/** Each takes a thread of the pool that also reads files; two leave room for everything else. */
const mostAtOnce = 2;
const mostWaiting = 8;

export type PasswordHasher = {
  /** `scrypt$N$r$p$salt$hash`, base64url. */
  readonly hash: (password: string) => Promise<string>;
  /** False for a wrong password and for a stored text that is not a hash. */
  readonly verify: (password: string, stored: string) => Promise<boolean>;
};

/** At most two computations at a time; beyond a short queue it throws an AppError 503. `cheap` is for tests. */
export function createPasswordHasher(options: { readonly cheap?: boolean } = {}): PasswordHasher {
  const { N, r, p } = options.cheap === true ? { N: 2 ** 4, r: 8, p: 1 } : cost;
  const run = createTurnstile();
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      const hash = await run(() => derive(password, salt, { N, r, p }));
      return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
    },
    async verify(password, stored) {
      const parsed = parse(stored);
      if (parsed === null) return false;
      const hash = await run(() => derive(password, parsed.salt, parsed.parameters));
      return timingSafeEqual(hash, parsed.hash);
    },
  };
}

function derive(
  password: string,
  salt: Buffer,
  parameters: { N: number; r: number; p: number },
): Promise<Buffer> {
  // The same word typed on another keyboard may come as other code points (RFC 8265 §4.2 asks for NFC).
  const text = password.normalize('NFC');
  const options: ScryptOptions = { ...parameters, maxmem: 256 * parameters.N * parameters.r };
  return new Promise((resolve, reject) => {
    scrypt(text, salt, hashBytes, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function parse(stored: string) {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) return null;
  const hashBuffer = Buffer.from(hash, 'base64url');
  if (hashBuffer.length !== hashBytes) return null;
  return {
    parameters: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: hashBuffer,
  };
}

function createTurnstile(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= mostAtOnce) {
      if (waiting.length >= mostWaiting) {
        throw new AppError('Too many people are signing in at the same moment. Try again in a few seconds.', {
          status: 503,
          code: 'sign_in_busy',
          retryAfterSeconds: 3,
        });
      }
      // Whoever leaves hands over the place, so `running` stays as it is.
      await new Promise<void>((resolve) => void waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
