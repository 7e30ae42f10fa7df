import jsQR from 'jsqr';

/** Reads a QR code back from the SVG that `qrcode` draws: a path of horizontal strokes, one per run of dark modules. */
export function readQr(svg: string): string {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const path = /<path stroke="#000000" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const scale = 4;
  const width = size * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  const darken = (x: number, y: number): void => {
    for (let row = 0; row < scale; row++) {
      for (let column = 0; column < scale; column++) {
        const start = ((y * scale + row) * width + x * scale + column) * 4;
        pixels.fill(0, start, start + 3);
      }
    }
  };
  let [x, y] = [0, 0];
  for (const [, command, first, second] of path.matchAll(/([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?/g)) {
    if (command === 'M') [x, y] = [Number(first), Math.floor(Number(second))];
    else if (command === 'm') [x, y] = [x + Number(first), y + Number(second)];
    else for (let run = Number(first); run > 0; run--) darken(x++, y);
  }
  // The package is CommonJS, and its function is a property of itself.
  return jsQR.default(pixels, width, width)?.data ?? '';
}
