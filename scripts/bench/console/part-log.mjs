// Paging and filtering the log in the console, as somebody who knows what they look for: one input after another.
import { quantile } from '../../lib/statistics.mjs';
import { takePaints, withShortOnes } from './paints.mjs';

/** Between two inputs; quick, but so that each can be told from the next. */
const pauseMs = 120;
/** A notch of a mouse wheel is about 100 pixels; this is a strong turn. */
const wheelPixels = 900;

/**
 * @param {import('./screen.mjs').Screen} screen
 * @param {string} address
 * @param {{ inputs: number, rows: number }} options of each kind
 */
export async function logPart({ page }, address, { inputs, rows }) {
  await page.goto(`${address}/console/log`);
  await page.locator('tbody tr[data-index]').first().waitFor();
  await takePaints(page);
  const press = async (/** @type {string} */ key) => {
    await page.keyboard.press(key);
    await page.waitForTimeout(pauseMs);
  };

  // Down through the list, while it is still being fetched.
  for (let number = 0; number < inputs; number += 1) await press('PageDown');
  const paging = withShortOnes((await takePaints(page)).interactions, inputs);
  await readWholeLog(page, rows);
  await takePaints(page);
  // With all of it there: from the end to the beginning and back.
  for (let number = 0; number < inputs; number += 1)
    await press(number % 8 === 7 ? 'Home' : number % 8 === 3 ? 'End' : 'PageUp');
  paging.push(...withShortOnes((await takePaints(page)).interactions, inputs));
  await press('Home');
  await takePaints(page);
  await page.mouse.move(700, 500);
  for (let number = 0; number < inputs; number += 1) {
    await page.mouse.wheel(0, number % 20 < 12 ? wheelPixels : -wheelPixels);
    await page.waitForTimeout(pauseMs);
  }
  const { wheel } = await takePaints(page);
  const filtering = await filter(page, press, inputs);
  return {
    paging: summaryOf(paging),
    wheel: summaryOf(wheel),
    filtering: summaryOf(filtering),
    all: summaryOf([...paging, ...wheel, ...filtering]),
  };
}

/**
 * Through the choices by key, letters into the search field, and back to everything by a click.
 * @param {import('./screen.mjs').Screen['page']} page
 * @param {(key: string) => Promise<void>} press
 * @param {number} inputs
 */
async function filter(page, press, inputs) {
  const bar = page.getByRole('search');
  /** @type {number[]} */
  const times = [];
  for (let done = 0; done < inputs;) {
    let sent = 0;
    for (const label of ['Status', 'Device']) {
      await bar.getByLabel(label, { exact: true }).focus();
      await takePaints(page);
      for (let number = 0; number < 6; number += 1) await press(number < 4 ? 'ArrowDown' : 'ArrowUp');
      times.push(...withShortOnes((await takePaints(page)).interactions, 6));
      sent += 6;
    }
    await bar.getByLabel('Program', { exact: true }).focus();
    for (const letter of 'claude') await press(letter);
    // The search begins when the typing pauses.
    await page.waitForTimeout(700);
    await bar.getByRole('button', { name: 'Show all' }).click();
    await page.locator('tbody tr[data-index]').first().waitFor();
    times.push(...withShortOnes((await takePaints(page)).interactions, 7));
    done += sent + 7;
  }
  return times;
}

/**
 * @param {import('./screen.mjs').Screen['page']} page
 * @param {number} rows
 */
async function readWholeLog(page, rows) {
  const whole = page.locator(`table[aria-rowcount="${rows + 1}"]`);
  for (let tries = 0; tries < rows && (await whole.count()) === 0; tries += 1) {
    await page.keyboard.press('End');
    await page.waitForTimeout(30);
  }
  await whole.waitFor({ timeout: 1_000 });
}

/** @param {readonly number[]} times */
function summaryOf(times) {
  return {
    inputs: times.length,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    mostMs: Math.max(...times),
  };
}
