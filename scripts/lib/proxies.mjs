import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWithApt } from './apt.mjs';
import { cacheFolder } from './project.mjs';

/** Where Debian puts the programs; each is the package of that name. */
const programs = { nginx: '/usr/sbin/nginx', caddy: '/usr/bin/caddy' };

/**
 * The proxies that the tests put in front of the server. They are the computer's own or unpacked into `.cache/`, and never
 * installed: a web server that begins to listen on port 80 is nothing that tests may leave behind. Where they cannot be
 * had, those tests say that they did not run.
 */
export async function ensureProxies() {
  if (process.platform !== 'linux') return;
  // One by one: not every distribution has both.
  for (const name of /** @type {const} */ (['nginx', 'caddy'])) {
    if (proxyProgram(name) === null) await unpackWithApt([name], folderOf(name));
  }
}

/**
 * @param {keyof typeof programs} name
 * @returns {string | null}
 */
export function proxyProgram(name) {
  const places = [programs[name], join(folderOf(name), programs[name])];
  return places.find((place) => existsSync(place)) ?? null;
}

/** @param {string} name */
function folderOf(name) {
  return join(cacheFolder, `proxy-${name}`);
}
