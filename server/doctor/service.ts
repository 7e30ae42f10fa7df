import type { Clock } from '../core/clock.ts';
import type { ModelDescription } from '../core/model.ts';
import type { OllamaState } from '../core/ollama.ts';
import type { UpstreamState } from '../core/upstream.ts';
import type { BackupState } from '../wire/backup.ts';
import type { Text } from '../wire/text.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

/** Who answers, and what is kept of it. */

export type ServiceSources = {
  readonly clock: Clock;
  readonly models: () => readonly ModelDescription[];
  readonly ollama: (signal: AbortSignal) => Promise<OllamaState>;
  /** Asks each of them now. */
  readonly upstreams: (signal: AbortSignal) => Promise<readonly UpstreamView[]>;
  readonly log: () => { readonly problem: string | null; readonly unwritten: number };
  readonly backups: () => Promise<Pick<BackupState, 'schedule' | 'last' | 'lastSuccessAt'>>;
};

export type UpstreamView = {
  readonly name: string;
  readonly state: Pick<UpstreamState, 'state' | 'reason'> | null;
  /** The last probe did not reach it; counts where nothing newer is known. */
  readonly isAway: boolean;
};

export function serviceChecks(sources: ServiceSources): readonly Check[] {
  return [enginesCheck(sources), upstreamsCheck(sources), logCheck(sources), backupsCheck(sources)];
}

export function enginesCheck({ models, ollama }: ServiceSources): Check {
  return {
    id: 'engines',
    title: { en: 'Models', de: 'Modelle' },
    async look(signal) {
      const all = models();
      const failed = all.filter(({ state }) => state === 'failed');
      const crashing = all.filter(({ crashes, state }) => crashes > 0 && state !== 'failed');
      const { state: ollamaState, reason } = await ollama(signal);
      if (all.length === 0) return noModels();
      const usable = all.length - failed.length;
      if (failed.length > 0) return failing(failed, usable);
      if (ollamaState === 'failed') return ollamaSilent(reason);
      const [crashed] = crashing;
      if (crashed !== undefined) return hasCrashed(crashed);
      const loaded = all.filter(({ state }) => state === 'ready' || state === 'busy').length;
      return ok({
        en: `${usable} can answer; ${loaded} ${loaded === 1 ? 'is' : 'are'} in memory.`,
        de: `${usable} ${usable === 1 ? 'kann' : 'können'} antworten; ${loaded} ${loaded === 1 ? 'ist' : 'sind'} im Speicher.`,
      });
    },
  };
}

function ollamaSilent(reason: string | null): Finding {
  const finding = warn(
    {
      en: `Ollama does not answer. ${reason ?? ''}`.trim(),
      de: `Ollama antwortet nicht. ${reason ?? ''}`.trim(),
    },
    {
      en: 'See Models → Other engines: start it again, or stop using it.',
      de: 'Siehe Modelle → Andere Engines: neu starten oder nicht mehr verwenden.',
    },
  );
  return { ...finding, path: '/models/engines' };
}

function noModels(): Finding {
  const finding = bad(
    { en: 'There is no model that could answer.', de: 'Es gibt kein Modell, das antworten könnte.' },
    { en: 'Get one under Models.', de: 'Unter „Modelle“ eines holen.' },
  );
  return { ...finding, path: '/models/get' };
}

function failing(failed: readonly ModelDescription[], usable: number): Finding {
  const [first] = failed;
  const names = failed.map(({ id }) => id).join(', ');
  return (usable === 0 ? bad : warn)(
    {
      en: `Cannot be used: ${names}. ${first?.reason ?? ''}`.trim(),
      de: `Nicht nutzbar: ${names}.`,
    },
    {
      en: 'See Models, where each says why; remove it or put its file right.',
      de: 'Siehe „Modelle“, wo jedes sagt, warum; entfernen oder die Datei richtigstellen.',
    },
  );
}

function hasCrashed({ id, crashes, lastCrash }: ModelDescription): Finding {
  // Without the system's code for it, which the model's own page has in its details.
  const how = (lastCrash ?? '').replace(/ \([^)]*\)/u, '');
  return warn(
    {
      en: `${id} has crashed ${crashes === 1 ? 'once' : `${crashes} times`} since its last complete answer. ${how}`.trim(),
      de: `${id} ist seit seiner letzten vollständigen Antwort ${crashes === 1 ? 'einmal' : `${crashes}-mal`} abgestürzt.`,
    },
    {
      en: 'Load it with a shorter context or for fewer people at once; if that does not help, take another model.',
      de: 'Mit kürzerem Kontext oder für weniger Personen zugleich laden; hilft das nicht, ein anderes Modell nehmen.',
    },
  );
}

