import type { CardFacts, GraphicsFacts } from '../../../core/graphics.ts';
import type { Backend } from '../../../core/model.ts';
import { installedParts } from './installed-parts.ts';
import { nvidiaSmi, readNvidia } from './nvidia-smi.ts';
import { readPciCards } from './pci-cards.ts';

/** What only the library can tell; it lives in the engine's process, and so does all that is asked of drivers. */
export type LibraryView = Pick<GraphicsFacts, 'backend' | 'supported' | 'devices' | 'memory' | 'failures'>;

/** Looks at the cards, their drivers, and what the engine makes of them. Never rejects for what one source cannot tell. */
export async function inspectGraphics(
  library: (parts: readonly Backend[]) => Promise<LibraryView>,
): Promise<GraphicsFacts> {
  const { platform } = process;
  const parts = installedParts();
  const [seen, { nvidia, cards }, onBus] = await Promise.all([
    library(parts),
    readNvidia(nvidiaSmi(platform)),
    platform === 'linux' ? readPciCards() : [],
  ]);
  return { platform, parts, ...seen, nvidia, cards: together(cards, onBus, seen) };
}

/** Each card once: as its own tool tells, else as the system does, else as the library names it. */
export function together(
  ofTool: readonly CardFacts[],
  onBus: readonly CardFacts[],
  { devices, memory }: Pick<LibraryView, 'devices' | 'memory'>,
): readonly CardFacts[] {
  const others = onBus.filter(({ vendor }) => vendor !== 'nvidia' || ofTool.length === 0);
  const known = [...ofTool, ...others];
  if (known.length > 0) return known;
  const [only] = devices;
  return devices.map((name) => ({
    name,
    vendor: vendorOf(name),
    kernelDriver: null,
    // The library adds them all up.
    totalBytes: devices.length === 1 && only === name ? (memory?.totalBytes ?? null) : null,
    freeBytes: devices.length === 1 && only === name ? (memory?.freeBytes ?? null) : null,
    holders: null,
  }));
}

function vendorOf(name: string): CardFacts['vendor'] {
  if (/nvidia|geforce|quadro|tesla|rtx/i.test(name)) return 'nvidia';
  if (/\bamd\b|radeon|instinct/i.test(name)) return 'amd';
  return /intel|\barc\b/i.test(name) ? 'intel' : 'other';
}
