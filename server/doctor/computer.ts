import { access, stat, statfs } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import type { Machine } from '../core/download.ts';
import type { Graphics, GraphicsRemark } from '../wire/graphics.ts';
import type { Backend, ModelDescription } from '../core/model.ts';
import { bad, ok, size, text, unknown, warn, type Check, type Finding } from './check.ts';

/** The computer itself: what computes, and whether there is room and the right time. */

const backendNames: Readonly<Record<Backend, string>> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  vulkan: 'Vulkan',
  metal: 'Metal',
};

export type GpuSources = {
  readonly models: () => readonly ModelDescription[];
  readonly machine: () => Promise<Machine>;
  /** Why nothing better is used; absent where it cannot be looked at. */
  readonly graphics?: () => Promise<Graphics>;
};

/** A model that is loaded tells what it really runs on; before, the library tells what it could use. */
export function gpuCheck({ graphics, ...sources }: GpuSources): Check {
  const present = presentCheck(sources);
  return {
    ...present,
    async look(signal) {
      const [finding, seen] = await Promise.all([present.look(signal), graphics?.() ?? null]);
      const remarks = seen?.remarks ?? [];
      const better = remarks.find(({ tone }) => tone === 'attention');
      // A model that is not where it should be, with its own reason, says more than what could be.
      if (finding.state !== 'ok') return finding;
      if (better !== undefined) return added(finding, better, 'warn');
      const other = remarks.find(({ code }) => code === 'cuda-edition-unneeded');
      return other === undefined ? finding : added(finding, other, 'ok');
    },
  };
}

/** What there is, and what could be; advice for the first is dropped for that of the second. */
function added(finding: Finding, { sentence, fix }: GraphicsRemark, state: Finding['state']): Finding {
  const both =
    finding.fix === undefined || state === 'ok'
      ? {
          en: `${finding.sentence.en} ${sentence.en}`,
          de: `${finding.sentence.de} ${sentence.de}`,
        }
      : sentence;
  return { state, sentence: both, ...(fix === null ? {} : { fix }) };
}

function presentCheck({ models, machine }: Omit<GpuSources, 'graphics'>): Check {
  return {
    id: 'gpu',
    title: { en: 'Graphics card', de: 'Grafikkarte' },
    async look() {
      const { gpuFreeBytes, isGpuShared } = await machine();
      const chat = models().filter(({ backend, task }) => backend !== null && task === 'generate');
      const onGpu = chat.find(({ backend }) => backend !== 'cpu');
      if (onGpu !== undefined) return runsOnGpu(onGpu, gpuFreeBytes);
      if (gpuFreeBytes === null) return noGpu();
      const [onCpu] = chat;
      if (onCpu !== undefined) return notOnGpu(onCpu);
      return ok({
        en: `A graphics card can be used, with ${size(gpuFreeBytes, 'en')} free${isGpuShared ? ' (shared with the computer’s memory)' : ''}. No model is loaded just now.`,
        de: `Eine Grafikkarte ist nutzbar, ${size(gpuFreeBytes, 'de')} sind frei${isGpuShared ? ' (gemeinsam mit dem Arbeitsspeicher)' : ''}. Gerade ist kein Modell geladen.`,
      });
    },
  };
}

function runsOnGpu({ id, backend, attempts }: ModelDescription, freeBytes: number | null): Finding {
  const share = Math.round((attempts.at(-1)?.gpuShare ?? 1) * 100);
  const name = backendNames[backend ?? 'cpu'];
  return ok({
    en: `${id} runs on the graphics card (${name}, ${share} % of it there)${freeBytes === null ? '' : `; ${size(freeBytes, 'en')} are free`}.`,
    de: `${id} läuft auf der Grafikkarte (${name}, ${share} % davon dort)${freeBytes === null ? '' : `; ${size(freeBytes, 'de')} sind frei`}.`,
  });
}

