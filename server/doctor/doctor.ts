import type { Clock, Timers } from '../core/clock.ts';
import { maskSecrets } from '../core/mask.ts';
import type { DoctorCheck, DoctorFindings } from '../wire/doctor.ts';
import type { Language, Text } from '../wire/text.ts';
import { aboutChecks } from './about.ts';
import { unknown, type Check, type Finding } from './check.ts';

/** Looks at everything that may keep the office from its answers, and says what to do. */
export type Doctor = {
  /** One look serves all who ask while it lasts. Never rejects. */
  readonly look: (language: Language) => Promise<DoctorFindings>;
};

export type DoctorOptions = {
  readonly checks: readonly Check[];
  readonly version: string;
  readonly clock: Clock;
  readonly timers: Timers;
};

/** For each check by itself; they run at the same time. */
const checkWithinMs = 12_000;

type Found = { readonly check: Check; readonly finding: Finding };

export function createDoctor({ checks, version, clock, timers }: DoctorOptions): Doctor {
  let looking: Promise<readonly Found[]> | null = null;

  async function lookAtAll(): Promise<readonly Found[]> {
    return Promise.all(checks.map(async (check) => ({ check, finding: await lookAtOne(check, timers) })));
  }
  return {
    look: async (language) => {
      looking ??= lookAtAll().finally(() => (looking = null));
      const found = await looking;
      return {
        madeAt: new Date(clock.nowMs()).toISOString(),
        version,
        checks: found.map((one) => inLanguage(one, language)),
      };
    },
  };
}

async function lookAtOne(check: Check, timers: Timers): Promise<Finding> {
  const ending = new AbortController();
  let cancel = (): void => {};
  const tooLate = new Promise<Finding>((resolve) => {
    cancel = timers.after(checkWithinMs, () => {
      ending.abort(new Error('it took too long'));
      resolve(unknown(tookTooLong));
    });
  });
  try {
    return await Promise.race([lookNow(check, ending.signal), tooLate]);
  } catch (error) {
    return unknown(couldNotLook(error));
  } finally {
    cancel();
    // What still runs after a late answer has nobody to give it to.
    ending.abort();
  }
}

/** What it throws at once counts as what it throws later. */
async function lookNow(check: Check, signal: AbortSignal): Promise<Finding> {
  return check.look(signal);
}

const tookTooLong: Text = {
  en: 'This took too long to find out and was given up.',
  de: 'Das herauszufinden hat zu lange gedauert und wurde aufgegeben.',
};

/** The system's words may hold what an address or a file's name holds; no secret among them is shown. */
function couldNotLook(error: unknown): Text {
  const words = maskSecrets(error instanceof Error ? error.message : String(error)).text.slice(0, 300);
  return {
    en: `This could not be found out: ${words}`,
    de: `Das ließ sich nicht herausfinden: ${words}`,
  };
}

function inLanguage({ check, finding }: Found, language: Language): DoctorCheck {
  const about = aboutChecks[check.id];
  const needsSomebody = finding.state !== 'ok' && finding.fix !== undefined;
  return {
    id: check.id,
    title: check.title[language],
    state: finding.state,
    sentence: finding.sentence[language],
    fix: finding.fix?.[language] ?? null,
    path: needsSomebody ? (finding.path === undefined ? (about?.path ?? null) : finding.path) : null,
    looked: about?.looked[language] ?? null,
  };
}
