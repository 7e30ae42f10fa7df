import type { Text } from '../wire/text.ts';

export type AboutCheck = {
  /** Where in the console what it finds is put right; null where that is outside of Inglenook. */
  readonly path: string | null;
  /** What it looks at. */
  readonly looked: Text;
};

/** What the console shows of a check beside its finding, by the check's id. */
export const aboutChecks: Readonly<Record<string, AboutCheck | undefined>> = {
  gpu: {
    path: '/models/engines',
    looked: {
      en: 'The graphics cards and drivers of this computer, what the engine could open, and where the loaded models lie.',
      de: 'Die Grafikkarten und Treiber dieses Rechners, was die Engine öffnen konnte und wo die geladenen Modelle liegen.',
    },
  },
  memory: {
    path: '/models',
    looked: { en: 'The memory that is free now.', de: 'Der Arbeitsspeicher, der jetzt frei ist.' },
  },
  disk: {
    path: '/models',
    looked: {
      en: 'The free space where the data folder is.',
      de: 'Der freie Platz dort, wo der Datenordner liegt.',
    },
  },
  clock: {
    path: null,
    looked: {
      en: 'The clock of this computer against the newest request of the log, and whether it was put back since the start.',
      de: 'Die Uhr dieses Rechners gegen die neueste Anfrage des Protokolls, und ob sie seit dem Start zurückgestellt wurde.',
    },
  },
  database: {
    path: '/settings/backup',
    looked: {
      en: 'The size of the database, and SQLite’s own check of it.',
      de: 'Die Größe der Datenbank und ihre Prüfung durch SQLite.',
    },
  },
  engines: {
    path: '/models',
    looked: {
      en: 'The state of every model and its crashes, and whether Ollama answers.',
      de: 'Der Stand jedes Modells und seine Abstürze, und ob Ollama antwortet.',
    },
  },
  upstreams: {
    path: '/models/engines',
    looked: {
      en: 'Every other server that is set up was asked now.',
      de: 'Jeder andere eingerichtete Server wurde eben gefragt.',
    },
  },
  log: {
    path: null,
    looked: {
      en: 'Whether finished requests wait to be written.',
      de: 'Ob fertige Anfragen darauf warten, geschrieben zu werden.',
    },
  },
  backup: {
    path: '/settings/backup',
    looked: {
      en: 'The nightly schedule, the last backup and how old the newest whole one is.',
      de: 'Der nächtliche Zeitplan, die letzte Sicherung und wie alt die neueste ganze ist.',
    },
  },
  'last-request': {
    path: '/',
    looked: {
      en: 'Whether the office is let in, and the newest request from another computer since the start.',
      de: 'Ob das Büro eingelassen ist, und die neueste Anfrage eines anderen Rechners seit dem Start.',
    },
  },
  firewall: {
    path: null,
    looked: {
      en: 'Whether another computer has come through, and what the system tells about its firewall.',
      de: 'Ob ein anderer Rechner durchkam, und was das System über seine Firewall sagt.',
    },
  },
  mdns: {
    path: '/settings/network',
    looked: {
      en: 'The name was asked for on the network, as another device would.',
      de: 'Der Name wurde im Netz gefragt, wie ein anderes Gerät es täte.',
    },
  },
  address: {
    path: '/settings/network',
    looked: {
      en: 'The addresses of this computer now, and how often they have changed.',
      de: 'Die jetzigen Adressen dieses Rechners, und wie oft sie gewechselt haben.',
    },
  },
  certificate: {
    path: '/settings/network',
    looked: {
      en: 'The certificate that is served: its names, its addresses and how long it holds.',
      de: 'Das Zertifikat, das ausgegeben wird: seine Namen, seine Adressen und wie lange es gilt.',
    },
  },
  'side-doors': {
    path: null,
    looked: {
      en: 'Whether model servers on this computer answer on its network addresses, past keys and limits.',
      de: 'Ob Modellserver auf diesem Rechner unter seinen Netzadressen antworten, an Schlüsseln und Grenzen vorbei.',
    },
  },
  version: {
    path: null,
    looked: {
      en: 'The age of this version, and what is known of newer ones.',
      de: 'Das Alter dieser Version, und was über neuere bekannt ist.',
    },
  },
};
