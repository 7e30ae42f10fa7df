import { hostname } from 'node:os';
import type { BrowserContext, Page } from 'playwright-core';

/**
 * The pictures are taken within one computer, on addresses of its own. What is read in them are the usual ones of
 * an office, and no name of the computer they were taken on. (The QR codes keep this computer's own address: whoever
 * scans one off a picture shall not end at a stranger's device.)
 */
const disguises: readonly (readonly [real: string, shown: string])[] = [
  ['127.0.0.2', '192.168.1.20'],
  ['127.0.0.3', '192.168.1.34'],
  [`Inglenook on ${hostname().split('.')[0]}`, 'Inglenook on desk-1'],
];

/** Rewrites what the pages are told, before they read it. */
export async function disguise(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    const disguises = ${JSON.stringify(disguises)};
    const shown = (text) => disguises.reduce((so, [from, to]) => so.replaceAll(from, to), text);
    const ask = window.fetch;
    window.fetch = async (...request) => {
      const answer = await ask(...request);
      const { status, statusText } = answer;
      const headers = new Headers(answer.headers);
      // Comes word by word, and has no addresses.
      if (headers.get('content-type')?.startsWith('text/event-stream')) return answer;
      // This computer's time is not the pictured one, and the pages would go by it.
      headers.delete('date');
      const body = [204, 304].includes(status) ? null : shown(await answer.text());
      return new Response(body, { status, statusText, headers });
    };
    const listen = EventSource.prototype.addEventListener;
    EventSource.prototype.addEventListener = function (type, listener, options) {
      const told = (event) =>
        listener(event instanceof MessageEvent ? new MessageEvent(type, { data: shown(event.data) }) : event);
      listen.call(this, type, told, options);
    };
  `);
}

/** Throws where something real would be in the picture. */
export async function refuseUndisguised(page: Page): Promise<void> {
  const text = await page.evaluate<string>(
    "document.body.innerText + [...document.querySelectorAll('input')].map(({ value }) => value).join(' ')",
  );
  const real = disguises.map(([name]) => name).find((name) => text.includes(name));
  if (real !== undefined) throw new Error(`“${real}” would be in the picture ${page.url()}.`);
  if (/sk-ink_\w{38}/.test(text)) throw new Error(`A whole key would be in the picture ${page.url()}.`);
}
