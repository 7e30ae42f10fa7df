// Loaded before the server: gives it what a utility process of Electron's has in place of a fork's channel.
import { EventEmitter } from 'node:events';

const channel = process.send?.bind(process);
const port = Object.assign(new EventEmitter(), {
  /** @param {unknown} message */
  postMessage: (message) => channel?.(message),
});
process.on('message', (data) => port.emit('message', { data }));
Object.assign(process, { parentPort: port, send: undefined });
