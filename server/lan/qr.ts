import { toString } from 'qrcode';

/** A QR code as an SVG document; black on white with its quiet zone, so that it scans in a dark theme too. */
export async function qrSvg(text: string): Promise<string> {
  return toString(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
}
