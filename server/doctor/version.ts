import { ageInDays } from '../core/age.ts';
import type { Text } from '../wire/text.ts';
import type { UpdateState } from '../wire/updates.ts';
import { bad, ok, warn, type Check, type Finding } from './check.ts';

/** How old what runs is, and whether anything newer is known. */

/** Weaknesses are found in every program of this size within such a time. */
const oldDays = 180;
/** Somebody who wants to know should hear that it has not worked for so long. */
const staleMs = 14 * 86_400_000;

export function versionCheck(state: () => UpdateState, nowMs: () => number): Check {
  return {
    id: 'version',
    title: { en: 'Version', de: 'Version' },
    look: () => judge(state(), nowMs()),
  };
}

/** The same while no server runs: the age is in the program itself. */
export function versionAgeCheck(build: Build, nowMs: number): Check {
  const ageDays = ageInDays(build.releasedOn, nowMs);
  const age = ageText({ ...build, ageDays });
  return {
    id: 'version',
    title: { en: 'Version', de: 'Version' },
    look: () => ((ageDays ?? 0) > oldDays ? warn(age, lookByHand) : ok(age)),
  };
}

type Build = Pick<UpdateState, 'version' | 'releasedOn'>;

function judge(state: UpdateState, nowMs: number): Finding {
  const { news, choice, problemText, knownAt } = state;
  if (news !== null) return newer(state, news);
  const age = ageText(state);
  if (choice === 'yes') {
    const isKnown = knownAt !== null && nowMs - Date.parse(knownAt) < staleMs;
    if (isKnown) return ok(join(age, { en: 'Nothing newer is known.', de: 'Nichts Neueres ist bekannt.' }));
    if (problemText !== null) return warn(join(age, problemText), whereToLook);
  }
  if ((state.ageDays ?? 0) > oldDays) return warn(join(age, notLooking), lookByHand);
  return ok(choice === 'yes' ? age : join(age, notLooking));
}

function newer({ version }: UpdateState, news: NonNullable<UpdateState['news']>): Finding {
  const fix = {
    en: `Make a backup, then install ${news.version}: Health → Version, or npx inglenook update download.`,
    de: `Eine Sicherung machen, dann ${news.version} installieren: Zustand → Version oder npx inglenook update download.`,
  };
  if (!news.isSecurity) {
    return warn(
      {
        en: `${version} runs; ${news.version} is there. It is not about security.`,
        de: `Es läuft ${version}; ${news.version} ist da. Es geht dabei nicht um Sicherheit.`,
      },
      fix,
    );
  }
  return bad(
    {
      en: `${version} has a known weakness, which ${news.version} has not.`,
      de: `${version} hat eine bekannte Schwachstelle, die ${news.version} nicht hat.`,
    },
    fix,
  );
}

/** Where nothing is looked for, the age is all there is to go by. */
function ageText({
  version,
  releasedOn,
  ageDays,
}: Pick<UpdateState, 'version' | 'releasedOn' | 'ageDays'>): Text {
  if (releasedOn === null || ageDays === null) return { en: `${version} runs.`, de: `Es läuft ${version}.` };
  const days = {
    en: ageDays === 1 ? '1 day' : `${ageDays} days`,
    de: ageDays === 1 ? '1 Tag' : `${ageDays} Tage`,
  };
  return {
    en: `${version} of ${releasedOn} runs, ${days.en} old.`,
    de: `Es läuft ${version} vom ${releasedOn}, ${days.de} alt.`,
  };
}

const notLooking: Text = {
  en: 'Newer versions are not looked for.',
  de: 'Nach neueren Versionen wird nicht gesehen.',
};

const lookByHand: Text = {
  en: 'Look for a newer version by hand, or let it be looked for: Health → Version, or npx inglenook settings set updates.check yes',
  de: 'Selbst nach einer neueren Version sehen oder danach sehen lassen: Zustand → Version, oder npx inglenook settings set updates.check yes',
};

const whereToLook: Text = {
  en: 'See Health → Version, or look for a newer version by hand.',
  de: 'Siehe Zustand → Version, oder selbst nach einer neueren Version sehen.',
};

function join(first: Text, second: Text): Text {
  return { en: `${first.en} ${second.en}`, de: `${first.de} ${second.de}` };
}
