// A server for the tests of the supervisor, which behaves as INGLENOOK_TEST_MODE says.
const mode = process.env['INGLENOOK_TEST_MODE'] ?? 'good';
/** @param {object} message */
const say = (message) => process.send?.({ v: 1, ...message });

process.on('message', (message) => {
  const { type } = /** @type {{ type: string }} */ (message);
  if (type === 'init') begin();
  if (type === 'ping') answer();
  if (type !== 'drain') return;
  if (mode === 'deaf') hang();
  process.exit(0);
});

function begin() {
  switch (mode) {
    case 'silent':
      return;
    case 'refuses':
      say({ type: 'fatal', code: 'port_in_use', message: 'Port 11500 is taken.' });
      return process.exit(1);
    case 'breaks-early':
      process.stderr.write('something before\nggml: out of memory\n', () => process.exit(3));
      return;
    default:
      say({ type: 'ready', port: 4321 });
  }
  if (mode === 'crashes') setImmediate(() => process.kill(process.pid, 'SIGSEGV'));
  if (mode === 'leaves') setImmediate(() => process.exit(0));
  // It does not even end when it is asked to.
  if (mode === 'deaf') process.on('SIGTERM', () => undefined);
}

function answer() {
  if (mode === 'hangs') hang();
  say({ type: 'pong' });
}

/** The event loop stands still, as in native code that never returns. */
function hang() {
  for (;;);
}
