import { createHash, hkdfSync, randomBytes, randomInt } from 'node:crypto';

/** 128 random bits as 22 base64url characters: what the QR code's fragment carries. */
export function newTicket(): string {
  return randomBytes(16).toString('base64url');
}

/** RFC 8628 §6.1: no vowels, so no words; nothing that looks like a digit. 20 characters, 34.5 bits in eight. */
const codeAlphabet = 'BCDFGHJKLMNPQRSTVWXZ';
const codeLength = 8;
/** Bytes from here on would make some characters likelier than others: 240 = 12 × 20. */
const firstBiasedByte = 240;

/**
 * The eight characters that can be typed instead of the ticket, `BCDF-GHJK`. Derived (HKDF, RFC 5869), so that
 * who has the ticket can be shown the code, while nothing of either has to be stored in clear. The other
 * direction does not exist: a code tells nothing about its ticket.
 */
export function codeOf(ticket: string): string {
  const stream = Buffer.from(hkdfSync('sha256', ticket, '', 'inglenook pairing code', 255));
  const usable = stream.filter((byte) => byte < firstBiasedByte).subarray(0, codeLength);
  const code = Array.from(usable, (byte) => codeAlphabet.charAt(byte % codeAlphabet.length)).join('');
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** What is stored of a ticket. */
export function ticketHash(ticket: string): Buffer {
  return createHash('sha256').update(`ticket ${ticket}`, 'utf8').digest();
}

/** What is stored of a code. Taken in any case, with or without its dash and with the spaces people type. */
export function codeHash(code: string): Buffer {
  const bare = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return createHash('sha256').update(`code ${bare}`, 'utf8').digest();
}

/** Two digits for both screens; another than those that are on a screen already, if there is one. */
export function newMatchCode(taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const code = String(randomInt(100)).padStart(2, '0');
    if (!taken.has(code) || attempt === 1000) return code;
  }
}
