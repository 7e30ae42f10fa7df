import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Text } from '../wire/text.ts';

/** Which firewall this computer has, as far as somebody without special rights can see. */
export type Firewall = {
  readonly kind: 'ufw' | 'firewalld' | 'windows' | 'macos' | 'other';
  readonly name: string;
  readonly state: 'on' | 'off' | 'unknown';
};

export type FirewallOptions = {
  readonly platform?: NodeJS.Platform;
  /** Where ufw keeps whether it is on, and firewalld's mark that it runs; others in tests. */
  readonly ufwFile?: string;
  readonly firewalldMark?: string;
};

const run = promisify(execFile);

/** Looks into files on Linux, and asks a program of the system's elsewhere. Never rejects. */
export async function firewallOf(signal: AbortSignal, options: FirewallOptions = {}): Promise<Firewall> {
  const { platform = process.platform } = options;
  try {
    switch (platform) {
      case 'linux':
        return await onLinux(options);
      case 'win32':
        return await onWindows(signal);
      case 'darwin':
        return await onMacos(signal);
      default:
        return other;
    }
  } catch {
    return { ...other, kind: platform === 'win32' ? 'windows' : platform === 'darwin' ? 'macos' : 'other' };
  }
}

const other: Firewall = { kind: 'other', name: 'The firewall', state: 'unknown' };

async function onLinux({
  ufwFile = '/etc/ufw/ufw.conf',
  firewalldMark = '/run/firewalld',
}: FirewallOptions): Promise<Firewall> {
  const ufw = await readFile(ufwFile, 'utf8').catch(() => '');
  if (/^ENABLED=yes/mu.test(ufw)) return { kind: 'ufw', name: 'ufw', state: 'on' };
  const isFirewalld = await access(firewalldMark).then(
    () => true,
    () => false,
  );
  // Off, ufw says nothing about rules that somebody has set by hand.
  return isFirewalld ? { kind: 'firewalld', name: 'firewalld', state: 'on' } : other;
}

/** The words of netsh are translated; the registry's are not. */
async function onWindows(signal: AbortSignal): Promise<Firewall> {
  const base = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';
  const profiles = ['StandardProfile', 'PublicProfile', 'DomainProfile'];
  const answers = await Promise.all(
    profiles.map((profile) =>
      run('reg', ['query', `${base}\\${profile}`, '/v', 'EnableFirewall'], { signal, windowsHide: true }),
    ),
  );
  const isOn = answers.some(({ stdout }) => /0x1\s*$/mu.test(stdout));
  return { kind: 'windows', name: 'The Windows firewall', state: isOn ? 'on' : 'off' };
}

async function onMacos(signal: AbortSignal): Promise<Firewall> {
  const program = '/usr/libexec/ApplicationFirewall/socketfilterfw';
  const { stdout } = await run(program, ['--getglobalstate'], { signal });
  const state = /State = [12]/u.test(stdout) ? 'on' : /State = 0/u.test(stdout) ? 'off' : 'unknown';
  return { kind: 'macos', name: 'The macOS firewall', state };
}

/** How to let the office through, for who may do it on this computer. The second port is that of names. */
export function openCommands({ kind }: Firewall, port: number): Text {
  switch (kind) {
    case 'ufw':
      return command(`sudo ufw allow ${port}/tcp; sudo ufw allow 5353/udp`);
    case 'firewalld':
      return command(
        `sudo firewall-cmd --permanent --add-port=${port}/tcp --add-service=mdns; sudo firewall-cmd --reload`,
      );
    case 'windows':
      return command(
        `netsh advfirewall firewall add rule name="Inglenook" dir=in action=allow protocol=TCP localport=${port} profile=private,domain`,
        {
          en: ' (in a terminal as administrator), and let Windows treat the office’s network as private.',
          de: ' (in einem Terminal als Administrator), und das Netz des Büros in Windows als privat führen.',
        },
      );
    case 'macos':
      return {
        en: 'In System Settings → Network → Firewall → Options, let Inglenook (or node) accept incoming connections.',
        de: 'In den Systemeinstellungen → Netzwerk → Firewall → Optionen für Inglenook (oder node) eingehende Verbindungen erlauben.',
      };
    case 'other':
      return {
        en: `If no other computer gets through: let TCP port ${port} in, and UDP port 5353 for the name.`,
        de: `Falls kein anderer Rechner durchkommt: TCP-Port ${port} hereinlassen, und UDP-Port 5353 für den Namen.`,
      };
  }
}

function command(line: string, after: Text = { en: '', de: '' }): Text {
  return { en: `Run: ${line}${after.en}`, de: `Ausführen: ${line}${after.de}` };
}