function noGpu(): Finding {
  return {
    ...ok({
      en: 'No graphics card that can be used was found, so models run on the processor. Small ones do well there.',
      de: 'Es wurde keine nutzbare Grafikkarte gefunden, deshalb laufen Modelle auf dem Prozessor. Kleine laufen dort gut.',
    }),
    fix: {
      en: 'If there is one: install its maker’s driver (for NVIDIA, the command nvidia-smi must list the card), then start Inglenook again.',
      de: 'Falls es eine gibt: den Treiber des Herstellers installieren (bei NVIDIA muss der Befehl nvidia-smi die Karte zeigen), dann Inglenook neu starten.',
    },
  };
}

function notOnGpu({ id, attempts }: ModelDescription): Finding {
  const why = attempts.find(({ backend, reason }) => backend !== 'cpu' && reason !== null)?.reason;
  return warn(
    {
      en: `${id} runs on the processor although there is a graphics card.${why === undefined ? '' : ` ${why}`}`,
      de: `${id} läuft auf dem Prozessor, obwohl es eine Grafikkarte gibt.${why === undefined ? '' : ` ${why}`}`,
    },
    {
      en: 'Unload other models and programs that use the card, choose a smaller model or a shorter context, then load it again.',
      de: 'Andere Modelle und Programme entladen, die die Karte nutzen, ein kleineres Modell oder einen kürzeren Kontext wählen, dann neu laden.',
    },
  );
}

const littleMemory = 1.5e9;
const hardlyAnyMemory = 0.4e9;

export function memoryCheck(freeBytes: () => Promise<number>): Check {
  return {
    id: 'memory',
    title: { en: 'Memory', de: 'Arbeitsspeicher' },
    async look() {
      const free = await freeBytes();
      if (free >= littleMemory) {
        return ok(text((l) => `${size(free, l)} ${l === 'en' ? 'are free.' : 'sind frei.'}`));
      }
      const make = free < hardlyAnyMemory ? bad : warn;
      return make(
        {
          en: `Only ${size(free, 'en')} of memory are free; loading a model may fail or slow everything down.`,
          de: `Nur ${size(free, 'de')} Arbeitsspeicher sind frei; ein Modell zu laden kann scheitern oder alles bremsen.`,
        },
        {
          en: 'Close other programs, unload a model that nobody uses, or choose a smaller one.',
          de: 'Andere Programme schließen, ein unbenutztes Modell entladen oder ein kleineres wählen.',
        },
      );
    },
  };
}

const littleDisk = 10e9;
const hardlyAnyDisk = 1e9;

export function diskCheck(folder: string): Check {
  return {
    id: 'disk',
    title: { en: 'Disk', de: 'Datenträger' },
    async look() {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      if (free >= littleDisk) {
        return ok({
          en: `${size(free, 'en')} are free where Inglenook keeps its data and models.`,
          de: `${size(free, 'de')} sind frei, wo Inglenook seine Daten und Modelle hat.`,
        });
      }
      const make = free < hardlyAnyDisk ? bad : warn;
      return make(
        {
          en: `Only ${size(free, 'en')} are free where Inglenook keeps its data (${folder}). On a full disk the log waits in memory, and nothing can be downloaded.`,
          de: `Nur ${size(free, 'de')} sind frei, wo Inglenook seine Daten hat (${folder}). Ist nichts mehr frei, wartet das Protokoll im Speicher, und nichts lässt sich laden.`,
        },
        {
          en: 'Remove models that nobody uses (Models), or make room on this disk.',
          de: 'Unbenutzte Modelle entfernen (Modelle) oder auf diesem Datenträger Platz schaffen.',
        },
      );
    },
  };
}

export type ClockSources = {
  readonly clock: Clock;
  /** When the newest request was logged; null before the first. */
  readonly newestRowMs: () => Promise<number | null>;
  readonly platform?: NodeJS.Platform;
  /** Where systemd notes that the network has set the clock. */
  readonly synchronizedFile?: string;
};

/** No computer of that time ran this program: a dead battery puts the clock back to 1970 or the year of its making. */
const earliestMs = Date.parse('2026-11-01T00:00:00Z');
/** One-time codes, certificates and expiries of keys bear less than this. */
const jumpMs = 90_000;

