import { existsSync } from 'node:fs';
import { installWithApt } from './apt.mjs';

/** What checks our certificates besides Node, by where Debian puts it: OpenSSL, and what tells Chromium whom to trust. */
const programs = ['/usr/bin/openssl', '/usr/bin/certutil'];
const packages = ['openssl', 'libnss3-tools'];

/** Where they can be had they are installed; elsewhere those tests say that they did not run. */
export async function ensureCertificateTools() {
  if (process.platform !== 'linux' || programs.every((program) => existsSync(program))) return;
  await installWithApt(packages);
}
