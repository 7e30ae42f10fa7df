import type { Page } from 'playwright-core';
import { readQr } from '../fakes/read-qr.ts';

/** What a phone would read off the QR code on the screen. */
export async function readShownQr(page: Page, name: string | RegExp): Promise<string> {
  const source = await page.getByRole('img', { name }).getAttribute('src');
  const svg = decodeURIComponent((source ?? '').replace(/^data:image\/svg\+xml;charset=utf-8,/, ''));
  return readQr(svg);
}
