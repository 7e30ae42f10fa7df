import { t } from './words.ts';

/** Names Android devices give instead of their own, to be told apart less easily. */
const noModel = /^(k|mobile|tablet|wv|[a-z]{2}-[a-z]{2})$/i;

/** A first suggestion for the device's name, by what the browser says of itself. */
export function guessDeviceName(userAgent: string, touchPoints: number): string {
  if (userAgent.includes('iPhone')) return 'iPhone';
  // iPads call themselves Macs; no Mac has a touch screen.
  if (/iPad|Macintosh/.test(userAgent)) return touchPoints > 1 || userAgent.includes('iPad') ? 'iPad' : 'Mac';
  const android = /Android[^;)]*(?:; ([^;)]+?))?(?: Build\/[^;)]*)?[;)]/.exec(userAgent);
  if (android !== null) {
    const model = android[1];
    if (model !== undefined && !noModel.test(model)) return model;
    return t(userAgent.includes('Mobile') ? 'guess.phone' : 'guess.tablet');
  }
  if (userAgent.includes('Windows')) return t('guess.windows');
  if (userAgent.includes('CrOS')) return 'Chromebook';
  return t(userAgent.includes('Linux') ? 'guess.linux' : 'guess.any');
}

export type System = 'linux' | 'mac' | 'windows';

/** Whose file paths to show first; null on phones, where no tool's files are. */
export function systemOf(userAgent: string): System | null {
  if (/Android|iPhone|iPad/.test(userAgent)) return null;
  if (userAgent.includes('Windows')) return 'windows';
  if (userAgent.includes('Macintosh')) return 'mac';
  return userAgent.includes('Linux') ? 'linux' : null;
}
