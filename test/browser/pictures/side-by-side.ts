import type { Page } from 'playwright-core';

type SideBySide = {
  readonly desktop: Buffer;
  readonly phone: Buffer;
  readonly scheme: 'light' | 'dark';
};

const colors = {
  light: { canvas: '#e4e1db', edge: '#1c1b19', line: '#d5d1c9' },
  dark: { canvas: '#0f0e0d', edge: '#4a4741', line: '#33312c' },
} as const;

/** Lays out two pictures in one: the owner's screen, and the phone that has scanned it. */
export async function showSideBySide(page: Page, { desktop, phone, scheme }: SideBySide): Promise<void> {
  const { canvas, edge, line } = colors[scheme];
  await page.setContent(`
    <style>
      body { display: grid; grid-template-columns: 1fr auto; gap: 36px; align-items: center; height: 100vh;
        margin: 0; padding: 36px; box-sizing: border-box; background: ${canvas}; }
      img { display: block; width: 100%; }
      .desktop { overflow: hidden; border: 1px solid ${line}; border-radius: 12px; }
      .phone { width: 318px; overflow: hidden; border: 8px solid ${edge}; border-radius: 36px; }
    </style>
    <div class="desktop"><img src="${dataUrl(desktop)}"></div>
    <div class="phone"><img src="${dataUrl(phone)}"></div>
  `);
  await page.waitForFunction('[...document.images].every((image) => image.complete)');
}

function dataUrl(webp: Buffer): string {
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
