import type { GraphicsFacts, GraphicsView } from '../core/graphics.ts';
import type { Graphics } from '../wire/graphics.ts';
import type { Text } from '../wire/text.ts';
import { describeCards } from './graphics-cards.ts';
import { isSoftware, remarksOn, type Edition } from './graphics-remarks.ts';

/** What is told of the graphics cards, for console, command line and doctor alike: pure, from what was found. */
export function describeGraphics(view: GraphicsView, edition: Edition): Graphics {
  const { facts } = view;
  const cards = describeCards(view);
  return {
    backend: facts.backend,
    supported: [...facts.supported],
    driver: facts.nvidia.driver,
    sentence: sentenceOf(facts),
    remarks: remarksOn(facts, { edition, cards }),
    cards,
  };
}

const backendNames = { cuda: 'CUDA', vulkan: 'Vulkan', metal: 'Metal' } as const;

function sentenceOf(facts: GraphicsFacts): Text {
  const { backend, devices, cards } = facts;
  if (backend === null) {
    return { en: 'The built-in engine cannot run here.', de: 'Die eingebaute Engine läuft hier nicht.' };
  }
  if (backend !== 'cpu' && !isSoftware(facts)) {
    const names = [...new Set(devices)].join(', ');
    const on = names === '' ? '' : ` (${names})`;
    const many = devices.length > 1;
    return {
      en: `Models are computed on the graphics card${many ? 's' : ''} by ${backendNames[backend]}${on}.`,
      de: `Modelle rechnen auf ${many ? 'den Grafikkarten' : 'der Grafikkarte'} über ${backendNames[backend]}${on}.`,
    };
  }
  if (cards.length === 0 || isSoftware(facts)) {
    return {
      en: 'Models are computed by the processor: no graphics card that can be used was found.',
      de: 'Modelle rechnen auf dem Prozessor: Es wurde keine nutzbare Grafikkarte gefunden.',
    };
  }
  const names = cards.map(({ name }) => name).join(', ');
  return {
    en: `Models are computed by the processor, although there is a graphics card (${names}).`,
    de: `Modelle rechnen auf dem Prozessor, obwohl es eine Grafikkarte gibt (${names}).`,
  };
}
