import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectPage, keyPlaceholder, type ConnectGuide } from '../../server/wire/connect.ts';
import { runClient, type Desk, type Ran } from './headless.ts';
import type { Office } from './offices.ts';

/** What a person who follows our Connect page to the letter has done; nothing of ours is between. */
export type Prepared = {
  /** The shell lines of the guide, in their order, as they would stand in a shell's profile. */
  readonly profile: string;
  /** Runs words of a command line in a shell that has read the profile. */
  readonly run: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Ran>;
};

type Follow = {
  readonly desk: Desk;
  readonly office: Office;
  /** Programs by the name the guide calls them. */
  readonly programs: Readonly<Record<string, string>>;
  /** Which shell lines are left out, for those that install or start the tool themselves. */
  readonly without?: RegExp;
};

/** Writes the files of the guide to where it says, with the key in its place, and keeps its shell lines. */
export async function followGuide(
  id: string,
  { desk, office, programs, without }: Follow,
): Promise<Prepared> {
  const steps = await guideSteps(id, office);
  const lines: string[] = [];
  for (const { paths, snippet } of steps) {
    if (snippet === null) continue;
    const text = snippet.text.replaceAll(keyPlaceholder, office.apiKey);
    if (paths !== null) write(join(desk.home, paths[system()].replace(/^~\//, '')), text);
    else if (snippet.language === 'sh' && without?.test(text) !== true) lines.push(text);
  }
  const bin = join(desk.home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, program] of Object.entries(programs)) {
    symlinkSync(program, join(bin, name));
    chmodSync(program, 0o755);
  }
  const profile = lines.join('');
  const PATH = `${bin}:${desk.environment['PATH'] ?? ''}`;
  return {
    profile,
    run: (words, environment = {}) =>
      runClient(['sh', '-ec', `${profile}\nexec "$@"`, 'sh', ...words], desk, { ...environment, PATH }),
  };
}

/** A text of the guide that is a program of one's own. */
export async function guideProgram(
  id: string,
  language: 'python' | 'typescript' | 'sh',
  office: Office,
): Promise<string> {
  const text = (await guideTexts(id, language, office)).at(-1);
  if (text === undefined) throw new Error(`The Connect page has no ${language} for ${id}.`);
  return text;
}

/** The guide's texts in this language, in their order; `text` is what is typed into a field. */
export async function guideTexts(
  id: string,
  language: 'python' | 'typescript' | 'sh' | 'text',
  office: Office,
): Promise<string[]> {
  return (await guideSteps(id, office)).flatMap(({ snippet }) =>
    snippet?.language === language ? [snippet.text.replaceAll(keyPlaceholder, office.apiKey)] : [],
  );
}

async function guideSteps(id: string, { rootUrl, adminToken }: Office): Promise<ConnectGuide['steps']> {
  const response = await fetch(`${rootUrl}/api/connect`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const { guides } = connectPage.parse(await response.json());
  const guide = guides.find((candidate) => candidate.id === id);
  if (guide === undefined) throw new Error(`The Connect page has nothing for ${id}.`);
  return guide.steps;
}

function system(): 'linux' | 'mac' | 'windows' {
  switch (process.platform) {
    case 'darwin':
      return 'mac';
    case 'win32':
      return 'windows';
    default:
      return 'linux';
  }
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
