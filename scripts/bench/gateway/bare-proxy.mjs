// What a proxy costs in Node at the least, to compare with: `node:http` on both sides, no keys, limits, log or checks.
// `pipe` hands bytes on as they come; `split` hands on whole frames of an event stream, each by itself.
import { Agent, createServer, request as ask } from 'node:http';
import { pipeline } from 'node:stream';
import { answerMeasures } from './measured.mjs';

const [upstream = '', way = 'pipe'] = process.argv.slice(2);
const { hostname, port } = new URL(upstream);
const agent = new Agent({ keepAlive: true, maxSockets: 4096, maxFreeSockets: 4096 });

const server = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const onward = ask({ hostname, port, agent, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    if (way === 'split' && answer.headers['content-type']?.startsWith('text/event-stream') === true) {
      handOnFrames(answer, response);
    } else answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  pipeline(request, onward, () => {});
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 4096, () => {
  const own = /** @type {import('node:net').AddressInfo} */ (server.address());
  answerMeasures(`http://127.0.0.1:${own.port}`, {
    async stop() {
      server.closeAllConnections();
      agent.destroy();
    },
  });
});

const frameEnd = Buffer.from('\n\n');

/**
 * Splits at blank lines only; nothing that was looked at is looked at again but for the join of two chunks.
 * @param {import('node:http').IncomingMessage} answer
 * @param {import('node:http').ServerResponse} response
 */
function handOnFrames(answer, response) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  answer.on('data', (/** @type {Buffer} */ chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    let at = bytes.indexOf(frameEnd, Math.max(0, rest.length - 1));
    let hasRoom = true;
    for (; at >= 0; at = bytes.indexOf(frameEnd, from)) {
      hasRoom = response.write(bytes.subarray(from, at + 2));
      from = at + 2;
    }
    rest = bytes.subarray(from);
    if (hasRoom) return;
    answer.pause();
    response.once('drain', () => answer.resume());
  });
  answer.on('end', () => response.end(rest));
  answer.on('error', () => response.destroy());
}
