import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { CardFacts, CardHolder, NvidiaFacts } from '../../../core/graphics.ts';

/** NVIDIA's own tool, which comes with every driver: the cards one by one, and who holds their memory. */

const mebibyte = 1024 ** 2;
const cardFields = 'uuid,name,memory.total,memory.free,driver_version';
const holderFields = 'gpu_uuid,pid,process_name,used_memory';

export type NvidiaCards = { readonly nvidia: NvidiaFacts; readonly cards: readonly CardFacts[] };

/** Runs the tool; rejects with its words where it fails, with ENOENT where it is not there. */
export type RunTool = (args: readonly string[]) => Promise<string>;

export async function readNvidia(run: RunTool): Promise<NvidiaCards> {
  try {
    const listed = await run([`--query-gpu=${cardFields}`, '--format=csv,noheader,nounits']);
    const [holders, front] = await Promise.all([
      run([`--query-compute-apps=${holderFields}`, '--format=csv,noheader,nounits']).catch(() => null),
      run([]).catch(() => ''),
    ]);
    const { cards, driver } = parseCards(listed, holders === null ? null : parseHolders(holders));
    return { nvidia: { tool: 'ok', driver, cuda: parseCudaVersion(front), words: '' }, cards };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const words = isMissing ? '' : wordsOf(error);
    return { nvidia: { tool: isMissing ? 'missing' : 'failed', driver: null, cuda: null, words }, cards: [] };
  }
}

/** The lines of `--query-gpu`; what a driver does not tell is `[N/A]` or `[Not Supported]`. */
function parseCards(
  text: string,
  holders: ReadonlyMap<string, readonly CardHolder[]> | null,
): { readonly cards: readonly CardFacts[]; readonly driver: string | null } {
  const rows = rowsOf(text).filter((row) => row.length === 5);
  return {
    driver: rows[0]?.[4] ?? null,
    cards: rows.map(([uuid = '', name = '', total = '', free = '']) => ({
      name,
      vendor: 'nvidia' as const,
      kernelDriver: 'nvidia',
      totalBytes: mebibytes(total),
      freeBytes: mebibytes(free),
      holders: holders === null ? null : (holders.get(uuid) ?? []),
    })),
  };
}

/** The lines of `--query-compute-apps`, by card. Windows' usual driver does not tell how much each holds. */
function parseHolders(text: string): ReadonlyMap<string, readonly CardHolder[]> {
  const byCard = new Map<string, CardHolder[]>();
  for (const row of rowsOf(text)) {
    const [uuid = '', pid = ''] = row;
    if (row.length < 4 || !/^\d+$/.test(pid)) continue;
    // A program's path may hold commas.
    const program = row.slice(2, -1).join(', ');
    const holder = { pid: Number(pid), program, bytes: mebibytes(row.at(-1) ?? '') };
    byCard.set(uuid, [...(byCard.get(uuid) ?? []), holder]);
  }
  return byCard;
}

/** The newest CUDA that the driver runs stands in the head of what the tool prints without arguments. */
export function parseCudaVersion(text: string): string | null {
  return /CUDA (?:\w+ )?Version:\s*(\d+\.\d+)/.exec(text)?.[1] ?? null;
}

function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));
}

function mebibytes(cell: string): number | null {
  return /^\d+(\.\d+)?$/.test(cell) ? Math.round(Number(cell) * mebibyte) : null;
}

function wordsOf(error: unknown): string {
  const { stdout = '', stderr = '' } = (error ?? {}) as { stdout?: string; stderr?: string };
  const said = `${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ').trim();
  return (said === '' && error instanceof Error ? error.message : said).slice(0, 300);
}

/** A driver in trouble may never answer. */
const longestMs = 5_000;

/** The tool where the system's path does not lead to it. */
function placesOf(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'linux') return ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'];
  if (platform === 'win32') return ['nvidia-smi', join('C:', 'Windows', 'System32', 'nvidia-smi.exe')];
  return [];
}

export function nvidiaSmi(platform: NodeJS.Platform): RunTool {
  return async (args) => {
    let missing: unknown = Object.assign(new Error('there is no such tool'), { code: 'ENOENT' });
    for (const place of placesOf(platform)) {
      try {
        return await runFile(place, args);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
        missing = error;
      }
    }
    throw missing;
  };
}

function runFile(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { timeout: longestMs, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(Object.assign(error, { stdout, stderr }));
    });
  });
}
