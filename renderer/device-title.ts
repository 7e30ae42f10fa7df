import type { TFunction } from 'i18next';

/** "Anna’s laptop"; the device alone where it says whose it is, or nobody is named. */
export function deviceTitle(t: TFunction, person: string | null, device: string | null): string {
  if (person === null) return device ?? t('people.someDevice');
  if (device === null) return t('people.deviceOf', { person });
  return device.toLowerCase().includes(person.toLowerCase())
    ? device
    : t('people.namedDeviceOf', { person, device });
}
