import { AppError } from '../core/errors.ts';
import type { Budget } from '../core/policy.ts';

/** Whose limit it is. */
export type Whose =
  | { readonly kind: 'key'; readonly name: string; readonly model: string | null }
  | { readonly kind: 'team'; readonly name: string; readonly model: null };

/** What every refusal of the gate says: what is the matter, until when, and who can change it. */

export function keyPaused(name: string): AppError {
  return refused(
    `The key “${name}” is paused. The owner of this Inglenook has paused it and can let it go on.`,
    'key_paused',
  );
}

export function teamPaused(name: string): AppError {
  return refused(
    `The team “${name}” is paused. The owner of this Inglenook has paused it and can let it go on.`,
    'team_paused',
  );
}

export function addressNotAllowed(name: string, address: string): AppError {
  return refused(
    `The key “${name}” may not be used from ${address}. Use it from where it is meant to be used, or ask the owner of this Inglenook to allow this address.`,
    'ip_not_allowed',
  );
}

export function roleNotAllowed(): AppError {
  return refused(
    'This key is for monitoring only; ask the owner for a key that may use models.',
    'role_not_allowed',
  );
}

function refused(message: string, code: string): AppError {
  return new AppError(message, { status: 403, code, retryable: false });
}

export function tooManyRequests(whose: Whose, perMinute: number, waitMs: number): AppError {
  return comeBack(`${nameOf(whose)} may make ${count(perMinute, 'request')} per minute`, waitMs);
}

export function tooManyTokens(whose: Whose, perMinute: number, waitMs: number): AppError {
  return comeBack(`${nameOf(whose)} may use ${count(perMinute, 'token')} per minute`, waitMs, 'tokens');
}

export function tooManyAtOnce(whose: Whose, most: number, waitMs: number): AppError {
  return comeBack(
    `${nameOf(whose)} may have ${count(most, 'request')} answered at the same time, and ${most === 1 ? 'it runs' : 'they run'} already`,
    waitMs,
  );
}

/** All that is left is put aside for requests that run; they give back what they do not need. */
export function budgetHeld(whose: Whose, budget: Budget, waitMs: number): AppError {
  return comeBack(
    `What is left of the budget of ${nameOf(whose)} (${describe(budget, '')}) is put aside for requests that run just now`,
    waitMs,
    'tokens',
  );
}

function comeBack(what: string, waitMs: number, limited: 'requests' | 'tokens' = 'requests'): AppError {
  const seconds = Math.max(waitMs, 1) / 1000;
  return new AppError(
    `${capital(what)}. Please try again in ${seconds < 10 ? seconds.toFixed(1) : Math.ceil(seconds)}s. The owner of this Inglenook can raise the limit.`,
    { status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: Math.max(1, Math.ceil(seconds)), limited },
  );
}

type Spent = {
  readonly endMs: number | null;
  readonly timeZone: string;
  readonly currency: string;
  /** Null: nothing is left at all. */
  readonly asked: { readonly need: number; readonly left: number } | null;
};

/** Trying again does not help before the period ends, so no time is given for it (clients.md §5.1). */
export function budgetSpent(
  whose: Whose,
  budget: Budget,
  { endMs, timeZone, currency, asked }: Spent,
): AppError {
  const of = `the budget of ${nameOf(whose)} (${describe(budget, currency)})`;
  const what =
    asked === null
      ? `${of} is spent`
      : `this request may need ${asked.need} ${budget.unit === 'money' ? currency : 'tokens'}, and of ${of} ${asked.left} are left; a smaller max_tokens or a shorter prompt may fit`;
  const until =
    endMs === null ? 'It does not begin anew by itself' : `It begins anew on ${moment(endMs, timeZone)}`;
  return new AppError(`${capital(what)}. ${until}. The owner of this Inglenook can raise it.`, {
    status: 429,
    code: 'insufficient_quota',
    retryable: false,
  });
}

export function priceMissing(whose: Whose, model: string): AppError {
  return new AppError(
    `${capital(nameOf(whose))} has a money budget, and the model \`${model}\` has no price to count it by. The owner of this Inglenook can set one.`,
    { status: 429, code: 'insufficient_quota', param: 'model', retryable: false },
  );
}

function describe({ unit, amount, period }: Budget, currency: string): string {
  const what =
    unit === 'tokens'
      ? count(amount, 'token')
      : `${amount.toLocaleString('en', { maximumFractionDigits: 6 })} ${currency}`.trim();
  return period === 'total' ? `${what} in all` : `${what} per ${period}`;
}

function nameOf(whose: Whose): string {
  if (whose.kind === 'team') return `the team “${whose.name}”`;
  return whose.model === null
    ? `the key “${whose.name}”`
    : `the key “${whose.name}” with the model \`${whose.model}\``;
}

function moment(timeMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone });
  return `${format.format(timeMs)} (${timeZone})`;
}

function count(amount: number, what: string): string {
  return `${amount.toLocaleString('en')} ${what}${amount === 1 ? '' : 's'}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
