/** What a program knows of its surroundings; values, since this file is read where there is no Node as well. */
export type Surroundings = {
  /** `process.platform` */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's own folder. */
  readonly home: string;
};

/**
 * Where the data lives when nobody says otherwise: each platform's own place for an application's data. The server, the
 * command line and the app follow the same rule, or they would not find each other.
 */
export function usualDataDir({ platform, environment, home }: Surroundings): string {
  if (platform === 'darwin') return `${home}/Library/Application Support/Inglenook`;
  if (platform === 'win32') return `${environment['LOCALAPPDATA'] || `${home}\\AppData\\Local`}\\Inglenook`;
  return `${environment['XDG_DATA_HOME'] || `${home}/.local/share`}/inglenook`;
}
