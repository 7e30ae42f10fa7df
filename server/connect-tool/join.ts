import { deviceGrantType } from '../wire/connect-tool.ts';
import { ask, errorCodeOf, fieldOf, sentenceOf, type Answer, type Connection } from './ask.ts';
import { Refused } from './failures.ts';
import type { World } from './world.ts';

/** How somebody gets in: by a ticket or code of the owner's, or by asking without one. */
export type Invitation = { readonly ticket: string } | { readonly code: string } | null;

const clientId = 'inglenook-connect';
/** RFC 8628 §3.5: after `slow_down`, and where nothing else is said. */
const slowerBySeconds = 5;
const usualIntervalSeconds = 5;
/** An owner who has gone to lunch; the server ends it before that. */
const mostWaitSeconds = 20 * 60;

type Joining = { readonly world: World; readonly connection: Connection; readonly device: string };

/** Asks to be let in, and waits for the owner's word. Returns the key, which nobody is shown. @throws Refused */
export function join(joining: Joining, invitation: Invitation): Promise<string> {
  return invitation === null ? joinByAsking(joining) : joinByInvitation(joining, invitation);
}

/** RFC 8628. */
async function joinByAsking({ world, connection, device }: Joining): Promise<string> {
  const form = { client_id: clientId, device };
  const asked = await ask(connection, { method: 'POST', path: '/pair/device_authorization', form });
  if (asked.status === 404)
    throw new Refused(`The Inglenook at ${connection.origin} is too old for this tool.`);
  if (asked.status !== 200) throw new Refused(sentenceOf(asked));
  const deviceCode = textOf(asked, 'device_code');
  const office = textOf(asked, 'office');
  world.say(`Asked “${office}” to let this computer in, as “${device}”.`);
  world.say(`The owner sees it on that computer, under People (${textOf(asked, 'verification_uri')}).`);
  sayMatchCode(world, textOf(asked, 'user_code'));
  let intervalSeconds = secondsOf(asked.json, 'interval') ?? usualIntervalSeconds;
  const untilMs = world.nowMs() + (secondsOf(asked.json, 'expires_in') ?? mostWaitSeconds) * 1000;
  for (;;) {
    await world.wait(intervalSeconds * 1000);
    const grant = { grant_type: deviceGrantType, device_code: deviceCode, client_id: clientId };
    const answer = await ask(connection, { method: 'POST', path: '/pair/token', form: grant });
    if (answer.status === 200) return textOf(answer, 'access_token');
    const code = errorCodeOf(answer);
    if (code === 'slow_down')
      intervalSeconds = (answer.retryAfterSeconds ?? intervalSeconds) + slowerBySeconds;
    else if (code !== 'authorization_pending') throw new Refused(whyNot(code, answer));
    if (world.nowMs() > untilMs + 60_000) throw new Refused(whyNot('expired_token', answer));
  }
}

function whyNot(code: string | null, answer: Answer): string {
  switch (code) {
    case 'access_denied':
      return 'The owner has refused this computer. Nothing was written.';
    case 'expired_token':
      return 'The owner has not answered in time. Nothing was written. Tell them, then try again.';
    case 'invalid_grant':
      return `This request does not count any more; perhaps the address of this computer has changed. Try again. (${sentenceOf(answer)})`;
    default:
      return sentenceOf(answer);
  }
}

/** `POST /pair/redeem`, again and again while it says 202. */
async function joinByInvitation(
  { world, connection, device }: Joining,
  invitation: NonNullable<Invitation>,
): Promise<string> {
  let hasWaited = false;
  for (;;) {
    const answer = await ask(connection, {
      method: 'POST',
      path: '/pair/redeem',
      json: { ...invitation, device },
    });
    if (answer.status === 200) return textOf(answer, 'key');
    if (answer.status === 410 && hasWaited) {
      throw new Refused(
        'The owner has refused this computer, or has not answered in time. Nothing was written.',
      );
    }
    if (answer.status !== 202) throw new Refused(sentenceOf(answer));
    if (!hasWaited) {
      world.say(`Asked to let this computer in, as “${device}”. The owner sees it under People.`);
      sayMatchCode(world, textOf(answer, 'matchCode'));
    }
    hasWaited = true;
    const tooSoon = fieldOf(answer.json, 'slowDown') === true ? slowerBySeconds : 0;
    await world.wait(((secondsOf(answer.json, 'intervalSeconds') ?? usualIntervalSeconds) + tooSoon) * 1000);
  }
}

function sayMatchCode(world: World, code: string): void {
  world.say(`Both screens must show the same number:  ${code}`);
  world.say('Waiting for the owner …');
}

/** @throws Refused where it is missing */
function textOf(answer: Answer, name: string): string {
  const value = fieldOf(answer.json, name);
  if (typeof value === 'string' && value !== '') return value;
  throw new Refused(`The answer has no ${name}. Is it an Inglenook that answers, and as new as this tool?`);
}

function secondsOf(value: unknown, name: string): number | null {
  const seconds = fieldOf(value, name);
  return typeof seconds === 'number' && seconds > 0 && seconds < 86_400 ? seconds : null;
}
