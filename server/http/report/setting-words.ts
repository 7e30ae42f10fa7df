/** What the settings mean, for the German report; a test holds it to have every one of `admin-settings.ts`. */
export const germanSettings: Readonly<Record<string, string>> = {
  'lan.on': 'Ob das Büro hereingelassen ist oder nur dieser Rechner.',
  'lan.address': 'Die Adresse, die dem Büro genannt wird; null überlässt sie der Routing-Tabelle.',
  'network.port':
    'Auf welchem Port der Server ab dem nächsten Start antwortet; null für den üblichen 11500. Was INGLENOOK_PORT sagt, gilt vorher.',
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
  'routing.retries':
    'Wie oft ein anderer Server nach einer Pause noch einmal gefragt wird, wenn er vor dem ersten Teil einer Antwort versagt; 0 für nie. Die eingebaute Engine wird nie noch einmal gefragt. Nach drei Fehlern hintereinander wird ein Server eine Weile in Ruhe gelassen.',
  'office.name':
    'Wie der Server des Büros heißt, wo man ihm beitritt und im Netz; null für „Inglenook on“ und den Namen dieses Rechners.',
  'setup.stage':
    'Wie weit die Einrichtung ist: new öffnet sie im Fenster der App, begun zeigt auf der Startseite, was noch fehlt, done zeigt nichts.',
  'office.contact':
    'Wen andere fragen, wenn etwas nicht geht, in Ihren Worten, etwa „Eva, Zimmer 12“; steht auf der eigenen Seite von allen. Null: niemand wird genannt.',
  'pairing.uninvited':
    'Ob Geräte um Einlass bitten dürfen, die niemand eingeladen hat (inglenook connect). Sie werden gefragt, bevor etwas geschieht, und erfahren, dass es keine Einladung gab. Aus: nur Ihre Einladungen, Codes und Tickets führen herein.',
  'check.auto':
    'Ob Modelle nach einer Änderung der Engine, des Modells oder seiner Einstellungen von selbst wieder geprüft werden, für welche Werkzeuge sie taugen: nur solange sie im Arbeitsspeicher sind, niemand den Server benutzt und nichts das Büro verlässt.',
  'updates.check':
    'Ob der Server einmal am Tag nach neueren Versionen seiner selbst sieht, mit einer Anfrage, die niemandem verrät, wer fragt (yes), oder nicht (no); ask: Sie haben es noch nicht gesagt, und er tut es nicht. Nichts wird von selbst eingespielt.',
  'updates.feed':
    'Wo Nachrichten über neuere Versionen liegen, statt an der Adresse der Macher: eine Datei auf einem Server Ihres Netzes oder /.well-known/inglenook-updates.json eines anderen Inglenook. Was die Macher nicht unterschrieben haben, wird nicht geglaubt. Null: die der Macher.',
  'outside.name':
    'Der öffentliche https-Name, unter dem Ihr Proxy oder Tunnel hierher führt. Von dort sind nur /v1/models und der Chat zu erreichen, mit Schlüsseln, die von außen gelten. Null: aus dem Internet kommt niemand herein.',
  'hours.week':
    'Die Bürozeiten in der Zeitzone dieses Rechners, etwa Mon-Fri 08:00-18:00; Sat 09:00-13:00. Vor ihrem Beginn werden Modelle geladen. Null: nichts geschieht nach der Uhr.',
  'hours.preloadMinutes': 'So viele Minuten vor Beginn der Bürozeiten werden die Modelle geladen.',
  'hours.models':
    'Modelle oder Namen, die für die Bürozeiten geladen werden, durch Kommas getrennt; leer für die, die beim Start geladen werden sollen, und das, wofür office steht.',
  'hours.keepAwake': 'Ob dieser Rechner während der Bürozeiten wach gehalten wird.',
  'hours.unloadAfterMinutes':
    'Außerhalb der Bürozeiten verlässt ein Modell nach so vielen Minuten ohne Nutzung den Arbeitsspeicher; null: wie die Einstellungen jedes Modells es sagen.',
  'cors.origins':
    'Seiten dieser Herkünfte dürfen die Schnittstelle aus einem Browser nutzen, durch Kommas getrennt; ihre eigene Adresse darf es immer.',
  'online.never':
    'Ob der Server nie ins Internet geht: kein Modell wird geladen oder gesucht, kein Bild geholt, kein Export verlässt das Büro, und nach neueren Versionen wird nur im eigenen Netz gesehen. Server, die Sie hinzugefügt haben, werden trotzdem gefragt. Immer true, wo er mit INGLENOOK_OFFLINE=1 gestartet ist.',
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
  'downloads.paused': 'Ob alle Downloads warten, bis Sie sie weiterlaufen lassen; was schon da ist, bleibt.',
  'downloads.hours':
    'In welchen Stunden jedes Tages Modelle geladen werden, nach der Uhr dieses Rechners, etwa 22:00-06:00; null für jederzeit.',
  'downloads.mostMegabytesPerSecond':
    'So viel von der Leitung dürfen alle Downloads zusammen nehmen, in MB je Sekunde; null für so viel, wie da ist.',
  'hub.address': 'Die Modellbörse, von der hf:-Namen geholt werden, oder ein Spiegel von ihr.',
  'hub.token':
    'Ihr Zugangsschlüssel für die Modellbörse, für Modelle mit Bedingungen. Er wird nie wieder angezeigt; null vergisst ihn.',
};