export function upstreamsCheck({ upstreams }: ServiceSources): Check {
  return {
    id: 'upstreams',
    title: { en: 'Other servers', de: 'Andere Server' },
    async look(signal) {
      const all = await upstreams(signal);
      const silent = all.filter(({ state, isAway }) =>
        state === null || state.state === 'unknown' ? isAway : state.state === 'failed',
      );
      const [first] = silent;
      if (first === undefined) {
        return ok(allAnswer(all));
      }
      const names = silent.map(({ name }) => name).join(', ');
      return warn(
        {
          en: `Not there just now: ${names}. ${first.state?.reason ?? ''}`.trim(),
          de: `Gerade nicht da: ${names}.`,
        },
        {
          en: 'Look whether it runs and can be reached, then test it under Models → Other engines.',
          de: 'Nachsehen, ob er läuft und erreichbar ist, dann unter Modelle → Andere Engines prüfen.',
        },
      );
    },
  };
}

export function logCheck({ log }: Pick<ServiceSources, 'log'>): Check {
  return {
    id: 'log',
    title: { en: 'Log', de: 'Protokoll' },
    look() {
      const { problem, unwritten } = log();
      if (problem === null) {
        return ok({ en: 'Every request is being written.', de: 'Jede Anfrage wird geschrieben.' });
      }
      return bad(
        {
          en: `${problem} ${unwritten} ${unwritten === 1 ? 'request waits' : 'requests wait'} to be written.`,
          de: `Das Protokoll kann gerade nicht geschrieben werden. ${unwritten} ${unwritten === 1 ? 'Anfrage wartet' : 'Anfragen warten'} darauf, geschrieben zu werden.`,
        },
        {
          en: 'Make room on the disk, and look whether the data folder may be written to.',
          de: 'Auf dem Datenträger Platz schaffen und nachsehen, ob in den Datenordner geschrieben werden darf.',
        },
      );
    },
  };
}

/** One that runs nightly has missed a week by then. */
const oldBackupMs = 8 * 86_400_000;

export function backupsCheck({ backups, clock }: Pick<ServiceSources, 'backups' | 'clock'>): Check {
  return {
    id: 'backup',
    title: { en: 'Backup', de: 'Sicherung' },
    async look() {
      const { schedule, last, lastSuccessAt } = await backups();
      const ageMs = lastSuccessAt === null ? null : clock.nowMs() - Date.parse(lastSuccessAt);
      if (last !== null && !last.ok) return backupFailed(last.error);
      if (ageMs === null || !schedule.on) return noSchedule(ageMs);
      const days = Math.floor(ageMs / 86_400_000);
      const age = {
        en: `The newest is ${ageOf(days).en}.`,
        de: `Die neueste ist ${ageOf(days).de}.`,
      };
      return ageMs < oldBackupMs
        ? ok(age)
        : warn(age, {
            en: 'Look whether the folder for backups is connected at the hour that is set.',
            de: 'Nachsehen, ob der Ordner für Sicherungen zur eingestellten Stunde verbunden ist.',
          });
    },
  };
}

function allAnswer([first, ...more]: readonly UpstreamView[]): Text {
  if (first === undefined) return { en: 'None is set up.', de: 'Es ist keiner eingerichtet.' };
  if (more.length === 0) return { en: `${first.name} answers.`, de: `${first.name} antwortet.` };
  return { en: `All ${more.length + 1} answer.`, de: `Alle ${more.length + 1} antworten.` };
}

function backupFailed(error: string | null): Finding {
  return bad(
    {
      en: `The last one failed. ${error ?? ''}`.trim(),
      de: 'Die letzte ist gescheitert.',
    },
    {
      en: 'Put right what it says; it is tried again within the hour.',
      de: 'Beheben, was unter Einstellungen → Sicherung steht; in der nächsten Stunde wird es noch einmal versucht.',
    },
  );
}

function ageOf(days: number): Text {
  if (days === 0) return { en: 'less than a day old', de: 'keinen Tag alt' };
  return days === 1
    ? { en: 'a day old', de: 'einen Tag alt' }
    : { en: `${days} days old`, de: `${days} Tage alt` };
}

function noSchedule(ageMs: number | null): Finding {
  const fix = {
    en: 'Set up a nightly backup, to another disk or share: Settings → Backup, or “inglenook backup schedule” on the command line.',
    de: 'Eine nächtliche Sicherung auf einen anderen Datenträger oder eine Freigabe einrichten: Einstellungen → Sichern, oder „inglenook backup schedule“ auf der Befehlszeile.',
  };
  if (ageMs === null) {
    return warn(
      {
        en: 'There is none: keys, limits and log would be lost with this disk.',
        de: 'Es gibt keine: Schlüssel, Grenzen und Protokoll wären mit diesem Datenträger verloren.',
      },
      fix,
    );
  }
  const days = Math.floor(ageMs / 86_400_000);
  return warn(
    {
      en: `No nightly backup is set up; the newest is ${ageOf(days).en}.`,
      de: `Es ist keine nächtliche Sicherung eingerichtet; die neueste ist ${ageOf(days).de}.`,
    },
    fix,
  );
}