/** Nobody outside is asked: what the computer itself knows must do. */
export function clockCheck({
  clock,
  newestRowMs,
  platform = process.platform,
  synchronizedFile = '/run/systemd/timesync/synchronized',
}: ClockSources): Check {
  const startMs = clock.nowMs();
  const startMonotonicMs = clock.monotonicMs();
  return {
    id: 'clock',
    title: { en: 'Clock', de: 'Uhr' },
    async look() {
      const nowMs = clock.nowMs();
      const newest = await newestRowMs();
      if (nowMs < earliestMs || (newest !== null && newest - nowMs > jumpMs)) return runsBehind(nowMs);
      const jumped = nowMs - startMs - (clock.monotonicMs() - startMonotonicMs);
      // Forward it jumps by every sleep; back it never should.
      if (jumped < -jumpMs) return wasSetBack(-jumped);
      const isByNetwork = platform === 'linux' && (await exists(synchronizedFile));
      return ok({
        en: `The clock says ${utc(nowMs)}${isByNetwork ? ', set by the network' : ''}, and keeps time.`,
        de: `Die Uhr zeigt ${utc(nowMs)}${isByNetwork ? ', vom Netz gestellt' : ''}, und geht gleichmäßig.`,
      });
    },
  };
}

const setClock = {
  en: 'Let the system set its clock from the network (Linux: timedatectl set-ntp true; Windows and macOS: the settings for date and time).',
  de: 'Die Uhr vom Netz stellen lassen (Linux: timedatectl set-ntp true; Windows und macOS: die Einstellungen für Datum und Uhrzeit).',
};

function runsBehind(nowMs: number): Finding {
  return bad(
    {
      en: `The clock says ${utc(nowMs)}, which is earlier than what has happened already. Keys, certificates and one-time codes go by it.`,
      de: `Die Uhr zeigt ${utc(nowMs)}, und das liegt vor dem, was schon geschehen ist. Schlüssel, Zertifikate und Einmalcodes richten sich nach ihr.`,
    },
    setClock,
  );
}

function wasSetBack(byMs: number): Finding {
  const minutes = Math.round(byMs / 60_000);
  return warn(
    {
      en: `The clock was put back by ${minutes} min while Inglenook was running.`,
      de: `Die Uhr wurde um ${minutes} min zurückgestellt, während Inglenook lief.`,
    },
    setClock,
  );
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export type DatabaseSources = {
  readonly path: string;
  /** What SQLite finds wrong; null where all is well. Away from the thread that serves. */
  readonly quickCheck: () => Promise<string | null>;
};

/** A check reads every page: beyond this it would keep the console's reads waiting. */
const mostCheckedBytes = 2e9;

export function databaseCheck({ path, quickCheck }: DatabaseSources): Check {
  return {
    id: 'database',
    title: { en: 'Database', de: 'Datenbank' },
    async look() {
      const bytes = await sizeOf(path);
      if (bytes > mostCheckedBytes) {
        return unknown({
          en: `It has ${size(bytes, 'en')}, too much to be checked while people work. A backup reads all of it and would find a fault.`,
          de: `Sie hat ${size(bytes, 'de')}, zu viel, um sie im Betrieb zu prüfen. Eine Sicherung liest alles und fände einen Fehler.`,
        });
      }
      const wrong = await quickCheck();
      if (wrong === null) {
        return ok({
          en: `It is intact: ${size(bytes, 'en')}.`,
          de: `Sie ist heil und hat ${size(bytes, 'de')}.`,
        });
      }
      return bad(
        { en: `The database is damaged: ${wrong}`, de: `Die Datenbank ist beschädigt: ${wrong}` },
        {
          en: 'Stop Inglenook, keep a copy of its data folder, and restore the newest backup: npx inglenook restore FILE. Then have the disk checked.',
          de: 'Inglenook beenden, den Datenordner kopieren und die neueste Sicherung zurückspielen: npx inglenook restore FILE. Dann den Datenträger prüfen lassen.',
        },
      );
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  const sizes = await Promise.all(
    [path, `${path}-wal`].map((file) =>
      stat(file).then(
        (found) => found.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, one) => sum + one, 0);
}
