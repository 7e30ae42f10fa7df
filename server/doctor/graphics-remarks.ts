import type { GraphicsFacts } from '../core/graphics.ts';
import type { GraphicsCard, GraphicsRemark } from '../wire/graphics.ts';
import type { Text } from '../wire/text.ts';
import { size } from './check.ts';

/** Why models are not computed by something better, and what to do about it: from facts alone. */

/** Which of our installers it came by; null in a clone, and where npm has installed it. */
export type Edition = 'standard' | 'cuda' | null;

/** What the CUDA part of the engine was built for (node-llama-cpp 3.21.1: 12.4 and later, 13.1 and later). */
const leastCuda = [12, 4] as const;
const leastCudaText = leastCuda.join('.');

export function remarksOn(
  facts: GraphicsFacts,
  { edition, cards }: { readonly edition: Edition; readonly cards: readonly GraphicsCard[] },
): GraphicsRemark[] {
  if (facts.backend === null) return [noEngine];
  const vendors = new Set(facts.cards.map(({ vendor }) => vendor));
  return [
    ...(vendors.has('nvidia') || facts.nvidia.tool !== 'missing' ? aboutNvidia(facts, edition) : []),
    ...(facts.platform === 'darwin' ? [] : aboutVulkan(facts, vendors)),
    ...(edition === 'cuda' && !vendors.has('nvidia') ? [cudaUnneeded] : []),
    ...(isSoftware(facts) ? [softwareRenderer] : []),
    ...cards.flatMap(memoryTaken),
    ...(facts.cards.length === 0 && facts.backend === 'cpu' && facts.nvidia.tool === 'missing'
      ? [noCard]
      : []),
  ];
}

/** Vulkan may find a renderer that is only a program: it is slower than the processor used directly. */
export function isSoftware({ devices }: Pick<GraphicsFacts, 'devices'>): boolean {
  return devices.length > 0 && devices.every((name) => /llvmpipe|lavapipe|swiftshader|software/i.test(name));
}

/** One thing keeps CUDA away; behind it there may be a next, which shows when this one is gone. */
function aboutNvidia(facts: GraphicsFacts, edition: Edition): GraphicsRemark[] {
  const { nvidia, backend, supported, parts, failures } = facts;
  if (backend === 'cuda') return [];
  if (nvidia.tool === 'missing') return [driverMissing(facts)];
  if (nvidia.tool === 'failed') return [driverFailed(nvidia.words)];
  if (isOlder(nvidia.cuda)) return [tooOld(facts)];
  if (!parts.includes('cuda'))
    return [edition === 'standard' ? standardEdition(backend) : cudaPartMissing(backend)];
  if (!supported.includes('cuda')) return [runtimeMissing(facts)];
  return [cudaFailed(failures.find((failure) => failure.backend === 'cuda')?.words ?? '', backend)];
}

function aboutVulkan(
  { backend, supported, parts, failures, cards }: GraphicsFacts,
  vendors: ReadonlySet<string>,
): GraphicsRemark[] {
  const needsIt = vendors.has('amd') || vendors.has('intel') || (vendors.has('nvidia') && backend === 'cpu');
  if (backend !== 'cpu' || !needsIt) return [];
  // An NVIDIA card without its driver has no Vulkan either; that is said already.
  if (
    !vendors.has('amd') &&
    !vendors.has('intel') &&
    !cards.some(({ kernelDriver }) => kernelDriver === 'nvidia')
  )
    return [];
  if (!parts.includes('vulkan')) return [vulkanPartMissing];
  if (!supported.includes('vulkan')) return [vulkanMissing];
  return [vulkanFailed(failures.find((failure) => failure.backend === 'vulkan')?.words ?? '')];
}

function isOlder(cuda: string | null): boolean {
  if (cuda === null) return false;
  const [major = 0, minor = 0] = cuda.split('.').map(Number);
  return major < leastCuda[0] || (major === leastCuda[0] && minor < leastCuda[1]);
}

