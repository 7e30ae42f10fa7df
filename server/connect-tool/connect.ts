import type { ConnectSettings } from '../wire/connect-tool.ts';
import { readAddress, usualPort, type Target } from './address.ts';
import { applyChanges } from './apply.ts';
import type { Connection } from './ask.ts';
import { diffLines } from './diff.ts';
import { Refused, Untouched } from './failures.ts';
import { findOffices } from './find.ts';
import { join, type Invitation } from './join.ts';
import { reach } from './office.ts';
import { withoutKeys } from './plain.ts';
import { fillFor, planTool, requireReadable, settingsOfTool, type Change } from './plan.ts';
import { fetchSettings, fetchSource, revokeKey } from './settings.ts';
import { authorityFile, readState, writeState, type Membership, type State } from './state.ts';
import { chooseTools, hindrance, tools, type Tool } from './tools.ts';
import type { Words } from './words.ts';
import type { World } from './world.ts';

/** For programs: `--json`. */
export type ConnectResult = {
  readonly office: string;
  readonly baseUrl: string;
  readonly keyName: string;
  /** Whether anything was written. */
  readonly isWritten: boolean;
  readonly files: readonly {
    readonly tool: string;
    readonly path: string;
    readonly change: 'made' | 'changed';
  }[];
  /** Tools that were left as they are, and why. */
  readonly left: readonly { readonly tool: string; readonly why: string }[];
};

type Left = ConnectResult['left'][number];

/** Finds the office, asks to be let in, shows what it would change, and writes it. @throws Refused, UsageError */
export async function connect(world: World, words: Words): Promise<ConnectResult> {
  const state = readState(world);
  const left: Left[] = [];
  const chosen = readableTools(world, words, left);
  const { target, connection } = await findOffice(world, words, state);
  const member = await becomeMember({ world, words, connection, state }, target);
  try {
    const { key, settings } = member;
    const changes = await planAll({ world, connection, key, settings }, chosen, left);
    const result = (isWritten: boolean): ConnectResult => resultOf(settings, changes, left, isWritten);
    showChanges(world, changes);
    if (words.dryRun) {
      world.say('Nothing was written.');
      return result(false);
    }
    if (changes.length > 0 && !(await mayWrite(world, words))) throw new Refused('Nothing was written.');
    const office: Membership = {
      name: settings.office,
      keyName: settings.keyName,
      origin: connection.origin,
      authority: connection.authority,
      key,
    };
    applyChanges(world, { ...state, office }, changes);
    if (changes.length === 0) writeState(world, { ...state, office });
    member.keep();
    sayWhatNow(world, { settings, chosen, changes });
    return result(changes.length > 0);
  } finally {
    await member.giveBackUnlessKept();
  }
}

/** Those to be set up, as far as their files can be read. */
function readableTools(world: World, words: Words, left: Left[]): readonly Tool[] {
  const chosen = chooseTools(world, words.tools);
  if (chosen.length === 0) {
    throw new Refused(
      `None of the tools that can be set up was found here: ${tools.map(({ title }) => title).join(', ')}. Name them with --tools (${tools.map(({ id }) => id).join(',')}), or use the Connect page.`,
    );
  }
  const readable = chosen.filter((tool) =>
    unlessUntouched(tool, { world, left }, () => {
      const why = hindrance(world, tool);
      if (why !== null) throw new Untouched(why);
      requireReadable(world, tool);
    }),
  );
  if (readable.length === 0) throw new Refused('No tool is left to set up. Nothing was written.');
  return readable;
}

/** Whether it could be done; else it is said and noted, and the tool is left as it is. */
function unlessUntouched(
  tool: Tool,
  { world, left }: { world: World; left: Left[] },
  work: () => void,
): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof Untouched)) throw error;
    const why = withoutKeys(error.message);
    world.say(`${tool.title} is left as it is: ${why}.`);
    left.push({ tool: tool.id, why });
    return false;
  }
}

