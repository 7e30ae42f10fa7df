/** What the shell itself says; the console has its own sentences. */
const english = {
  status: {
    starting: 'Starting …',
    serving: 'Serving',
    pausedAll: 'Paused',
    pausedGpu: 'The graphics card is yours',
    releasing: 'Letting answers end …',
    restarting: 'The server has ended and is being started again …',
    failed: 'The server does not run',
    quitting: 'Letting answers end …',
  },
  until: (time: string) => `until ${time}`,
  active: (count: number) => (count === 1 ? '1 request' : `${count} requests`),
  copyAddress: (address: string) => `Copy address: ${address}`,
  officeClosed: 'The office is not let in',
  waitingDevices: (count: number) =>
    count === 1 ? 'A device asks to be let in …' : `${count} devices ask to be let in …`,
  newerVersion: (version: string) => `Version ${version} is there …`,
  securityUpdate: (version: string) => `Security update: version ${version} …`,
  open: 'Open Inglenook',
  openInBrowser: 'Open in browser',
  pause: 'Pause serving',
  resume: 'Resume serving',
  needGpu: 'I need my GPU',
  needGpuFor: (hours: number) => (hours === 1 ? 'For 1 hour' : `For ${hours} hours`),
  needGpuUntilMorning: 'Until tomorrow, 8:00',
  needGpuUntilISay: 'Until I say so',
  giveGpuBack: 'The office may have it again',
  logs: 'Open logs folder',
  quit: 'Quit Inglenook',
  retry: 'Try again',
  restart: 'Restart server',
  health: 'Health',
  file: 'File',
  help: 'Help',
  failedTitle: 'Inglenook’s server does not run',
  failedDetail: 'Keys, devices and the log are safe. While it does not run, nobody is answered.',
  againAndAgain: 'It has ended five times within five minutes, so it is not started again by itself.',
  keychainSilent:
    'This computer’s keychain has not answered, and only it can open the secret of the server. Unlock it (sign in to it, or start its service), then try again. Nothing is lost meanwhile. If the keychain itself is lost: restore a backup of Inglenook, which carries the secret.',
  alreadyTitle: 'Inglenook is already running',
  alreadyMessage: (address: string) =>
    `A server without a window (a service, or npm start) has this computer’s data, at ${address}. This window cannot join it, but your browser can.`,
  alreadyUnknown:
    'Another server has this computer’s data and is just starting or stopping. Try again in a moment.',
  openRunning: 'Open it in the browser',
  hidingTitle: 'Inglenook goes on',
  hidingTray:
    'The server keeps answering while the window is closed. You find it at the symbol near the clock.',
  hidingDock:
    'The server keeps answering while the window is closed. You find it in the dock and the menu bar.',
  hidingMinimised:
    'The server keeps answering. This desktop has no place for symbols, so the window stays in the task bar; to end Inglenook choose File → Quit.',
  brokenTitle: 'The window keeps failing',
  brokenMessage: 'The server goes on; only its window does not. The console works in any browser.',
  pairingTitle: 'A device asks to be let in',
  pairingBody: (device: string, code: string) =>
    `${device} shows ${code}. Compare, and decide in the window.`,
};

export type Words = typeof english;

const german: Words = {
  status: {
    starting: 'Startet …',
    serving: 'In Betrieb',
    pausedAll: 'Pausiert',
    pausedGpu: 'Die Grafikkarte gehört Ihnen',
    releasing: 'Laufende Antworten dürfen enden …',
    restarting: 'Der Server wurde beendet und wird neu gestartet …',
    failed: 'Der Server läuft nicht',
    quitting: 'Laufende Antworten dürfen enden …',
  },
  until: (time) => `bis ${time}`,
  active: (count) => (count === 1 ? '1 Anfrage' : `${count} Anfragen`),
  copyAddress: (address) => `Adresse kopieren: ${address}`,
  officeClosed: 'Das Büro hat keinen Zugang',
  waitingDevices: (count) => (count === 1 ? 'Ein Gerät möchte Zugang …' : `${count} Geräte möchten Zugang …`),
  newerVersion: (version) => `Version ${version} ist da …`,
  securityUpdate: (version) => `Sicherheitsupdate: Version ${version} …`,
  open: 'Inglenook öffnen',
  openInBrowser: 'Im Browser öffnen',
  pause: 'Pausieren',
  resume: 'Weitermachen',
  needGpu: 'Ich brauche meine GPU',
  needGpuFor: (hours) => (hours === 1 ? 'Für 1 Stunde' : `Für ${hours} Stunden`),
  needGpuUntilMorning: 'Bis morgen, 8:00 Uhr',
  needGpuUntilISay: 'Bis ich es sage',
  giveGpuBack: 'Das Büro darf sie wieder benutzen',
  logs: 'Ordner der Protokolle öffnen',
  quit: 'Inglenook beenden',
  retry: 'Noch einmal versuchen',
  restart: 'Server neu starten',
  health: 'Zustand',
  file: 'Datei',
  help: 'Hilfe',
  failedTitle: 'Inglenooks Server läuft nicht',
  failedDetail:
    'Schlüssel, Geräte und Protokoll sind sicher. Solange er nicht läuft, bekommt niemand Antwort.',
  againAndAgain:
    'Er ist innerhalb von fünf Minuten fünfmal ausgefallen und wird deshalb nicht mehr von selbst gestartet.',
  keychainSilent:
    'Der Schlüsselbund dieses Rechners hat nicht geantwortet, und nur er kann das Geheimnis des Servers öffnen. Entsperren Sie ihn (anmelden, oder seinen Dienst starten) und versuchen Sie es noch einmal. Es geht inzwischen nichts verloren. Ist der Schlüsselbund selbst verloren: Stellen Sie eine Sicherung von Inglenook wieder her, sie enthält das Geheimnis.',
  alreadyTitle: 'Inglenook läuft bereits',
  alreadyMessage: (address) =>
    `Ein Server ohne Fenster (ein Dienst oder npm start) benutzt die Daten dieses Rechners, unter ${address}. Dieses Fenster kann nicht dazukommen, Ihr Browser schon.`,
  alreadyUnknown:
    'Ein anderer Server benutzt die Daten dieses Rechners und startet oder endet gerade. Versuchen Sie es gleich noch einmal.',
  openRunning: 'Im Browser öffnen',
  hidingTitle: 'Inglenook läuft weiter',
  hidingTray:
    'Der Server antwortet weiter, auch wenn das Fenster zu ist. Sie finden ihn am Symbol neben der Uhr.',
  hidingDock:
    'Der Server antwortet weiter, auch wenn das Fenster zu ist. Sie finden ihn im Dock und in der Menüleiste.',
  hidingMinimised:
    'Der Server antwortet weiter. Dieser Schreibtisch hat keinen Platz für Symbole, deshalb bleibt das Fenster in der Leiste; beenden Sie Inglenook mit Datei → Beenden.',
  brokenTitle: 'Das Fenster stürzt immer wieder ab',
  brokenMessage: 'Der Server läuft weiter, nur sein Fenster nicht. Die Konsole geht auch in jedem Browser.',
  pairingTitle: 'Ein Gerät möchte Zugang',
  pairingBody: (device, code) => `${device} zeigt ${code}. Vergleichen und entscheiden Sie im Fenster.`,
};

/** By the system's language, as Electron tells it: `de`, `de-AT`, `en-US`. */
export function wordsFor(locale: string): Words {
  return /^de\b/iu.test(locale) ? german : english;
}
