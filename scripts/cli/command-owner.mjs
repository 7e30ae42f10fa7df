import { call } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { askHidden } from './passphrase.mjs';
import { localTime, print, printJson, printTable } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/security.ts').SessionRecord} SessionRecord */
/** @typedef {import('../../server/wire/security.ts').TotpState} TotpState */

/**
 * The owner's own doors. Who can run these on the computer itself can read everything in the data folder anyway, so
 * neither the password nor a code is asked for: this is the way back in.
 * @type {Record<string, import('./commands.mjs').Command>}
 */
export const ownerCommands = {
  'owner set-password': {
    summary:
      'Set a new password, typed in without being shown; all sessions end. For an owner who has forgotten it.',
    shape: {},
    run: setPassword,
  },
  'owner reset-totp': {
    summary:
      'Take the second step of signing in away, for an owner without telephone and recovery codes; all sessions end.',
    shape: {},
    run: resetTotp,
  },
  'owner sessions': { summary: 'Browsers that are signed in.', shape: {}, run: listSessions },
  'owner end-sessions': { summary: 'Sign all browsers out.', shape: {}, run: endSessions },
};

/** @param {Parsed} parsed */
async function setPassword({ switches }) {
  if (!process.stdin.isTTY) throw new UsageError('The password is typed in; nobody is here to type it.');
  const password = await askHidden('New password: ');
  if ((await askHidden('Once more: ')) !== password) {
    throw new Refused('The two are not the same. Nothing was done.');
  }
  await call('POST', '/password', { password });
  if (switches.has('json')) return printJson({ changed: true });
  print('The password is set. All browsers are signed out; sign in with the new one.');
}

/** @param {Parsed} parsed */
async function resetTotp({ switches }) {
  /** @type {TotpState} */
  const before = await call('GET', '/totp');
  await call('DELETE', '/totp');
  if (switches.has('json')) return printJson({ was: before.state, state: 'off' });
  print(
    before.state === 'on'
      ? 'The second step is off: signing in needs the password alone. Set it up anew in the console, under Settings, Security.'
      : 'The second step was not on. All browsers are signed out.',
  );
}

/** @param {Parsed} parsed */
async function listSessions({ switches }) {
  /** @type {SessionRecord[]} */
  const sessions = await call('GET', '/sessions');
  if (switches.has('json')) return printJson(sessions);
  printTable(
    {
      SESSION: (session) => session.id,
      SINCE: (session) => localTime(session.createdAt),
      'LAST USED': (session) => localTime(session.lastUsedAt),
      FROM: (session) => session.ip,
      BROWSER: (session) => session.client,
    },
    sessions,
    'Nobody is signed in.',
  );
}

/** @param {Parsed} parsed */
async function endSessions({ switches }) {
  /** @type {{ ended: number }} */
  const answer = await call('DELETE', '/sessions');
  if (switches.has('json')) return printJson(answer);
  print(answer.ended === 1 ? 'One browser was signed out.' : `${answer.ended} browsers were signed out.`);
}
