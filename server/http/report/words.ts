import type { ReportLanguage, SecurityReport } from '../../wire/report.ts';
import { germanSettings } from './setting-words.ts';

/** What the report says around its data. */
export type Words = {
  readonly title: string;
  readonly made: string;
  readonly data: string;
  readonly dataIntro: string;
  readonly kinds: Readonly<Record<SecurityReport['data'][number]['kind'], string>>;
  readonly othersMayRead: string;
  readonly access: string;
  readonly password: Readonly<Record<'set' | 'notSet', string>>;
  readonly adminHere: string;
  readonly office: Readonly<Record<'open' | 'closed', string>>;
  readonly adminByHttps: string;
  readonly transport: Readonly<Record<SecurityReport['access']['transport'], string>>;
  readonly encryption: string;
  readonly certificate: string;
  readonly refusedSignIns: string;
  readonly keys: string;
  readonly keysIntro: string;
  readonly teams: string;
  readonly leaving: string;
  readonly leavingIntro: string;
  readonly leftNothing: string;
  readonly left: string;
  readonly exports: string;
  readonly exportsIntro: string;
  readonly exportKinds: Readonly<Record<SecurityReport['exports'][number]['kind'], string>>;
  readonly sends: Readonly<Record<'rows' | 'people' | 'noPeople' | 'prompts' | 'noPrompts', string>>;
  readonly tracing: string;
  readonly officeTracing: Readonly<Record<SecurityReport['tracing']['office'], string>>;
  readonly tracedKeys: string;
  readonly tracesKept: string;
  readonly tracesNow: string;
  readonly oldest: string;
  readonly tracesUnreadable: string;
  readonly retention: string;
  readonly keeps: Readonly<Record<SecurityReport['retention'][number]['kind'], string>>;
  readonly units: Readonly<Record<SecurityReport['retention'][number]['unit'], string>>;
  readonly forEver: string;
  readonly until: string;
  readonly settings: string;
  readonly settingsIntro: string;
  /** What a setting means, by its name, where the settings' own sentence is in another language. */
  readonly settingMeanings: Readonly<Record<string, string>>;
  readonly backups: string;
  readonly backupsOn: string;
  readonly backupsOff: string;
  readonly neverYet: string;
  readonly audit: string;
  readonly auditOk: string;
  readonly auditNotOk: string;
  readonly auditHead: string;
  readonly auditPurged: string;
  readonly none: string;
  readonly yes: string;
  readonly no: string;
  readonly all: string;
  readonly never: string;
  readonly columns: Readonly<
    Record<
      | 'what'
      | 'name'
      | 'size'
      | 'person'
      | 'team'
      | 'device'
      | 'status'
      | 'models'
      | 'limits'
      | 'addresses'
      | 'traced'
      | 'mayLeave'
      | 'expires'
      | 'lastUsed'
      | 'address'
      | 'key'
      | 'content'
      | 'sent'
      | 'lastSuccess'
      | 'keptFor'
      | 'requests'
      | 'tokensIn'
      | 'tokensOut'
      | 'setting'
      | 'value'
      | 'meaning',
      string
    >
  >;
  readonly limit: Readonly<
    Record<
      'requestsPerMinute' | 'tokensPerMinute' | 'maxParallel' | 'tokens' | 'day' | 'week' | 'month' | 'total',
      string
    >
  >;
  readonly statuses: Readonly<Record<SecurityReport['keys'][number]['status'], string>>;
};

