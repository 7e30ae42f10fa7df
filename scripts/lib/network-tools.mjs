import { existsSync } from 'node:fs';
import { installWithApt } from './apt.mjs';

/** What the test of two hosts runs, by where Debian puts it, and the packages it comes in. */
const programs = ['/usr/sbin/avahi-daemon', '/usr/bin/avahi-browse', '/usr/bin/dbus-daemon', '/usr/bin/curl'];
const packages = ['avahi-daemon', 'avahi-utils', 'dbus', 'iproute2', 'curl'];

/** Where they can be had they are installed; elsewhere that test says that it did not run. */
export async function ensureNetworkTools() {
  if (process.platform !== 'linux' || programs.every((program) => existsSync(program))) return;
  await installWithApt(packages);
}