function remark(
  code: GraphicsRemark['code'],
  tone: GraphicsRemark['tone'],
  sentence: Text,
  fix: Text | null = null,
): GraphicsRemark {
  return { code, tone, sentence, fix };
}

/** What runs meanwhile, so that nobody thinks that nothing does. */
const meanwhile = (backend: GraphicsFacts['backend']): Text =>
  backend === 'vulkan'
    ? {
        en: 'The card is used through Vulkan meanwhile, which works; CUDA is usually faster.',
        de: 'Die Karte wird bis dahin über Vulkan genutzt, das geht; CUDA ist meist schneller.',
      }
    : {
        en: 'Models run on the processor meanwhile.',
        de: 'Modelle laufen bis dahin auf dem Prozessor.',
      };

const noEngine = remark(
  'no-engine',
  'attention',
  {
    en: 'The built-in engine cannot run on this computer: no part of it is installed that fits.',
    de: 'Die eingebaute Engine läuft auf diesem Rechner nicht: Kein Teil von ihr ist installiert, der passt.',
  },
  {
    en: 'Install Inglenook again on this computer, with optional packages (npm ci without --omit=optional). Ollama and upstreams work without it.',
    de: 'Inglenook auf diesem Rechner neu installieren, mit optionalen Paketen (npm ci ohne --omit=optional). Ollama und Upstreams gehen auch ohne sie.',
  },
);

const noCard = remark('no-card', 'quiet', {
  en: 'No graphics card was found. Small models do well on the processor.',
  de: 'Es wurde keine Grafikkarte gefunden. Kleine Modelle laufen auf dem Prozessor gut.',
});

function driverMissing({ cards, platform }: GraphicsFacts): GraphicsRemark {
  const isNouveau = cards.some(({ kernelDriver }) => kernelDriver === 'nouveau');
  return remark(
    'nvidia-driver-missing',
    'attention',
    {
      en: `There is an NVIDIA card, but not NVIDIA’s driver${isNouveau ? ' (the system uses nouveau, which cannot compute)' : ''}.`,
      de: `Es gibt eine NVIDIA-Karte, aber nicht den Treiber von NVIDIA${isNouveau ? ' (das System nutzt nouveau, das nicht rechnen kann)' : ''}.`,
    },
    {
      en: `Install NVIDIA’s driver${platform === 'linux' ? ' (Ubuntu: ubuntu-drivers install)' : ''}, restart the computer; the command nvidia-smi must then list the card.`,
      de: `Den Treiber von NVIDIA installieren${platform === 'linux' ? ' (Ubuntu: ubuntu-drivers install)' : ''} und den Rechner neu starten; der Befehl nvidia-smi muss die Karte dann zeigen.`,
    },
  );
}

function driverFailed(words: string): GraphicsRemark {
  const said = words === '' ? '' : ` (${words})`;
  return remark(
    'nvidia-driver-failed',
    'attention',
    {
      en: `NVIDIA’s driver is installed, but does not answer${said}.`,
      de: `Der Treiber von NVIDIA ist installiert, antwortet aber nicht${said}.`,
    },
    {
      en: 'Restart the computer: after an update of the driver that is enough. If it stays so, install the driver again.',
      de: 'Den Rechner neu starten: Nach einem Update des Treibers genügt das. Bleibt es so, den Treiber neu installieren.',
    },
  );
}

function tooOld({ nvidia, backend }: GraphicsFacts): GraphicsRemark {
  const { en, de } = meanwhile(backend);
  return remark(
    'driver-too-old',
    'attention',
    {
      en: `NVIDIA’s driver ${nvidia.driver ?? ''} is too old: it runs CUDA ${nvidia.cuda ?? ''}, and the engine needs ${leastCudaText} or later. ${en}`,
      de: `Der Treiber ${nvidia.driver ?? ''} von NVIDIA ist zu alt: Er kann CUDA ${nvidia.cuda ?? ''}, die Engine braucht ${leastCudaText} oder neuer. ${de}`,
    },
    {
      en: 'Install NVIDIA’s current driver, then start Inglenook again.',
      de: 'Den aktuellen Treiber von NVIDIA installieren, dann Inglenook neu starten.',
    },
  );
}