const english: Words = {
  title: 'Security report',
  made: 'Made',
  data: 'Where data lie',
  dataIntro:
    'Everything is kept in one folder of this computer. Prompts and answers are kept only where tracing is on, as told below; stored responses are encrypted with the key of their device.',
  kinds: {
    database: 'Database: keys (as SHA-256 only), settings, log, audit',
    traces: 'Kept prompts and answers, with secrets masked, as plain text',
    journal: 'Rows on their way into the database',
    prices: 'Your own list of cloud prices',
    secret: 'The server’s own secret',
    token: 'Token of the command line on this computer',
    logs: 'The server’s own log, without prompts',
    models: 'Model files',
    snapshots: 'Copies from before an update, deleted after two weeks',
    kept: 'Data of a restore',
    running: 'Notes of the running server',
    other: 'Other',
  },
  othersMayRead: 'Other accounts of this computer may read it',
  access: 'Who may come in',
  password: { set: 'The owner’s password is set.', notSet: 'The owner’s password has not been set yet.' },
  adminHere: 'The console and the admin API answer on this computer only.',
  office: {
    open: 'The office is let in at',
    closed: 'The office is not let in: the API answers on this computer only.',
  },
  adminByHttps: 'The console and the admin API answer other computers too, by https alone.',
  transport: {
    http: 'There is no certificate: everything travels as plain http. On the office’s network keys and prompts can be read by who listens there.',
    'http-and-https':
      'Other computers are answered by https and by plain http. Over http keys and prompts can be read by who listens on the office’s network.',
    https: 'Other computers are answered by https alone.',
  },
  encryption: 'Encryption on the way, and certificate',
  certificate: 'Certificate, by whom and until when:',
  refusedSignIns: 'Refused sign-ins in the last 30 days:',
  keys: 'Who holds keys',
  keysIntro: 'Keys that have not been revoked. Of a key itself only its SHA-256 is kept.',
  teams: 'Limits of teams',
  leaving: 'What may leave the office, and what has left it',
  leavingIntro: 'Other servers that requests may be passed on to:',
  leftNothing: 'In the last 30 days no request has left the office.',
  left: 'Requests that left the office in the last 30 days:',
  exports: 'Where the log is sent besides',
  exportsIntro:
    'These are sent to by the owner’s choice, all the time and in the background. What has arrived there is kept and erased there.',
  exportKinds: { postgres: 'PostgreSQL', otlp: 'Traces (OTLP)', langfuse: 'Langfuse' },
  sends: {
    rows: 'the log',
    people: 'with who asked',
    noPeople: 'without who asked',
    prompts: 'prompts and answers of traced keys, masked (outside the office: of keys that may leave)',
    noPrompts: 'no prompts',
  },
  tracing: 'Whose prompts are kept',
  officeTracing: {
    off: 'The office’s policy keeps nobody’s prompts.',
    all: 'By the office’s policy the prompts and answers of every key are kept, with secrets masked. Every answer tells the device.',
  },
  tracedKeys: 'Keys whose prompts are kept until their own end (see “Who holds keys”):',
  tracesKept: 'What is kept can be read for',
  tracesNow: 'Requests of which something is kept now:',
  oldest: 'the oldest of',
  tracesUnreadable: 'What is kept cannot be read just now.',
  retention: 'How long what is kept',
  keeps: {
    requests: 'Requests one by one (no prompts)',
    usage: 'Sums of usage',
    prompts: 'Prompts and answers of traced keys',
    responses: 'Responses that tools ask to be stored, encrypted for their device',
    audit: 'Audit',
    serverLog: 'The server’s own log (a file holds a day or 10 MB)',
    snapshots: 'Copies of the database from before an update',
    backups: 'Scheduled backups',
  },
  units: { days: 'days', hours: 'hours', files: 'files' },
  forEver: 'for ever',
  until: 'until',
  settings: 'Settings',
  settingsIntro: 'The request log holds no prompts.',
  settingMeanings: {},
  backups: 'Backups',
  backupsOn: 'Every day, encrypted, into',
  backupsOff: 'No regular backup is set.',
  neverYet: 'There has been none yet.',
  audit: 'Audit',
  auditOk: 'The audit is whole: every row is as it was written, and none is missing. Rows checked:',
  auditNotOk: 'The audit is not whole:',
  auditHead: 'Its newest row. Kept elsewhere, it lets a later verification be held to it:',
  auditPurged: 'Rows deleted on purpose after their time, up to number',
  none: 'None.',
  yes: 'yes',
  no: 'no',
  all: 'all',
  never: 'never',
  columns: {
    what: 'What',
    name: 'Name',
    size: 'Size',
    person: 'Person',
    team: 'Team',
    device: 'Device',
    status: 'Status',
    models: 'Models',
    limits: 'Limits',
    addresses: 'Addresses',
    traced: 'Prompts kept',
    mayLeave: 'May leave',
    expires: 'Expires',
    lastUsed: 'Last used',
    address: 'Address',
    key: 'Key',
    content: 'What is sent',
    sent: 'Sent / waiting',
    lastSuccess: 'Last success',
    keptFor: 'Kept for',
    requests: 'Requests',
    tokensIn: 'Tokens in',
    tokensOut: 'Tokens out',
    setting: 'Setting',
    value: 'Value',
    meaning: 'Meaning',
  },
  limit: {
    requestsPerMinute: 'requests a minute',
    tokensPerMinute: 'tokens a minute',
    maxParallel: 'at once',
    tokens: 'tokens',
    day: 'a day',
    week: 'a week',
    month: 'a month',
    total: 'in all',
  },
  statuses: { active: 'active', paused: 'paused', expired: 'expired', revoked: 'revoked' },
};