type Office = { readonly target: Target; readonly connection: Connection };

/** Where somebody says that it is, where it was the last time, or where the network says. */
async function findOffice(world: World, words: Words, state: State): Promise<Office> {
  const reachIt = async (target: Target): Promise<Office> => {
    const { fingerprint, https: isHttps, yes } = words;
    const known = state.office?.authority ?? null;
    return { target, connection: await reach(world, target, { fingerprint, isHttps, known, yes }) };
  };
  if (words.address !== null) return reachIt(readAddress(words.address));
  if (state.office === null) return reachIt(await search(world));
  try {
    return await reachIt(readAddress(state.office.origin));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    world.say(error.message);
    const target = await search(world);
    return reachIt({ ...target, isHttps: state.office.authority !== null });
  }
}

async function search(world: World): Promise<Target> {
  world.say('Looking for an Inglenook on this network …');
  const [office, ...others] = await findOffices(world);
  if (office === undefined) {
    throw new Refused(
      `No Inglenook has answered on this network. Give its address, as the owner's console shows it: 192.168.1.20 (its port is ${usualPort} unless the owner chose another).`,
    );
  }
  if (others.length > 0) {
    const list = [office, ...others]
      .map(({ name, address, port }) => `${name} (${address}:${port})`)
      .join(', ');
    throw new Refused(`Several have answered: ${list}. Give the address of the one you mean.`);
  }
  world.say(`Found “${office.name}” at ${office.address}:${office.port}.`);
  return { host: office.address, port: office.port, isHttps: false, ticket: null, pin: null };
}

type Joining = {
  readonly world: World;
  readonly words: Words;
  readonly connection: Connection;
  readonly state: State;
};

type Member = {
  readonly key: string;
  readonly settings: ConnectSettings;
  readonly keep: () => void;
  /** A key that was fetched in vain must not go on without anybody having it. */
  readonly giveBackUnlessKept: () => Promise<void>;
};

async function becomeMember(joining: Joining, target: Target): Promise<Member> {
  const { world, words, connection, state } = joining;
  const known = isSameOffice(state.office, connection) ? (state.office?.key ?? null) : null;
  const knownSettings = known === null ? null : await fetchSettings(connection, known);
  if (known !== null && knownSettings !== null) {
    world.say(`Known to “${knownSettings.office}” already, by the key “${knownSettings.keyName}”.`);
    return { key: known, settings: knownSettings, keep() {}, giveBackUnlessKept: async () => {} };
  }
  if (known !== null) world.say('The key of before was revoked or has expired; asking for another.');
  else if (state.office !== null) {
    world.say(
      `Until now this computer used “${state.office.name}” at ${state.office.origin}; the key “${state.office.keyName}” there goes on until its owner revokes it.`,
    );
  }
  const device = words.device ?? world.deviceName;
  const key = await join({ world, connection, device }, invitationOf(words, target));
  let isKept = false;
  const giveBackUnlessKept = async (): Promise<void> => {
    if (isKept) return;
    const problem = await revokeKey(connection, key);
    world.say(
      problem === null
        ? 'The key was given back.'
        : `The key could not be given back: ${problem} Ask the owner to revoke it.`,
    );
  };
  const settings = await fetchSettings(connection, key).catch(async (error: unknown) => {
    await giveBackUnlessKept();
    throw error;
  });
  if (settings === null) throw new Refused('The key was revoked before it could be used. Ask the owner.');
  world.say(`“${settings.office}” has let this computer in. The key is called “${settings.keyName}”.`);
  return { key, settings, keep: () => (isKept = true), giveBackUnlessKept };
}

/** At the same address, or at another with the same authority: nobody else may be sent the key that there is. */
function isSameOffice(office: Membership | null, { origin, authority }: Connection): boolean {
  if (office === null) return false;
  return office.origin === origin || (authority !== null && authority === office.authority);
}

