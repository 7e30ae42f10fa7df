/** What the settings mean, for the German report; a test holds it to have every one of `admin-settings.ts`. */
export const germanSettings: Readonly<Record<string, string>> = {
  'lan.on': 'Ob das Büro hereingelassen ist oder nur dieser Rechner.',
  'lan.address': 'Die Adresse, die dem Büro genannt wird; null überlässt sie der Routing-Tabelle.',
  'https.only':
    'Ob andere Rechner nur über https Antwort bekommen. Programme brauchen dann Adressen mit https:// und unsere Zertifizierungsstelle.',
  'https.console': 'Ob Konsole und Verwaltungsschnittstelle auch anderen Rechnern antworten, über https.',
  'https.publicNames':
    'Namen, unter denen ein Tunnel oder Reverse Proxy hierher führt, durch Kommas getrennt. Von außerhalb der Domäne des Büros führen sie nur zur Schnittstelle.',
  'https.officeDomain':
    'Die eigene DNS-Domäne des Büros, damit unsere Zertifizierungsstelle für Namen darin bürgen darf; null für keine. Eine andere macht eine neue Zertifizierungsstelle, der die Geräte vertrauen müssen.',
  'edge.allow':
    'Adressen und Bereiche, die hereinkommen dürfen, durch Kommas getrennt; leer lässt alle anklopfen. Dieser Rechner darf es immer.',
  'edge.trustedProxies':
    'Adressen Ihrer eigenen Proxys (nginx, Caddy), denen geglaubt wird, von wem eine Anfrage kommt und ob über https. Sonst wird es niemandem geglaubt.',
  'edge.connectionsPerAddress': 'So viele Verbindungen darf ein anderer Rechner offen haben.',
  'edge.connectionsBeforeKey':
    'So viele davon, bevor dort jemand einen Schlüssel gezeigt oder sich angemeldet hat.',
  'edge.connectionsOffice':
    'So viele Verbindungen dürfen alle anderen Rechner zusammen offen haben; Fremde höchstens die Hälfte davon.',
  'edge.connectionsLoopback': 'So viele Verbindungen dürfen Programme auf diesem Rechner offen haben.',
  'edge.connectionsReserved': 'So viele davon bleiben der Konsole und der Befehlszeile vorbehalten.',
  'edge.requestsPerMinute':
    'So viele Anfragen darf ein anderer Rechner in einer Minute senden, ein Sechstel davon auf einmal; null für beliebig viele.',
  'edge.streamsPerAddress':
    'So viele Antworten an einen anderen Rechner dürfen gleichzeitig laufen; null für beliebig viele.',
  'edge.blockGuessers':
    'Ob eine Adresse, die immer wieder falsche Schlüssel, Passwörter oder Codes zeigt, eine Weile draußen bleibt.',
  'cache.enabled':
    'Ob Antworten im Arbeitsspeicher aufbewahrt und wieder gegeben werden, wenn genau dasselbe gefragt wird (Temperatur 0 oder ein Seed). Jeder Schlüssel hat seine eigenen und kann ausgenommen werden.',
  'cache.maxAgeMinutes': 'Wie viele Minuten lang eine Antwort wieder gegeben wird.',
  'cache.maxMegabytes':
    'So viel Arbeitsspeicher nehmen aufbewahrte Antworten zusammen ein, in MB; was am längsten nicht gebraucht wurde, geht zuerst.',
  'cache.anySampling': 'Ob auch Antworten wieder gegeben werden, die jedes Mal anders ausfallen würden.',
  'cache.shareAnswers':
    'Ob Schlüssel die Antworten voneinander bekommen. Schneller, wo viele dasselbe fragen; aber die Dauer einer Antwort verrät einem Schlüssel dann, dass ein anderer es gefragt hat.',
  'cache.sharePrefixes':
    'Ob Schlüssel berechnete Anfänge von Eingaben voneinander nutzen dürfen. Schneller, wo alle lange Anweisungen teilen; aber die Dauer einer Antwort verrät einem Schlüssel dann, ob ein anderer dasselbe gefragt hat.',
  'cors.origins':
    'Seiten dieser Herkünfte dürfen die Schnittstelle aus einem Browser nutzen, durch Kommas getrennt; ihre eigene Adresse darf es immer.',
  'images.fetchRemote':
    'Ob der Server Bilder holt, auf die Nachrichten nur verweisen, von öffentlichen Adressen im Netz. Aus: Programme senden das Bild selbst.',
  'responses.keepHours':
    'Wie viele Stunden Antworten aufbewahrt werden, die Werkzeuge speichern lassen, so verschlüsselt, dass nur der Schlüssel des Geräts sie öffnet; 0 bewahrt keine auf.',
  'audit.keepDays':
    'Wie viele Tage der Nachweis aufbewahrt wird, mindestens 90; 0 bewahrt ihn unbegrenzt auf. Was gelöscht wird, hinterlässt einen unterschriebenen Prüfpunkt, sodass sich der Rest weiter prüfen lässt.',
  'log.keepDays':
    'Nach wie vielen Tagen einzelne Anfragen aus dem Protokoll gelöscht werden; null behält sie. Summen bleiben.',
  'usage.keepDays': 'Nach wie vielen Tagen die Summen der Nutzung gelöscht werden; null behält sie.',
  'metrics.perKey':
    'Ob /metrics Anfragen und Token auch je Schlüssel unter seinem Namen zählt; für höchstens 500 Schlüssel seit dem Start.',
  'tracing.office':
    'Ob Eingaben und Antworten aller Schlüssel aufbewahrt werden, Geheimnisse verdeckt (all), oder nur die von Schlüsseln, die aufgezeichnet werden (off). Jede Antwort sagt es dem Gerät.',
  'tracing.notice': 'Ihr eigener Satz an die Geräte, solange tracing.office auf all steht; null für unseren.',
  'tracing.keepDays':
    'Wie viele Tage aufbewahrte Eingaben gelesen werden können; binnen eines weiteren Tages werden sie endgültig gelöscht.',
  'money.currency': 'Die Währung von Preisen und Geldbudgets. Wenn sie sich ändert, wird nichts umgerechnet.',
  'downloads.leaveFreeGb': 'So viel Platz lassen Downloads auf dem Datenträger frei, in GB.',
  'downloads.connections': 'Über wie viele Verbindungen eine Datei gleichzeitig geholt wird.',
  'hub.address': 'Die Modellbörse, von der hf:-Namen geholt werden, oder ein Spiegel von ihr.',
  'hub.token':
    'Ihr Zugangsschlüssel für die Modellbörse, für Modelle mit Bedingungen. Er wird nie wieder angezeigt; null vergisst ihn.',
};
