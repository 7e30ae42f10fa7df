import { connectHost, type ProcessLike } from '../../../server/host-link.ts';

/** A small server for the tests of the link: tells what it hears until it is told to drain or is left alone. */
const asUtilityProcess = process.argv.includes('--as-utility');
const host = connectHost(asUtilityProcess ? withParentPort() : process, 5_000);
const tell = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

let isTold = false;
host.onGone(() => {
  if (isTold) return;
  tell({ gone: true });
  process.exit(3);
});
host.onMessage((message) => {
  tell(message);
  host.send({ v: 1, type: 'pairing-done', id: 'told' });
  isTold = true;
  process.disconnect?.();
});
tell({ kind: host.kind, init: await host.init });
host.send({ v: 1, type: 'ready', port: 4321 });

/** What Electron gives a utility process instead of `process.send`, over this fork's channel. */
function withParentPort(): ProcessLike {
  return {
    argv: process.argv,
    on: process.on.bind(process),
    parentPort: {
      postMessage: (message) => void process.send?.(message),
      on: (_event, listener) => process.on('message', (data) => listener({ data })),
    },
  };
}