function standardEdition(backend: GraphicsFacts['backend']): GraphicsRemark {
  const { en, de } = meanwhile(backend);
  return remark(
    'standard-edition',
    'attention',
    {
      en: `This is the Standard edition, which has no CUDA, and this computer has an NVIDIA card. ${en}`,
      de: `Das ist die Standard-Ausgabe ohne CUDA, und dieser Rechner hat eine NVIDIA-Karte. ${de}`,
    },
    {
      en: 'Install the CUDA edition of Inglenook over this one; keys, models and settings stay.',
      de: 'Die CUDA-Ausgabe von Inglenook darüber installieren; Schlüssel, Modelle und Einstellungen bleiben.',
    },
  );
}

function cudaPartMissing(backend: GraphicsFacts['backend']): GraphicsRemark {
  const { en, de } = meanwhile(backend);
  return remark(
    'cuda-part-missing',
    'attention',
    {
      en: `There is an NVIDIA card, but the engine’s part for CUDA is not installed. ${en}`,
      de: `Es gibt eine NVIDIA-Karte, aber der CUDA-Teil der Engine ist nicht installiert. ${de}`,
    },
    {
      en: 'Install again with optional packages (npm ci without --omit=optional), or take the CUDA edition of the app.',
      de: 'Mit optionalen Paketen neu installieren (npm ci ohne --omit=optional) oder die CUDA-Ausgabe der App nehmen.',
    },
  );
}

function runtimeMissing({ platform, backend }: GraphicsFacts): GraphicsRemark {
  const { en, de } = meanwhile(backend);
  const where = platform === 'win32' ? 'cudart64, cublas64, cublasLt64' : 'libcudart, libcublas, libcublasLt';
  return remark(
    'cuda-runtime-missing',
    'attention',
    {
      en: `NVIDIA’s driver is there, but not the libraries that CUDA programs need (${where}). ${en}`,
      de: `Der Treiber von NVIDIA ist da, aber nicht die Bibliotheken, die CUDA-Programme brauchen (${where}). ${de}`,
    },
    {
      en: `Install NVIDIA’s CUDA Toolkit ${leastCudaText} or later (its runtime and cuBLAS are enough), then start Inglenook again.`,
      de: `Das CUDA Toolkit ${leastCudaText} oder neuer von NVIDIA installieren (Runtime und cuBLAS genügen), dann Inglenook neu starten.`,
    },
  );
}

function cudaFailed(words: string, backend: GraphicsFacts['backend']): GraphicsRemark {
  const said = words === '' ? '' : ` (${words})`;
  const { en, de } = meanwhile(backend);
  return remark(
    'cuda-failed',
    'attention',
    {
      en: `CUDA is installed, but the engine could not be opened with it${said}. ${en}`,
      de: `CUDA ist installiert, aber die Engine ließ sich damit nicht öffnen${said}. ${de}`,
    },
    {
      en: `Bring driver and CUDA Toolkit to the same version (${leastCudaText} or later), and restart the computer. The server’s log has the details.`,
      de: `Treiber und CUDA Toolkit auf dieselbe Version bringen (${leastCudaText} oder neuer) und den Rechner neu starten. Einzelheiten stehen im Protokoll des Servers.`,
    },
  );
}

const cudaUnneeded = remark(
  'cuda-edition-unneeded',
  'quiet',
  {
    en: 'This is the CUDA edition, and no NVIDIA card was found. It works, and is larger than it need be.',
    de: 'Das ist die CUDA-Ausgabe, und es wurde keine NVIDIA-Karte gefunden. Sie geht und ist nur größer als nötig.',
  },
  {
    en: 'With the next update take the Standard edition, unless an NVIDIA card is to come.',
    de: 'Beim nächsten Update die Standard-Ausgabe nehmen, außer eine NVIDIA-Karte kommt noch.',
  },
);

