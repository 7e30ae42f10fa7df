import { existsSync } from 'node:fs';
import { installWithApt } from './apt.mjs';

/** By where Debian puts the program, and the package it comes in. */
const proxies = [
  ['/usr/sbin/nginx', 'nginx'],
  ['/usr/bin/caddy', 'caddy'],
];

/** Installs the proxies that the tests put in front of the server, where that may be done; elsewhere those tests say that they did not run. */
export async function ensureProxies() {
  if (process.platform !== 'linux') return;
  // One by one: not every distribution has both.
  for (const [program = '', name = ''] of proxies) {
    if (!existsSync(program)) await installWithApt([name]);
  }
}
