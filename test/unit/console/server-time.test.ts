import { afterEach, expect, it, vi } from 'vitest';
import { noteServerDate, serverNowMs } from '../../../renderer/server-time.ts';

const hereMs = Date.parse('2026-11-23T12:00:00Z');

afterEach(() => {
  noteServerDate(new Date().toUTCString(), Date.now(), Date.now());
  vi.useRealTimers();
});

it('is the server’s clock where the browser’s is minutes off, and the browser’s where they agree', () => {
  vi.useFakeTimers({ now: hereMs, toFake: ['Date'] });
  expect(serverNowMs()).toBe(hereMs);
  // Asked at noon by this clock, answered within 200 ms, and six minutes earlier at the server.
  noteServerDate('Mon, 23 Nov 2026 11:54:00 GMT', hereMs, hereMs + 200);
  expect(serverNowMs() - Date.parse('2026-11-23T11:54:00Z')).toBeCloseTo(400, 0);
  // The clock here is put right.
  noteServerDate('Mon, 23 Nov 2026 12:00:00 GMT', hereMs, hereMs + 200);
  expect(serverNowMs()).toBe(hereMs);
});

it('keeps what it knows where an answer has no date, and does not take a slow answer for another clock', () => {
  vi.useFakeTimers({ now: hereMs, toFake: ['Date'] });
  noteServerDate('Mon, 23 Nov 2026 12:05:00 GMT', hereMs, hereMs);
  const known = serverNowMs();
  noteServerDate(null, hereMs, hereMs);
  noteServerDate('tomorrow', hereMs, hereMs);
  expect(serverNowMs()).toBe(known);
  noteServerDate('Mon, 23 Nov 2026 12:00:09 GMT', hereMs, hereMs + 10_000);
  expect(serverNowMs()).toBe(hereMs);
});
