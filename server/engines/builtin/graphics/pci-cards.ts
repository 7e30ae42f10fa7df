import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CardFacts, CardVendor } from '../../../core/graphics.ts';

/** Graphics cards as Linux lists them, whether or not there is a driver for them. */

/** Virtual displays and those of servers' own management compute nothing, so no other makers are listed. */
const vendors: Readonly<Record<string, { readonly vendor: CardVendor; readonly maker: string }>> = {
  '0x10de': { vendor: 'nvidia', maker: 'NVIDIA' },
  '0x1002': { vendor: 'amd', maker: 'AMD' },
  '0x8086': { vendor: 'intel', maker: 'Intel' },
};

const pciFolder = '/sys/bus/pci/devices';

/** Empty elsewhere, and where nothing may be read. */
export async function readPciCards(folder = pciFolder): Promise<readonly CardFacts[]> {
  const devices = await readdir(folder).catch(() => []);
  const found = await Promise.all(devices.map(async (device) => await readCard(join(folder, device))));
  return found.filter((card) => card !== null);
}

async function readCard(path: string): Promise<CardFacts | null> {
  // Displays of all kinds (PCI class 03): VGA, 3D, other.
  if (!(await readText(path, 'class')).startsWith('0x03')) return null;
  const [vendorId, deviceId] = [await readText(path, 'vendor'), await readText(path, 'device')];
  const known = vendors[vendorId];
  if (known === undefined) return null;
  // amdgpu tells these; others do not.
  const total = await readBytes(path, 'mem_info_vram_total');
  const used = await readBytes(path, 'mem_info_vram_used');
  const driver = await readlink(join(path, 'driver')).catch(() => null);
  return {
    name: `${known.maker} (${deviceId.replace('0x', '')})`,
    vendor: known.vendor,
    kernelDriver: driver === null ? null : basename(driver),
    totalBytes: total,
    freeBytes: total === null || used === null ? null : Math.max(0, total - used),
    holders: null,
  };
}

async function readText(path: string, name: string): Promise<string> {
  return (await readFile(join(path, name), 'utf8').catch(() => '')).trim();
}

async function readBytes(path: string, name: string): Promise<number | null> {
  const text = await readText(path, name);
  return /^\d+$/.test(text) ? Number(text) : null;
}