const vulkanPartMissing = remark(
  'vulkan-part-missing',
  'attention',
  {
    en: 'There is a graphics card, but the engine’s part for Vulkan is not installed, so models run on the processor.',
    de: 'Es gibt eine Grafikkarte, aber der Vulkan-Teil der Engine ist nicht installiert; Modelle laufen auf dem Prozessor.',
  },
  {
    en: 'Install again with optional packages (npm ci without --omit=optional).',
    de: 'Mit optionalen Paketen neu installieren (npm ci ohne --omit=optional).',
  },
);

const vulkanMissing = remark(
  'vulkan-missing',
  'attention',
  {
    en: 'There is a graphics card, but no Vulkan on this computer, by which it could be used; models run on the processor.',
    de: 'Es gibt eine Grafikkarte, aber kein Vulkan auf diesem Rechner, über das sie nutzbar wäre; Modelle laufen auf dem Prozessor.',
  },
  {
    en: 'Install the driver of the card’s maker (Debian and Ubuntu: libvulkan1 and mesa-vulkan-drivers), then start Inglenook again.',
    de: 'Den Treiber des Kartenherstellers installieren (Debian und Ubuntu: libvulkan1 und mesa-vulkan-drivers), dann Inglenook neu starten.',
  },
);

function vulkanFailed(words: string): GraphicsRemark {
  const said = words === '' ? '' : ` (${words})`;
  return remark(
    'vulkan-failed',
    'attention',
    {
      en: `Vulkan is installed, but the engine finds no card by it${said}; models run on the processor.`,
      de: `Vulkan ist installiert, aber die Engine findet darüber keine Karte${said}; Modelle laufen auf dem Prozessor.`,
    },
    {
      en: 'Install the current driver of the card’s maker. On Linux whoever runs Inglenook must belong to the groups video and render.',
      de: 'Den aktuellen Treiber des Kartenherstellers installieren. Unter Linux muss, wer Inglenook ausführt, zu den Gruppen video und render gehören.',
    },
  );
}

const softwareRenderer = remark(
  'software-renderer',
  'attention',
  {
    en: 'Vulkan finds no graphics card here, only a program that imitates one, which is slower than the processor itself.',
    de: 'Vulkan findet hier keine Grafikkarte, nur ein Programm, das eine nachahmt; das ist langsamer als der Prozessor selbst.',
  },
  {
    en: 'If there is a card, install its maker’s driver. If not, remove the imitation (Debian and Ubuntu: mesa-vulkan-drivers).',
    de: 'Gibt es eine Karte, den Treiber ihres Herstellers installieren. Sonst die Nachahmung entfernen (Debian und Ubuntu: mesa-vulkan-drivers).',
  },
);

/** So little free, and so much of it others’, that models will not fit. */
const littleFree = 0.25;
const muchOfOthers = 0.5;

function memoryTaken({ name, totalBytes, freeBytes, othersBytes, others }: GraphicsCard): GraphicsRemark[] {
  if (totalBytes === null || freeBytes === null || othersBytes === null) return [];
  if (freeBytes > totalBytes * littleFree || othersBytes < totalBytes * muchOfOthers) return [];
  const named = others.length === 0 ? '' : ` (${others.slice(0, 5).join(', ')})`;
  return [
    remark(
      'memory-taken',
      'attention',
      {
        en: `Of ${name}’s ${size(totalBytes, 'en')} other programs hold ${size(othersBytes, 'en')}${named}; ${size(freeBytes, 'en')} are free.`,
        de: `Von ${size(totalBytes, 'de')} auf ${name} belegen andere Programme ${size(othersBytes, 'de')}${named}; ${size(freeBytes, 'de')} sind frei.`,
      },
      {
        en: 'Close what you do not need there; models then fit on the card, or more of them.',
        de: 'Schließen, was dort nicht gebraucht wird; dann passen Modelle auf die Karte, oder mehr von ihnen.',
      },
    ),
  ];
}
