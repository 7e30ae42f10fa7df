import { call } from './client.mjs';
import { plain, print, printJson, printTable, size } from './print.mjs';

/** @typedef {import('../../server/wire/graphics.ts').Graphics} Graphics */

/** @type {import('./commands.mjs').Command} */
export const gpuListCommand = {
  summary:
    'The graphics cards of this computer, who holds their memory, what the engine uses, and why nothing better.',
  shape: { flags: { language: 'en|de' } },
  run: async ({ values, switches }) => {
    /** @type {Graphics} */
    const graphics = await call('GET', '/graphics');
    if (switches.has('json')) return printJson(graphics);
    const language = values['language'] === 'de' ? 'de' : 'en';
    print(plain(graphics.sentence[language]));
    for (const { sentence, fix } of graphics.remarks) {
      print(`- ${plain(sentence[language])}`);
      if (fix !== null) print(`  → ${plain(fix[language])}`);
    }
    if (graphics.cards.length === 0) return;
    printTable(
      {
        CARD: (card) => card.name,
        MEMORY: (card) => bytes(card.totalBytes),
        FREE: (card) => bytes(card.freeBytes),
        MODELS: (card) => card.models.map(claim).join(', '),
        OTHERS: (card) => bytes(card.othersBytes),
      },
      graphics.cards,
      '',
    );
  },
};

/** @param {number | null} value */
function bytes(value) {
  return value === null ? null : size(value);
}

/** @param {{ model: string, bytes: number | null }} model */
function claim(model) {
  return model.bytes === null ? model.model : `${model.model} ${size(model.bytes)}`;
}
