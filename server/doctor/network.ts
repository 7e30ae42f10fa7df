import type { Clock } from '../core/clock.ts';
import type { Network } from '../lan/addresses.ts';
import type { AddressChange } from '../lan/office.ts';
import type { LanState } from '../wire/lan.ts';
import type { Text } from '../wire/text.ts';
import { askMdns } from './ask-mdns.ts';
import { bad, ok, unknown, warn, type Check, type Finding } from './check.ts';
import { firewallOf, openCommands, type FirewallOptions } from './firewall.ts';
import { findSideDoors, type SideDoor, type SideDoorOptions } from './side-doors.ts';

/** How the office reaches this computer, and whether it can walk past the limits. */

export type NetworkSources = {
  readonly clock: Clock;
  readonly office: () => LanState;
  readonly lastRequest: () => { readonly address: string; readonly atMs: number } | null;
  readonly addressChanges: () => readonly AddressChange[];
  readonly readNetwork: () => Promise<Network>;
  readonly port: () => number;
  readonly certificate: () => CertificateView;
  readonly firewall?: FirewallOptions;
  readonly sideDoorPorts?: SideDoorOptions['portsOf'];
  readonly mdnsPort?: number | undefined;
};

/** What is served by https, as far as it can go wrong. */
export type CertificateView = {
  readonly isOn: boolean;
  /** Sentences for the owner. */
  readonly problems: readonly string[];
  /** Of what is served to who asks for an address. */
  readonly validUntilMs: number | null;
  readonly addresses: readonly string[];
};

export function networkChecks(sources: NetworkSources): readonly Check[] {
  return [
    lastRequestCheck(sources),
    firewallCheck(sources),
    mdnsCheck(sources),
    addressCheck(sources),
    certificateCheck(sources),
    sideDoorCheck(sources),
  ];
}

const closedOffice: Text = {
  en: 'Not checked, because the office is not let in: Inglenook answers this computer only.',
  de: 'Nicht geprüft, weil das Büro nicht eingelassen ist: Inglenook antwortet nur diesem Rechner.',
};

/** Decision 20: a connection of this computer to itself proves nothing. */
export function lastRequestCheck({ office, lastRequest, clock }: NetworkSources): Check {
  return {
    id: 'last-request',
    title: { en: 'Requests from other computers', de: 'Anfragen anderer Rechner' },
    look() {
      const { phase, address } = office();
      const last = lastRequest();
      if (last !== null) {
        const minutes = Math.max(0, Math.round((clock.nowMs() - last.atMs) / 60_000));
        return ok({
          en: `The newest came from ${last.address}, ${minutes} min ago.`,
          de: `Die neueste kam von ${last.address}, vor ${minutes} min.`,
        });
      }
      if (phase === 'off') return ok(closedOffice);
      if (phase === 'port-taken') {
        return bad(
          {
            en: 'The office is let in, but another program on this computer has the port.',
            de: 'Das Büro ist eingelassen, aber ein anderes Programm auf diesem Rechner hat den Port.',
          },
          {
            en: 'On Home, under “The office”, take the free port that is offered there, or end the other program.',
            de: 'Auf der Startseite unter „Das Büro“ den angebotenen freien Port nehmen oder das andere Programm beenden.',
          },
        );
      }
      if (phase === 'no-network') {
        return bad(
          {
            en: 'The office is let in, but this computer has no network address others could reach.',
            de: 'Das Büro ist eingelassen, aber dieser Rechner hat keine Adresse, die andere erreichen könnten.',
          },
          {
            en: 'Connect the cable or the office’s Wi-Fi. A VPN alone does not count.',
            de: 'Das Kabel oder das WLAN des Büros verbinden. Ein VPN allein zählt nicht.',
          },
        );
      }
      return warn(
        {
          en: 'Since Inglenook was started, no request has come from another computer.',
          de: 'Seit Inglenook gestartet wurde, kam keine Anfrage von einem anderen Rechner.',
        },
        {
          en: `Open ${address ?? 'the address'} on a phone in the office’s Wi-Fi. If nothing comes: the firewall of this computer, a guest Wi-Fi, or another subnet.`,
          de: `${address ?? 'Die Adresse'} auf einem Telefon im WLAN des Büros öffnen. Kommt nichts an: die Firewall dieses Rechners, ein Gast-WLAN oder ein anderes Teilnetz.`,
        },
      );
    },
  };
}