function invitationOf(words: Words, { ticket }: Target): Invitation {
  if (words.code !== null) return { code: words.code };
  const shown = words.ticket ?? ticket;
  return shown === null ? null : { ticket: shown };
}

type Planning = {
  readonly world: World;
  readonly connection: Connection;
  readonly key: string;
  readonly settings: ConnectSettings;
};

async function planAll(planning: Planning, chosen: readonly Tool[], left: Left[]): Promise<Change[]> {
  const { world, connection, key, settings } = planning;
  const fill = fillFor(settings, { key, authorityFile: authorityFile(world) });
  const changes: Change[] = [];
  for (const tool of chosen) {
    const wanted = settingsOfTool(settings, tool);
    if (wanted === null)
      throw new Refused(`This Inglenook knows nothing of ${tool.title}. Is it older than this tool?`);
    const files = await Promise.all(
      wanted.files
        .filter(({ id }) => tool.files.includes(id))
        .map(async ({ id, text, source }) => ({
          id,
          text: text ?? (await fetchSource(connection, key, source ?? '')),
        })),
    );
    unlessUntouched(tool, { world, left }, () => {
      changes.push(...planTool(world, tool, { files, fill, origin: connection.origin }));
    });
  }
  return changes;
}

function showChanges(world: World, changes: readonly Change[]): void {
  if (changes.length === 0) world.say('Everything is set up as it should be.');
  for (const { tool, path, before, after } of changes) {
    world.say('');
    world.say(`${tool}: ${before === null ? 'a new file' : 'a change in'} ${path}`);
    for (const line of diffLines(before?.bytes.toString('utf8') ?? '', after)) world.say(line);
  }
  if (changes.length > 0) world.say('');
}

async function mayWrite(world: World, { yes }: Words): Promise<boolean> {
  if (yes) return true;
  const answer = await world.confirm('Write this? What was there is kept, and undo puts it back.');
  if (answer === null) throw new Refused('Nobody has said yes; --yes does. Nothing was written.');
  return answer;
}

function resultOf(
  { office, baseUrl, keyName }: ConnectSettings,
  changes: readonly Change[],
  left: readonly Left[],
  isWritten: boolean,
): ConnectResult {
  const files = changes.map(({ tool, path, before }) => ({
    tool,
    path,
    change: before === null ? ('made' as const) : ('changed' as const),
  }));
  return { office, baseUrl, keyName, isWritten, files, left };
}

type Done = {
  readonly settings: ConnectSettings;
  readonly chosen: readonly Tool[];
  readonly changes: readonly Change[];
};

function sayWhatNow(world: World, { settings, chosen, changes }: Done): void {
  if (changes.length > 0) world.say(`Written: ${changes.length} file${changes.length === 1 ? '' : 's'}.`);
  for (const tool of chosen) {
    const wanted = settingsOfTool(settings, tool);
    world.say(`${tool.title}: ${tool.after}`);
    const { contextTokens } = settings;
    const needs = wanted?.needsTokens ?? null;
    if (needs !== null && contextTokens !== null && contextTokens < needs) {
      world.say(
        `  It needs a context of ${needs} tokens; the office's model has ${contextTokens}. It will fail; tell the owner.`,
      );
    }
    const lines = (wanted?.trustLines ?? []).map((line) =>
      line.replaceAll(settings.authorityPlaceholder, authorityFile(world)).trim(),
    );
    if (lines.length > 0)
      world.say('  Before it starts, in the shell (or where your system keeps variables):');
    for (const line of lines.flatMap((text) => text.split('\n'))) world.say(`    ${line}`);
  }
  if (settings.isTestModel) world.say('As yet only a test model answers, which is not for work.');
  if (settings.plain) world.say('Keys and prompts travel unencrypted on this network (http).');
  if (settings.keyExpiresAt !== null) world.say(`The key ends on ${settings.keyExpiresAt}.`);
  world.say('To take everything back: the same command with undo.');
}