const german: Words = {
  title: 'Sicherheitsbericht',
  made: 'Erstellt',
  data: 'Wo Daten liegen',
  dataIntro:
    'Alles liegt in einem Ordner dieses Rechners. Eingaben und Antworten werden nur aufbewahrt, wo Aufzeichnung eingeschaltet ist, wie unten gesagt; gespeicherte Antworten sind mit dem Schlüssel ihres Geräts verschlüsselt.',
  kinds: {
    database: 'Datenbank: Schlüssel (nur als SHA-256), Einstellungen, Protokoll, Nachweis',
    traces: 'Aufbewahrte Eingaben und Antworten, Geheimnisse verdeckt, als Klartext',
    journal: 'Zeilen auf dem Weg in die Datenbank',
    prices: 'Ihre eigene Liste von Cloud-Preisen',
    secret: 'Das eigene Geheimnis des Servers',
    token: 'Zugang der Kommandozeile auf diesem Rechner',
    logs: 'Eigenes Protokoll des Servers, ohne Eingaben',
    models: 'Modelldateien',
    snapshots: 'Kopien von vor einer Aktualisierung, nach zwei Wochen gelöscht',
    kept: 'Daten einer Wiederherstellung',
    running: 'Notizen des laufenden Servers',
    other: 'Anderes',
  },
  othersMayRead: 'Andere Konten dieses Rechners dürfen es lesen',
  access: 'Wer hereinkommt',
  password: {
    set: 'Das Passwort des Eigentümers ist gesetzt.',
    notSet: 'Das Passwort des Eigentümers ist noch nicht gesetzt.',
  },
  adminHere: 'Konsole und Verwaltungsschnittstelle antworten nur auf diesem Rechner.',
  office: {
    open: 'Das Büro ist hereingelassen unter',
    closed: 'Das Büro ist nicht hereingelassen: Die Schnittstelle antwortet nur auf diesem Rechner.',
  },
  adminByHttps: 'Konsole und Verwaltungsschnittstelle antworten auch anderen Rechnern, nur über https.',
  transport: {
    http: 'Es gibt kein Zertifikat: Alles reist als einfaches http. Im Netz des Büros kann Schlüssel und Eingaben lesen, wer dort mithört.',
    'http-and-https':
      'Andere Rechner bekommen Antwort über https und über einfaches http. Über http kann im Netz des Büros Schlüssel und Eingaben lesen, wer dort mithört.',
    https: 'Andere Rechner bekommen nur über https Antwort.',
  },
  encryption: 'Verschlüsselung unterwegs und Zertifikat',
  certificate: 'Zertifikat, von wem und bis wann:',
  refusedSignIns: 'Abgewiesene Anmeldungen in den letzten 30 Tagen:',
  keys: 'Wer Schlüssel hat',
  keysIntro: 'Schlüssel, die nicht widerrufen sind. Vom Schlüssel selbst wird nur der SHA-256 aufbewahrt.',
  teams: 'Grenzen von Teams',
  leaving: 'Was das Büro verlassen darf, und was es verlassen hat',
  leavingIntro: 'Andere Server, an die Anfragen weitergegeben werden können:',
  leftNothing: 'In den letzten 30 Tagen hat keine Anfrage das Büro verlassen.',
  left: 'Anfragen, die in den letzten 30 Tagen das Büro verlassen haben:',
  exports: 'Wohin das Protokoll außerdem gesendet wird',
  exportsIntro:
    'Dorthin wird auf Wunsch des Eigentümers fortlaufend im Hintergrund gesendet. Was angekommen ist, wird dort aufbewahrt und gelöscht.',
  exportKinds: { postgres: 'PostgreSQL', otlp: 'Traces (OTLP)', langfuse: 'Langfuse' },
  sends: {
    rows: 'das Protokoll',
    people: 'mit den Namen derer, die fragen',
    noPeople: 'ohne Namen',
    prompts:
      'Eingaben und Antworten aufgezeichneter Schlüssel, Geheimnisse verdeckt (außerhalb des Büros: von Schlüsseln, die hinaus dürfen)',
    noPrompts: 'keine Eingaben',
  },
  tracing: 'Wessen Eingaben aufbewahrt werden',
  officeTracing: {
    off: 'Nach der Regel des Büros werden von niemandem Eingaben aufbewahrt.',
    all: 'Nach der Regel des Büros werden Eingaben und Antworten aller Schlüssel aufbewahrt, Geheimnisse verdeckt. Jede Antwort sagt es dem Gerät.',
  },
  tracedKeys: 'Schlüssel, deren Eingaben bis zu ihrem Ende aufbewahrt werden (siehe „Wer Schlüssel hat“):',
  tracesKept: 'Aufbewahrtes ist lesbar für',
  tracesNow: 'Anfragen, von denen jetzt etwas aufbewahrt ist:',
  oldest: 'die älteste vom',
  tracesUnreadable: 'Aufbewahrtes ist gerade nicht lesbar.',
  retention: 'Wie lange was aufbewahrt wird',
  keeps: {
    requests: 'Einzelne Anfragen (ohne Eingaben)',
    usage: 'Summen der Nutzung',
    prompts: 'Eingaben und Antworten aufgezeichneter Schlüssel',
    responses: 'Antworten, die Werkzeuge speichern lassen, verschlüsselt für ihr Gerät',
    audit: 'Nachweis',
    serverLog: 'Eigenes Protokoll des Servers (eine Datei fasst einen Tag oder 10 MB)',
    snapshots: 'Kopien der Datenbank von vor einer Aktualisierung',
    backups: 'Regelmäßige Sicherungen',
  },
  units: { days: 'Tage', hours: 'Stunden', files: 'Dateien' },
  forEver: 'unbegrenzt',
  until: 'bis',
  settings: 'Einstellungen',
  settingsIntro: 'Das Protokoll der Anfragen enthält keine Eingaben.',
  settingMeanings: germanSettings,
  backups: 'Sicherungen',
  backupsOn: 'Jeden Tag, verschlüsselt, nach',
  backupsOff: 'Es ist keine regelmäßige Sicherung eingestellt.',
  neverYet: 'Es gab noch keine.',
  audit: 'Nachweis',
  auditOk:
    'Der Nachweis ist vollständig: Jede Zeile ist, wie sie geschrieben wurde, und keine fehlt. Geprüfte Zeilen:',
  auditNotOk: 'Der Nachweis ist nicht vollständig:',
  auditHead: 'Seine neueste Zeile. Anderswo aufbewahrt, kann eine spätere Prüfung daran gemessen werden:',
  auditPurged: 'Nach ihrer Zeit absichtlich gelöschte Zeilen, bis zur Nummer',
  none: 'Keine.',
  yes: 'ja',
  no: 'nein',
  all: 'alle',
  never: 'nie',
  columns: {
    what: 'Was',
    name: 'Name',
    size: 'Größe',
    person: 'Person',
    team: 'Team',
    device: 'Gerät',
    status: 'Zustand',
    models: 'Modelle',
    limits: 'Grenzen',
    addresses: 'Adressen',
    traced: 'Eingaben aufbewahrt',
    mayLeave: 'Darf hinaus',
    expires: 'Läuft ab',
    lastUsed: 'Zuletzt benutzt',
    address: 'Adresse',
    key: 'Schlüssel',
    content: 'Was gesendet wird',
    sent: 'Gesendet / wartend',
    lastSuccess: 'Zuletzt gelungen',
    keptFor: 'Aufbewahrt für',
    requests: 'Anfragen',
    tokensIn: 'Token hinein',
    tokensOut: 'Token heraus',
    setting: 'Einstellung',
    value: 'Wert',
    meaning: 'Bedeutung',
  },
  limit: {
    requestsPerMinute: 'Anfragen je Minute',
    tokensPerMinute: 'Token je Minute',
    maxParallel: 'gleichzeitig',
    tokens: 'Token',
    day: 'je Tag',
    week: 'je Woche',
    month: 'je Monat',
    total: 'insgesamt',
  },
  statuses: { active: 'aktiv', paused: 'angehalten', expired: 'abgelaufen', revoked: 'widerrufen' },
};

export const words: Readonly<Record<ReportLanguage, Words>> = { en: english, de: german };