export function firewallCheck({ office, lastRequest, port, firewall = {} }: NetworkSources): Check {
  return {
    id: 'firewall',
    title: { en: 'Firewall', de: 'Firewall' },
    async look(signal) {
      const isOpen = office().phase !== 'off';
      if (lastRequest() !== null) {
        return ok({
          en: 'It lets other computers through: one has been here.',
          de: 'Sie lässt andere Rechner durch: Es war schon einer da.',
        });
      }
      if (!isOpen) return ok(closedOffice);
      const found = await firewallOf(signal, firewall);
      const fix = openCommands(found, port());
      if (found.state === 'on') {
        return warn(
          {
            en: `${found.name} is on, and no other computer has been here yet: perhaps it is in the way.`,
            de: `${found.name} ist an, und bisher war kein anderer Rechner da: Vielleicht steht sie im Weg.`,
          },
          fix,
        );
      }
      if (found.state === 'off') {
        return ok({ en: `${found.name} is off.`, de: `${found.name} ist aus.` });
      }
      return unknown(
        {
          en: 'Whether a firewall of this computer stops others cannot be seen from inside.',
          de: 'Ob eine Firewall dieses Rechners andere aufhält, ist von innen nicht zu sehen.',
        },
        fix,
      );
    },
  };
}

const byAddress: Text = {
  en: 'The address and the QR code work without it. Restart this computer’s network if it should work; in guest networks it often cannot.',
  de: 'Adresse und QR-Code gehen auch ohne. Das Netz dieses Rechners neu verbinden, wenn es gehen sollte; in Gastnetzen geht es oft nicht.',
};

/** Asks the network, by a socket of its own, as any other device would. */
export function mdnsCheck({ office, mdnsPort }: NetworkSources): Check {
  return {
    id: 'mdns',
    title: { en: 'Name on the network', de: 'Name im Netz' },
    async look(signal) {
      const { phase, address, mdnsName, mdnsProblem } = office();
      if (phase === 'off') return ok(closedOffice);
      if (mdnsName === null || address === null) return notAnnounced(mdnsProblem);
      const own = new URL(address).hostname;
      const found = await askMdns({ host: mdnsName, address: own, signal, mdnsPort });
      if (found.length === 0) {
        return warn(
          {
            en: `Nobody answers to ${mdnsName} on this network, not even this computer.`,
            de: `Niemand antwortet in diesem Netz auf ${mdnsName}, auch dieser Rechner nicht.`,
          },
          byAddress,
        );
      }
      const others = found.filter((answered) => answered !== own);
      if (others.length > 0 || mdnsProblem !== null) return contested(mdnsName, others, mdnsProblem);
      return ok({
        en: `${mdnsName} leads to ${own}. Not every device asks this way (Android, guest networks): the QR code goes by the address.`,
        de: `${mdnsName} führt zu ${own}. Nicht jedes Gerät fragt so (Android, Gastnetze): Der QR-Code geht über die Adresse.`,
      });
    },
  };
}

function notAnnounced(problem: Text | null): Finding {
  if (problem === null) {
    return unknown({
      en: 'The name is being announced just now. Look again in a moment.',
      de: 'Der Name wird gerade angemeldet. Gleich noch einmal prüfen.',
    });
  }
  return warn(problem, byAddress);
}

function contested(name: string, others: readonly string[], problem: Text | null): Finding {
  const who = others.join(', ');
  return warn(
    problem ?? {
      en: `${name} leads to ${who} as well, which is not this computer.`,
      de: `${name} führt auch zu ${who}, und das ist nicht dieser Rechner.`,
    },
    {
      en: 'Use the address or the QR code, and find out who that is.',
      de: 'Die Adresse oder den QR-Code nehmen und herausfinden, wer das ist.',
    },
  );
}

export function addressCheck({ office, addressChanges, clock }: NetworkSources): Check {
  return {
    id: 'address',
    title: { en: 'Address of this computer', de: 'Adresse dieses Rechners' },
    look() {
      const { address, choices } = office();
      const changes = addressChanges();
      const last = changes.at(-1);
      if (last === undefined) {
        if (address === null) return ok(closedOffice);
        const others = choices.filter((own) => own.kind === 'network' && !address.includes(own.address));
        const more = others.map((own) => own.address).join(', ');
        return ok({
          en: `It has been ${address} since Inglenook was started.${more === '' ? '' : ` Also here: ${more}.`}`,
          de: `Sie ist ${address}, seit Inglenook gestartet wurde.${more === '' ? '' : ` Außerdem hier: ${more}.`}`,
        });
      }
      const hours = Math.round((clock.nowMs() - last.atMs) / 3_600_000);
      return warn(
        {
          en: `It has changed ${changes.length === 1 ? 'once' : `${changes.length} times`} since Inglenook was started, ${hours} h ago from ${last.from} to ${last.to}. Devices set up with the old one find nobody.`,
          de: `Sie hat sich ${changes.length === 1 ? 'einmal' : `${changes.length}-mal`} geändert, seit Inglenook gestartet wurde, vor ${hours} h von ${last.from} zu ${last.to}. Geräte mit der alten finden niemanden.`,
        },
        {
          en: 'Give this computer a fixed address in the router (DHCP reservation), and set those devices up again.',
          de: 'Diesem Rechner im Router eine feste Adresse geben (DHCP-Reservierung) und jene Geräte neu einrichten.',
        },
      );
    },
  };
}

