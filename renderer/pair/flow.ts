import type { Looked, Redeemed } from '../../server/wire/pairing.ts';
import { pause } from './pause.ts';
import { rememberDevice, rememberProgress, type Progress } from './remembered.ts';
import { look, redeem, type Refusal, type Secret } from './server.ts';

/**
 * | screen    | shown while …                                        | leads to                              |
 * | checking  | the server is asked what the link's ticket is for    | where, gone                           |
 * | where     | “Where do you work?”                                 | device, elsewhere                     |
 * | device    | this device is named                                 | asking                                |
 * | code      | no link was opened: code and name are typed          | asking                                |
 * | asking    | the first answer is awaited                          | waiting, ready, gone, back to the form |
 * | waiting   | the owner compares the match code                    | ready, gone                           |
 * | elsewhere | the code is shown for another computer               | joined, gone, where                   |
 * | paused    | the server wants no question for now                 | where it came from                    |
 * | ready     | the key is on the screen                             | done                                  |
 * | joined, done, gone, refused: the end of the way                                                          |
 */
export type Screen =
  | { readonly name: 'checking' | 'asking' | 'done' | 'gone' | 'joined' }
  | { readonly name: 'where'; readonly invitation: Looked }
  | { readonly name: 'device'; readonly invitation: Looked; readonly isUnreadable: boolean }
  | { readonly name: 'code'; readonly lost: Progress | null; readonly isUnreadable: boolean }
  | { readonly name: 'waiting'; readonly matchCode: string }
  | { readonly name: 'elsewhere'; readonly invitation: Looked }
  | { readonly name: 'paused'; readonly reason: 'guesses' | 'crowd'; readonly waitMs: number }
  | { readonly name: 'ready'; readonly settings: Redeemed }
  | { readonly name: 'refused'; readonly message: string };

export type Page = { readonly screen: Screen; readonly isUnreachable: boolean };

export type Flow = {
  /** By the ticket of a link; without one, by a code that is typed. */
  readonly start: (ticket: string | null, lost: Progress | null) => void;
  readonly workHere: (invitation: Looked) => void;
  readonly workElsewhere: (invitation: Looked) => void;
  readonly backToWhere: (invitation: Looked) => void;
  readonly askByTicket: (invitation: Looked, device: string) => void;
  readonly askByCode: (code: string, device: string) => void;
  readonly typeCode: () => void;
  readonly finish: () => void;
};

const lookEveryMs = 2_000;
const unreachableRetryMs = 3_000;
/** Asked while the server wants no questions; costs nobody anything and keeps the time that is left right. */
const pausedRetryMs = 10_000;

export function createFlow(show: (page: Page) => void): Flow {
  let page: Page = { screen: { name: 'checking' }, isUnreachable: false };
  let ticket = '';
  /** Goes up with every new question, so that answers to an old one are not listened to any more. */
  let turn = 0;
  /** Somebody asks to be let in: the next answer may be the one with the key, and must not be missed. */
  let isAsking = false;

  function put(screen: Screen): void {
    page = { screen, isUnreachable: false };
    show(page);
  }

  function goTo(screen: Screen): void {
    turn++;
    put(screen);
  }

  /** Asks until `take` says that there is nothing more to ask. One question at a time: a key is told only once. */
  async function repeat<A>(ask: () => Promise<A>, take: (answer: A) => number | null): Promise<void> {
    const mine = ++turn;
    for (;;) {
      const answer = await ask();
      if (mine !== turn) return;
      const nextMs = take(answer);
      if (nextMs === null) return;
      await pause(nextMs);
      if (mine !== turn) return;
    }
  }

  /** What every question may be answered with instead. */
  function takeRefusal(refusal: Refusal): number | null {
    switch (refusal.kind) {
      case 'unreachable':
        page = { ...page, isUnreachable: true };
        show(page);
        return unreachableRetryMs;
      case 'later': {
        const { reason, waitMs } = refusal;
        // Whoever has something on the screen to read keeps it.
        if (page.screen.name === 'waiting' || page.screen.name === 'elsewhere') put(page.screen);
        else put({ name: 'paused', reason, waitMs });
        return Math.min(waitMs, pausedRetryMs);
      }
      case 'gone':
        put({ name: 'gone' });
        return null;
      case 'refused':
        put({ name: 'refused', message: refusal.message });
        return null;
    }
  }

  function check(): Promise<void> {
    return repeat(
      () => look(ticket),
      (answer) => {
        if (answer.kind !== 'ok') return takeRefusal(answer);
        const invitation = answer.body;
        put(invitation.state === 'joined' ? { name: 'gone' } : { name: 'where', invitation });
        return null;
      },
    );
  }

  function watchComputer(): Promise<void> {
    return repeat(
      () => look(ticket),
      (answer) => {
        if (answer.kind !== 'ok') return takeRefusal(answer);
        const invitation = answer.body;
        put(invitation.state === 'joined' ? { name: 'joined' } : { name: 'elsewhere', invitation });
        return invitation.state === 'joined' ? null : lookEveryMs;
      },
    );
  }

  function ask(secret: Secret, device: string, form: Screen): Promise<void> {
    rememberDevice(device);
    isAsking = true;
    put({ name: 'asking' });
    return repeat(
      () => redeem(secret, device),
      (answer) => {
        const nextMs = takeEntry(answer, form);
        isAsking = nextMs !== null;
        return nextMs;
      },
    );
  }

  function takeEntry(answer: Awaited<ReturnType<typeof redeem>>, form: Screen): number | null {
    if (answer.kind === 'refused' && answer.param === 'device') {
      put(form);
      return null;
    }
    if (answer.kind !== 'ok') return takeRefusal(answer);
    const { body } = answer;
    if (body.status === 'joined') {
      rememberProgress('key');
      put({ name: 'ready', settings: body });
      return null;
    }
    put({ name: 'waiting', matchCode: body.matchCode });
    return body.intervalSeconds * 1000 * (body.slowDown ? 2 : 1);
  }

  return {
    start(givenTicket, lost) {
      // Scanned once more in the same tab: what is on its way, or shown only once, is not thrown away for that.
      if (isAsking || page.screen.name === 'ready') return;
      if (givenTicket === null) return goTo({ name: 'code', lost, isUnreadable: false });
      ticket = givenTicket;
      if (ticket === '') return goTo({ name: 'gone' });
      rememberProgress('ticket');
      put({ name: 'checking' });
      void check();
    },
    workHere: (invitation) => goTo({ name: 'device', invitation, isUnreadable: false }),
    workElsewhere(invitation) {
      put({ name: 'elsewhere', invitation });
      void watchComputer();
    },
    backToWhere: (invitation) => goTo({ name: 'where', invitation }),
    askByTicket: (invitation, device) =>
      void ask({ ticket }, device, { name: 'device', invitation, isUnreadable: true }),
    askByCode(code, device) {
      rememberProgress('code');
      void ask({ code }, device, { name: 'code', lost: null, isUnreadable: true });
    },
    typeCode: () => goTo({ name: 'code', lost: null, isUnreadable: false }),
    finish: () => goTo({ name: 'done' }),
  };
}
