/** When a new key ends, as the form offers it. */
export const expiryChoices = ['never', 'week', 'month', 'quarter', 'year', 'date'] as const;
export type ExpiryChoice = (typeof expiryChoices)[number];

const days = { week: 7, month: 30, quarter: 90, year: 365 } as const;

/**
 * The moment, or null for never. A day chosen in the calendar still counts: the key ends with it, in the
 * browser's time zone. Null as well for a day that is missing or over.
 */
export function expiryDate(
  choice: { readonly expiry: ExpiryChoice; readonly expiryDay: string },
  now: Date = new Date(),
): Date | null {
  if (choice.expiry === 'never') return null;
  if (choice.expiry === 'date') {
    const end = new Date(`${choice.expiryDay}T23:59:59`);
    return end.getTime() > now.getTime() ? end : null;
  }
  const end = new Date(now);
  end.setDate(end.getDate() + days[choice.expiry]);
  return end;
}
