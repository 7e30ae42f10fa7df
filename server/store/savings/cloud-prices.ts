import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { cloudPriceList, type CloudPriceList, type CloudPricesAnswer } from '../../wire/savings.ts';

/** The cloud's price list: the owner's own file where there is a good one, else the one that comes with the program. */
export type CloudPrices = {
  /**
   * As the files are now: they may be edited while the server runs.
   * @throws AppError 503 with a sentence when neither can be used
   */
  readonly read: () => Promise<CloudPricesAnswer>;
  /** Replaces the owner's own. */
  readonly write: (list: CloudPriceList) => Promise<CloudPricesAnswer>;
  /** Forgets the owner's own, broken or not. */
  readonly reset: () => Promise<CloudPricesAnswer>;
  /** To be called at the start: what is wrong with a file is said in the log at once. */
  readonly check: () => Promise<void>;
};

export type CloudPricesOptions = {
  readonly bundledFile: string;
  readonly ownFile: string;
  readonly log: Logger;
};

export function openCloudPrices({ bundledFile, ownFile, log }: CloudPricesOptions): CloudPrices {
  let writes = 0;
  async function read(): Promise<CloudPricesAnswer> {
    const own = await readList(ownFile);
    if (own.state === 'good') return { ...own.list, from: 'own', problem: null };
    const bundled = await readList(bundledFile);
    const problem =
      own.state === 'missing'
        ? null
        : `${own.problem} Until it is put right, the list that comes with Inglenook is used.`;
    if (bundled.state === 'good') return { ...bundled.list, from: 'bundled', problem };
    throw new AppError(
      `${bundled.state === 'bad' ? bundled.problem : 'The list of cloud prices is missing.'} Savings cannot be estimated; everything else works. Put one of your own by PUT /api/cloud-prices.`,
      { status: 503, code: 'cloud_prices_unreadable' },
    );
  }
  return {
    read,
    async write(list) {
      const part = `${ownFile}.${(writes += 1)}.part`;
      try {
        await writeFile(part, `${JSON.stringify(list, null, 2)}\n`, { mode: 0o600 });
        await rename(part, ownFile);
      } catch (cause) {
        await rm(part, { force: true });
        throw new AppError('The price list could not be written to the data folder; the former one stays.', {
          status: 500,
          code: 'cloud_prices_not_written',
          cause,
        });
      }
      return read();
    },
    async reset() {
      await rm(ownFile, { force: true });
      return read();
    },
    async check() {
      try {
        const { problem } = await read();
        if (problem !== null) log.warn(problem);
      } catch (error) {
        log.warn(error instanceof Error ? error.message : 'The list of cloud prices cannot be read.');
      }
    },
  };
}

type Found =
  | { readonly state: 'good'; readonly list: CloudPriceList }
  | { readonly state: 'missing' }
  | { readonly state: 'bad'; readonly problem: string };

async function readList(path: string): Promise<Found> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'missing' } : bad(path, `it cannot be read (${code ?? 'unknown'})`);
  }
  let value: unknown;
  try {
    // Some editors put a byte order mark first.
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    return bad(path, `it is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}`);
  }
  const parsed = cloudPriceList.safeParse(value);
  return parsed.success ? { state: 'good', list: parsed.data } : bad(path, whatIsWrong(parsed.error, value));
}

function bad(path: string, what: string): Found {
  return { state: 'bad', problem: `The list of cloud prices ${path} is not used: ${what}.` };
}

/** Names the place as the owner sees it in the file: by the entry's id where it has one. */
function whatIsWrong(error: z.ZodError, value: unknown): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'it is no list of prices';
  const [list, index, ...rest] = issue.path;
  const entry = list === 'prices' && typeof index === 'number' ? nameOf(value, index) : null;
  const place = entry === null ? issue.path.map(String) : [entry, ...rest.map(String)];
  return [...place, issue.message].join(': ');
}

function nameOf(value: unknown, index: number): string {
  const named = z.object({ prices: z.array(z.unknown()) }).safeParse(value).data?.prices[index];
  const id = z.object({ id: z.string() }).safeParse(named).data?.id;
  return id === undefined ? `price number ${index + 1}` : `“${id.slice(0, 100)}”`;
}
