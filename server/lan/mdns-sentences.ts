import type { Text } from '../wire/text.ts';
import { systemCodeOf } from './mdns.ts';
import { NoNameFree } from './own-names.ts';

/** What goes wrong with names on the network, in the owner's words. */

const goByAddress: Text = {
  en: 'Other devices cannot find it by name; the address and the QR code work all the same.',
  de: 'Andere Geräte finden es nicht über den Namen; Adresse und QR-Code gehen trotzdem.',
};
const addByAddress: Text = {
  en: 'Add the other Inglenook by its address.',
  de: 'Das andere Inglenook über seine Adresse hinzufügen.',
};

/** Why nothing is announced. */
export function whyNotAnnounced(error: unknown): Text {
  if (error instanceof NoNameFree) {
    return followedBy(goByAddress, {
      en: 'Every name that was tried is taken on this network, perhaps by a device that answers to all of them.',
      de: 'Jeder versuchte Name ist in diesem Netz vergeben, vielleicht an ein Gerät, das auf alle antwortet.',
    });
  }
  const code = systemCodeOf(error);
  switch (code) {
    case 'EADDRINUSE':
    case 'EACCES':
      return followedBy(goByAddress, portTaken);
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
    case 'ENODEV':
    case 'ENETDOWN':
      return followedBy(goByAddress, {
        en: 'The network does not carry announcements just now.',
        de: 'Das Netz trägt gerade keine Ankündigungen.',
      });
    case 'EPERM':
      return followedBy(goByAddress, {
        en: 'A firewall on this computer stops announcements (UDP 5353).',
        de: 'Eine Firewall auf diesem Rechner hält Ankündigungen auf (UDP 5353).',
      });
    default: {
      const words = code ?? (error instanceof Error ? error.message : 'unknown');
      return followedBy(goByAddress, {
        en: `Announcing on the network failed: ${words}.`,
        de: `Die Ankündigung im Netz ist gescheitert: ${words}.`,
      });
    }
  }
}

/** Somebody at the address `by` uses a name of ours too. */
export function whoElseHas(name: string, by: string): Text {
  return {
    en: `Another device on this network (${by}) uses the name “${name}” too, so the name may lead there. Go by the address or the QR code.`,
    de: `Ein anderes Gerät in diesem Netz (${by}) benutzt den Namen „${name}“ ebenfalls, er kann also dorthin führen. Die Adresse oder den QR-Code nehmen.`,
  };
}

/** Why nobody can be looked for. */
export function whyNotLooked(error: unknown): Text {
  const code = systemCodeOf(error);
  if (code === 'EADDRINUSE' || code === 'EACCES') return followedBy(addByAddress, portTaken);
  return followedBy(addByAddress, {
    en: 'The network does not carry such questions just now.',
    de: 'Das Netz trägt solche Fragen gerade nicht.',
  });
}

export const nowhere: Text = {
  en: 'This computer is in no network just now.',
  de: 'Dieser Rechner ist gerade in keinem Netz.',
};

const portTaken: Text = {
  en: 'Another program holds the port for network names (UDP 5353).',
  de: 'Ein anderes Programm hält den Port für Namen im Netz (UDP 5353).',
};

function followedBy(after: Text, first: Text): Text {
  return { en: `${first.en} ${after.en}`, de: `${first.de} ${after.de}` };
}
