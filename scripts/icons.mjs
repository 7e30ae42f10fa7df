// node scripts/icons.mjs: draws resources/icons from renderer/icon.svg, in Chromium. The files are kept in the repository, so
// this is run only when the drawing changes.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromium } from './lib/chromium.mjs';
import { icns, ico } from './lib/icon-files.mjs';
import { failWith, inRoot, say } from './lib/project.mjs';

/** What Linux desktops look for, by the side of the square. */
const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512];
const windowsSizes = [16, 24, 32, 48, 64, 128, 256];
const macSizes = [16, 32, 64, 128, 256, 512, 1024];
const traySizes = [16, 20, 24, 32];
/** Apple's grid: the tile takes 824 of 1024. */
const macShare = 824 / 1024;

try {
  const svg = await readFile(inRoot('renderer', 'icon.svg'), 'utf8');
  const browser = await chromium.launch({
    executablePath: whole(await ensureChromium(process.execPath)),
    args: ['--no-sandbox'],
  });
  try {
    await drawAll(svg, await browser.newPage());
  } finally {
    await browser.close();
  }
  say('Drawn: resources/icons.');
} catch (error) {
  failWith(error);
}

/**
 * @param {string} svg
 * @param {import('playwright-core').Page} page
 */
async function drawAll(svg, page) {
  for (const size of linuxSizes) await keep(`png/${size}x${size}.png`, await draw(page, svg, size));
  await keep('icon.ico', ico(await drawEach(page, svg, windowsSizes)));
  const padded = svg.replace('<svg ', `<svg style="transform: scale(${macShare})" `);
  await keep('icon.icns', icns(await drawEach(page, padded, macSizes)));
  await keep('tray.png', await draw(page, svg, 16));
  await keep('tray@2x.png', await draw(page, svg, 32));
  await keep('tray.ico', ico(await drawEach(page, svg, traySizes)));
  // macOS takes the transparency alone, and paints it as the menu bar needs it.
  const template = glyphOf(svg);
  await keep('trayTemplate.png', await draw(page, template, 16));
  await keep('trayTemplate@2x.png', await draw(page, template, 32));
}

/**
 * A program that was found by its name alone, by its path.
 * @param {string} program
 */
function whole(program) {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? program;
}

/**
 * The white drawing without its tile, in black, closer to the edge.
 * @param {string} svg
 */
function glyphOf(svg) {
  return svg
    .replace(/<rect[^>]*\/>/u, '')
    .replaceAll('#fff', '#000')
    .replace('viewBox="0 0 32 32"', 'viewBox="4 3 24 24"');
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} svg
 * @param {readonly number[]} sizes
 */
async function drawEach(page, svg, sizes) {
  /** @type {Map<number, Buffer>} */
  const images = new Map();
  for (const size of sizes) images.set(size, await draw(page, svg, size));
  return images;
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} svg
 * @param {number} size
 */
async function draw(page, svg, size) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>* { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${svg}`,
  );
  return await page.screenshot({ omitBackground: true });
}

/**
 * @param {string} name
 * @param {Buffer} bytes
 */
async function keep(name, bytes) {
  const file = inRoot('resources', 'icons', ...name.split('/'));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
