/** What an image says of itself in its first bytes. Nothing is decoded, so a bomb stays closed. */
export type ImageFacts = {
  readonly mimeType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly width: number;
  readonly height: number;
};

/** Null for what is no PNG, JPEG, GIF or WebP, or is cut off before its size. */
export function readImageFacts(bytes: Uint8Array): ImageFacts | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (startsWith(view, 0, '\x89PNG\r\n\x1a\n') && startsWith(view, 12, 'IHDR')) {
      return { mimeType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
    }
    if (startsWith(view, 0, 'GIF87a') || startsWith(view, 0, 'GIF89a')) {
      return { mimeType: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
    }
    if (startsWith(view, 0, 'RIFF') && startsWith(view, 8, 'WEBP')) return readWebp(view);
    if (view.getUint16(0) === 0xff_d8) return readJpeg(view);
  } catch (error) {
    // Cut off: DataView's word for reading behind the end.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

function startsWith(view: DataView, at: number, text: string): boolean {
  if (view.byteLength < at + text.length) return false;
  return Array.from(text).every((character, index) => view.getUint8(at + index) === character.charCodeAt(0));
}

/** RFC 9649 §2.5–2.7: lossy, lossless, extended. */
function readWebp(view: DataView): ImageFacts | null {
  const mimeType = 'image/webp';
  if (startsWith(view, 12, 'VP8 ')) {
    return {
      mimeType,
      width: view.getUint16(26, true) & 0x3f_ff,
      height: view.getUint16(28, true) & 0x3f_ff,
    };
  }
  if (startsWith(view, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { mimeType, width: (bits & 0x3f_ff) + 1, height: ((bits >>> 14) & 0x3f_ff) + 1 };
  }
  if (!startsWith(view, 12, 'VP8X')) return null;
  const uint24 = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 0x1_00_00;
  return { mimeType, width: uint24(24) + 1, height: uint24(27) + 1 };
}

/** ITU-T T.81 §B.1.1: from marker to marker until a frame header (SOF) comes. */
function readJpeg(view: DataView): ImageFacts | null {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return { mimeType: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    // Fill bytes before a marker.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}
