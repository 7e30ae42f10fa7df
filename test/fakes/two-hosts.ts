import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Two computers on one office network, as network namespaces of this one (ip-netns(8)). Needs Linux and root. */
export type TwoHosts = {
  /** Runs in the server's network, as a child to be stopped. */
  readonly onServer: (
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
  ) => ChildProcess;
  /** Runs to its end and gives stdout. */
  readonly runOnServer: (program: string, ...args: string[]) => string;
  readonly runOnTeammate: (program: string, ...args: string[]) => string;
  /** A shell on the teammate's computer beside a real avahi daemon, until the test ends. */
  readonly avahiOnTeammate: () => Shell;
  /** Gives the server's network card another address, as a router might. */
  readonly moveServer: (address: string) => void;
  /** Pulls the server's network cable, or puts it back; a card that comes up again has to be given its address. */
  readonly setCable: (state: 'in' | 'out') => void;
};

export type Shell = {
  /** Runs one line to its end and gives stdout; what it leaves in the background goes on. */
  readonly run: (line: string) => Promise<string>;
};

export const serverAddress = '10.77.0.1';

/**
 * Why this machine cannot make them; null where it can. Set-up installs what is missing on Debian as root.
 * @throws under `CI` on Linux as root: there the tests have to run
 */
export function whyNoHosts(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    const probe = `ink-p-${process.pid.toString(36)}`;
    run('ip', 'netns', 'add', probe);
    run('ip', 'netns', 'del', probe);
    for (const program of ['avahi-daemon', 'avahi-browse', 'dbus-daemon', 'curl']) run('which', program);
    return null;
  } catch (error) {
    if (process.env['CI']) throw error;
    return `iproute2, avahi, dbus or curl do not work here: ${String(error).split('\n')[0]}`;
  }
}

/** The server's host has a VPN that holds the default route and a bridge like Docker's, as real ones do. */
export function makeTwoHosts(): TwoHosts {
  const mark = process.pid.toString(36);
  const [server, teammate] = [`ink-s-${mark}`, `ink-t-${mark}`] as const;
  onTestFinished(() => {
    for (const name of [server, teammate]) run('ip', 'netns', 'del', name);
  });
  for (const name of [server, teammate]) {
    run('ip', 'netns', 'add', name);
    run('ip', '-n', name, 'link', 'set', 'lo', 'up');
  }
  run(
    'ip',
    'link',
    'add',
    'eth0',
    'netns',
    server,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    teammate,
  );
  giveAddress(server, 'eth0', `${serverAddress}/24`);
  giveAddress(teammate, 'eth0', '10.77.0.2/24');
  for (const [name, address] of [
    ['docker0', '172.17.0.1/16'],
    ['tun0', '10.8.0.6/32'],
  ] as const) {
    run('ip', '-n', server, 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`, 'netns', server);
    run('ip', '-n', server, 'link', 'set', `${name}p`, 'up');
    giveAddress(server, name, address);
  }
  run('ip', '-n', server, 'route', 'add', 'default', 'dev', 'tun0', 'metric', '10');
  run('ip', '-n', server, 'route', 'add', 'default', 'via', '10.77.0.2', 'metric', '100');
  run('ip', '-n', teammate, 'route', 'add', 'default', 'via', serverAddress);
  return {
    onServer: (program, args, environment) =>
      spawn('ip', ['netns', 'exec', server, program, ...args], {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    runOnServer: (program, ...args) => run('ip', 'netns', 'exec', server, program, ...args),
    runOnTeammate: (program, ...args) => run('ip', 'netns', 'exec', teammate, program, ...args),
    avahiOnTeammate: () => shellIn(['ip', 'netns', 'exec', teammate, ...besideAvahi('sh')]),
    moveServer: (address) => {
      run('ip', '-n', server, 'addr', 'flush', 'dev', 'eth0');
      giveAddress(server, 'eth0', `${address}/24`);
    },
    setCable: (state) => void run('ip', '-n', server, 'link', 'set', 'eth0', state === 'in' ? 'up' : 'down'),
  };
}

/**
 * A shell line that runs `command` beside a real avahi daemon, which needs a message bus and a /run of its own
 * (recipe of security.md §3).
 */
function besideAvahi(command: string): readonly [string, ...string[]] {
  const script = [
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/dbus /run/avahi-daemon',
    'dbus-daemon --system --nofork --nopidfile & bus=$!',
    'until [ -S /run/dbus/system_bus_socket ]; do sleep 0.1; done',
    'avahi-daemon --no-drop-root --no-chroot --no-rlimits -D',
    command,
    'avahi-daemon -k',
    'kill $bus',
  ];
  return ['unshare', '--mount', 'sh', '-c', script.join('\n')];
}

/** Lines go in by stdin; a word of its own after each says that it has ended. */
function shellIn([program = '', ...args]: readonly string[]): Shell {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  onTestFinished(async () => {
    const closed = once(child, 'close');
    child.stdin.end();
    if (child.exitCode === null) await closed;
  });
  let count = 0;
  return {
    run: async (line) => {
      const end = `end-of-line-${(count += 1)}`;
      stdout = '';
      child.stdin.write(`${line}\necho ${end}\n`);
      while (!stdout.includes(end)) await once(child.stdout, 'data');
      return stdout.slice(0, stdout.indexOf(end)).trim();
    },
  };
}

function giveAddress(host: string, adapter: string, address: string): void {
  run('ip', '-n', host, 'addr', 'add', address, 'dev', adapter);
  run('ip', '-n', host, 'link', 'set', adapter, 'up');
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
}
