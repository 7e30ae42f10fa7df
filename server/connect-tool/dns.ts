/** As much of DNS messages (RFC 1035 §4) as one question by mDNS and its answers need. */

export type DnsRecord =
  | { readonly type: 'PTR'; readonly name: string; readonly target: string }
  | { readonly type: 'SRV'; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: 'TXT'; readonly name: string; readonly words: readonly string[] }
  | { readonly type: 'A'; readonly name: string; readonly address: string };

const types: Readonly<Record<number, DnsRecord['type']>> = { 1: 'A', 12: 'PTR', 16: 'TXT', 33: 'SRV' };
const headerBytes = 12;
/** More than any answer has; keeps a malicious packet from occupying us. */
const mostRecords = 200;

/** A question for pointers, to the whole network. */
export function pointerQuestion(name: string): Buffer {
  const labels = name.split('.').map((label) => {
    const bytes = Buffer.from(label, 'utf8');
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, 12, 0, 1])]);
}

/** The records of an answer that we know; null for what is none, or broken. Names are in lower case. */
export function readAnswer(packet: Buffer): DnsRecord[] | null {
  try {
    if (packet.length < headerBytes || (packet.readUInt16BE(2) & 0x8000) === 0) return null;
    const questions = packet.readUInt16BE(4);
    const count = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
    let at = headerBytes;
    for (let index = 0; index < Math.min(questions, mostRecords); index += 1) at = nameAt(packet, at).end + 4;
    const records: DnsRecord[] = [];
    for (let index = 0; index < Math.min(count, mostRecords) && at < packet.length; index += 1) {
      const { name, end } = nameAt(packet, at);
      const length = packet.readUInt16BE(end + 8);
      const start = end + 10;
      // Who says goodbye is not there any more.
      const isLeaving = packet.readUInt32BE(end + 4) === 0;
      const record = isLeaving ? null : recordAt(packet, packet.readUInt16BE(end), { name, start, length });
      if (record !== null) records.push(record);
      at = start + length;
    }
    return records;
  } catch {
    return null;
  }
}

type Data = { readonly name: string; readonly start: number; readonly length: number };

function recordAt(packet: Buffer, number: number, { name, start, length }: Data): DnsRecord | null {
  const type = types[number];
  if (type === undefined || start + length > packet.length) return null;
  switch (type) {
    case 'A':
      return length === 4 ? { type, name, address: [...packet.subarray(start, start + 4)].join('.') } : null;
    case 'PTR':
      return { type, name, target: nameAt(packet, start).written };
    case 'SRV':
      return { type, name, target: nameAt(packet, start + 6).name, port: packet.readUInt16BE(start + 4) };
    case 'TXT':
      return { type, name, words: wordsAt(packet.subarray(start, start + length)) };
  }
}

function wordsAt(data: Buffer): string[] {
  const words: string[] = [];
  for (let at = 0; at < data.length; at += 1 + (data[at] ?? 0)) {
    words.push(data.toString('utf8', at + 1, at + 1 + (data[at] ?? 0)));
  }
  return words;
}

/** With compression (§4.1.4); a pointer may only lead back, so that it ends. */
function nameAt(
  packet: Buffer,
  start: number,
): { readonly name: string; readonly written: string; readonly end: number } {
  const labels: string[] = [];
  let end: number | null = null;
  let at = start;
  for (;;) {
    const length = packet.readUInt8(at);
    if (length >= 0xc0) {
      const target = packet.readUInt16BE(at) & 0x3fff;
      if (target >= at) throw new Error('a pointer that does not lead back');
      end ??= at + 2;
      at = target;
    } else if (length === 0) {
      const written = labels.join('.');
      return { name: written.toLowerCase(), written, end: end ?? at + 1 };
    } else {
      if (at + 1 + length > packet.length || labels.length > 127) throw new Error('a name that does not end');
      labels.push(packet.toString('utf8', at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
}
