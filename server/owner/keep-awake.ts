import { spawn, type ChildProcess } from 'node:child_process';
import type { Logger } from '../core/logger.ts';
import type { AwakeState } from '../wire/owner.ts';
import type { Text } from '../wire/text.ts';

/** Keeps the computer from falling asleep; what becomes of it is told, since a server without a screen may not be allowed to. */
export type KeepAwake = {
  readonly set: (isWanted: boolean) => void;
  readonly state: () => AwakeState;
  readonly stop: () => void;
};

export type Inhibitor = { readonly command: string; readonly args: readonly string[] };

/**
 * What holds a computer awake for as long as it runs. Each runs `cat`, which ends when our end of its input closes: also when
 * this process is killed, so that nothing keeps a computer awake for a server that is gone.
 */
export function inhibitorFor(platform: NodeJS.Platform): Inhibitor | null {
  switch (platform) {
    case 'linux':
      // systemd-inhibit(1): not the screen, only sleep, and idleness as its cause.
      return {
        command: 'systemd-inhibit',
        args: ['--what=sleep:idle', '--who=Inglenook', '--why=Office hours', '--mode=block', 'cat'],
      };
    case 'darwin':
      // caffeinate(8): no sleep for being idle.
      return { command: 'caffeinate', args: ['-i', 'cat'] };
    default:
      return null;
  }
}

/** The app tells the system itself; it is told by the host's messages. */
export function keepAwakeByApp(onChange: () => void): KeepAwake {
  let isWanted = false;
  return {
    set(wanted) {
      if (wanted === isWanted) return;
      isWanted = wanted;
      onChange();
    },
    state: () => ({ phase: isWanted ? 'app' : 'off', problem: null }),
    stop() {},
  };
}

type KeepAwakeOptions = {
  readonly inhibitor: Inhibitor | null;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly onChange: () => void;
};

const mostWords = 300;

export function createKeepAwake({ inhibitor, log, onChange }: KeepAwakeOptions): KeepAwake {
  let child: ChildProcess | null = null;
  let state: AwakeState = { phase: 'off', problem: null };

  function become(next: AwakeState): void {
    state = next;
    onChange();
  }

  function begin({ command, args }: Inhibitor): void {
    const started = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let words = '';
    let isMissing = false;
    child = started;
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(0, mostWords);
    });
    // It may end before its input is closed.
    started.stdin?.on('error', () => {});
    started.on('error', (error) => {
      isMissing = 'code' in error && error.code === 'ENOENT';
      if (started.pid === undefined) ended();
    });
    started.on('close', ended);
    started.unref();
    become({ phase: 'on', problem: null });

    function ended(): void {
      if (child !== started) return;
      child = null;
      log.warn('This computer cannot be kept awake.', { command, isMissing, words });
      become({ phase: 'failed', problem: isMissing ? missing(command) : refused(command, words.trim()) });
    }
  }

  function end(): void {
    const ending = child;
    child = null;
    ending?.stdin?.destroy();
    ending?.kill();
  }

  return {
    state: () => state,
    set(isWanted) {
      if (!isWanted) {
        if (state.phase === 'off') return;
        end();
        become({ phase: 'off', problem: null });
      } else if (state.phase === 'off') {
        if (inhibitor === null) become({ phase: 'impossible', problem: noWay });
        else begin(inhibitor);
      }
    },
    stop: end,
  };
}

const noWay: Text = {
  en: 'A server without the app cannot keep this computer awake here. Set it in the system’s energy settings, or start the app.',
  de: 'Ein Server ohne die App kann diesen Rechner hier nicht wach halten. Stellen Sie es in den Energieeinstellungen des Systems ein, oder starten Sie die App.',
};

function missing(command: string): Text {
  return {
    en: `This computer has no ${command}, so Inglenook cannot keep it awake. A computer that never sleeps needs nothing; else set it in the system’s energy settings.`,
    de: `Dieser Rechner hat kein ${command}, deshalb kann Inglenook ihn nicht wach halten. Ein Rechner, der nie schläft, braucht es nicht; sonst stellen Sie es in den Energieeinstellungen des Systems ein.`,
  };
}

function refused(command: string, words: string): Text {
  const said = words === '' ? '' : ` (${words})`;
  return {
    en: `The system does not let Inglenook keep this computer awake: ${command} has ended${said}. A service without a signed-in person often may not; set it in the system’s energy settings.`,
    de: `Das System lässt Inglenook diesen Rechner nicht wach halten: ${command} hat sich beendet${said}. Ein Dienst ohne angemeldete Person darf das oft nicht; stellen Sie es in den Energieeinstellungen des Systems ein.`,
  };
}
