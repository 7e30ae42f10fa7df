import type { CardClaim, CardFacts, GraphicsFacts, GraphicsView } from '../core/graphics.ts';
import type { GraphicsCard } from '../wire/graphics.ts';

/** Each card by itself: its memory, which of it is our models', and what others hold. Nothing is guessed to look complete. */
export function describeCards({ facts, claims }: GraphicsView): GraphicsCard[] {
  // What lies on the processor takes nothing here.
  const onCards = claims.filter(({ bytes }) => bytes > 0);
  const computing = facts.cards.filter((card) => isComputedOn(card, facts));
  return facts.cards.map((card) => {
    const ours = computing.includes(card) ? ourModels(card, onCards, computing) : [];
    const ourBytes = ours.reduce<number | null>(
      (sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes),
      0,
    );
    const { name, vendor, totalBytes, freeBytes, holders } = card;
    const usedBytes = totalBytes === null || freeBytes === null ? null : totalBytes - freeBytes;
    const pids = new Set(onCards.map(({ pid }) => pid));
    return {
      name,
      vendor,
      totalBytes,
      freeBytes,
      models: ours,
      othersBytes: usedBytes === null || ourBytes === null ? null : Math.max(0, usedBytes - ourBytes),
      others: [
        ...new Set(
          (holders ?? []).filter(({ pid }) => !pids.has(pid)).map(({ program }) => baseName(program)),
        ),
      ],
    };
  });
}

/** The engine takes all cards of its backend: CUDA those of NVIDIA, Vulkan and Metal whatever has a name there. */
function isComputedOn(card: CardFacts, { backend, devices }: GraphicsFacts): boolean {
  if (backend === null || backend === 'cpu') return false;
  if (backend === 'cuda') return card.vendor === 'nvidia';
  return devices.length === 0 || devices.some((name) => isSame(name, card));
}

function isSame(device: string, { name, vendor }: CardFacts): boolean {
  const told = device.toLowerCase();
  return (
    told.includes(name.toLowerCase()) ||
    name.toLowerCase().includes(told) ||
    (vendor !== 'other' && told.includes(makers[vendor]))
  );
}

const makers = { nvidia: 'nvidia', amd: 'amd', intel: 'intel' } as const;

/** `computing`: all cards that the engine uses. */
function ourModels(
  card: CardFacts,
  claims: readonly CardClaim[],
  computing: readonly CardFacts[],
): GraphicsCard['models'] {
  const isOnly = computing.length === 1;
  const holderOn = (one: CardFacts, pid: number | null) => one.holders?.find((holder) => holder.pid === pid);
  return claims.flatMap(({ model, pid, bytes }) => {
    const here = holderOn(card, pid);
    // Windows' driver names the program and not how much.
    if (here !== undefined) return [{ model, bytes: here.bytes ?? (isOnly ? bytes : null) }];
    if (computing.some((one) => holderOn(one, pid) !== undefined)) return [];
    // Nobody tells by process (in a container the numbers are others): of one card it is certain, of several not how much on which.
    return [{ model, bytes: isOnly ? bytes : null }];
  });
}

function baseName(program: string): string {
  return program.split(/[/\\]/).at(-1) ?? program;
}