const endsSoonMs = 7 * 86_400_000;

export function certificateCheck({ certificate, office, clock }: NetworkSources): Check {
  return {
    id: 'certificate',
    title: { en: 'Certificate', de: 'Zertifikat' },
    look() {
      const { isOn, problems, validUntilMs, addresses } = certificate();
      const [problem] = problems;
      if (problem !== undefined) return wrongCertificate(problem);
      if (!isOn || validUntilMs === null) {
        return warn(
          {
            en: 'There is no certificate, so only plain http is spoken: keys and prompts can be read by others on the network.',
            de: 'Es gibt kein Zertifikat, also wird nur http gesprochen: Andere im Netz können Schlüssel und Fragen mitlesen.',
          },
          seeHttps,
        );
      }
      const until = new Date(validUntilMs).toISOString().slice(0, 10);
      const leftMs = validUntilMs - clock.nowMs();
      if (leftMs < endsSoonMs) {
        return (leftMs < 0 ? bad : warn)(
          { en: `It ends on ${until}.`, de: `Es endet am ${until}.` },
          {
            en: 'Renew it where it was made; Inglenook picks the new file up by itself. Its own certificates it renews 30 days before.',
            de: 'Dort erneuern, wo es ausgestellt wurde; Inglenook nimmt die neue Datei von selbst. Eigene erneuert es 30 Tage vorher.',
          },
        );
      }
      const { address } = office();
      const host = address === null ? null : new URL(address).hostname;
      if (host !== null && !addresses.includes(host)) {
        return warn(
          {
            en: `It does not name ${host}, so devices that go there by https refuse it.`,
            de: `Es nennt ${host} nicht, also lehnen Geräte es ab, die per https dorthin gehen.`,
          },
          {
            en: 'After a change of address it follows within seconds: look again. A certificate of your own has to name the address, or be used by its name.',
            de: 'Nach einem Adresswechsel folgt es in Sekunden: noch einmal prüfen. Ein eigenes Zertifikat muss die Adresse nennen oder über seinen Namen benutzt werden.',
          },
        );
      }
      return ok({ en: `It is good until ${until}.`, de: `Es gilt bis ${until}.` });
    },
  };
}

/** What is wrong with it is said in one language. */
function wrongCertificate(problem: string): Finding {
  return warn({ en: problem, de: `Mit dem Zertifikat stimmt etwas nicht: „${problem}“` }, seeHttps);
}

const seeHttps: Text = {
  en: 'See Settings → Network and https.',
  de: 'Siehe Einstellungen → Netzwerk und https.',
};

function sideDoorCheck({ readNetwork, port, sideDoorPorts }: NetworkSources): Check {
  return {
    id: 'side-doors',
    title: { en: 'Side doors', de: 'Seitentüren' },
    async look(signal) {
      const { addresses } = await readNetwork();
      const own = addresses.filter(({ kind }) => kind !== 'virtual').map(({ address }) => address);
      const doors = await findSideDoors({
        addresses: own,
        ownPort: port(),
        signal,
        ...(sideDoorPorts === undefined ? {} : { portsOf: sideDoorPorts }),
      });
      if (doors.length === 0) {
        return ok({
          en: 'No other model server of this computer answers the office without a key.',
          de: 'Kein anderer Modellserver dieses Rechners antwortet dem Büro ohne Schlüssel.',
        });
      }
      const named = nameDoors(doors);
      const fixes = [...new Map(doors.map((door) => [door.product, door.fix]))];
      return bad(
        {
          en: `Your limits can be walked around here: ${named} answers without a key, unless a firewall stops others.`,
          de: `Hier lassen sich Ihre Grenzen umgehen: ${named} antwortet ohne Schlüssel, wenn nicht eine Firewall andere aufhält.`,
        },
        {
          en: fixes.map(([product, fix]) => `${product}: ${fix.en}`).join(' '),
          de: fixes.map(([product, fix]) => `${product}: ${fix.de}`).join(' '),
        },
      );
    },
  };
}

function nameDoors(doors: readonly SideDoor[]): string {
  return doors.map(({ product, address, port }) => `${product} (${address}:${port})`).join(', ');
}
