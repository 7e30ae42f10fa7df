import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Target } from './targets.ts';

/**
 * What stands in for Electron's program, which is not among npm's packages: a folder laid out as Electron's own archive is, whose
 * program holds nothing but the place of the fuses (@electron/fuses: sentinel, version 1, how many, then one character for
 * each, here all off). It cannot run; what is packed around it is the real thing.
 */
const fuseWire = Buffer.concat([
  Buffer.alloc(64),
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('0'.repeat(9)),
  Buffer.alloc(64),
]);

/** @returns the folder to give as `electronDist` */
export function makeStandIn(folder: string, { os }: Target, version: string): string {
  const put = (path: string, content: string | Buffer, isProgram = false): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (isProgram) chmodSync(file, 0o755);
  };
  put('version', version);
  put('LICENSE', 'Electron');
  put('LICENSES.chromium.html', '<p>Chromium</p>');
  if (os === 'mac') putBundle(put);
  else {
    put(os === 'win' ? 'electron.exe' : 'electron', fuseWire, true);
    put('locales/en-US.pak', '');
    if (os === 'linux') put('chrome-sandbox', '', true);
  }
  return folder;
}

type Put = (path: string, content: string | Buffer, isProgram?: boolean) => void;

function putBundle(put: Put): void {
  const contents = 'Electron.app/Contents';
  put(`${contents}/MacOS/Electron`, 'program', true);
  put(`${contents}/Info.plist`, plist('Electron', 'com.github.Electron'));
  put(`${contents}/Resources/electron.icns`, '');
  put(`${contents}/Resources/en.lproj/locale.pak`, '');
  const framework = `${contents}/Frameworks/Electron Framework.framework`;
  put(`${framework}/Electron Framework`, fuseWire, true);
  for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
    const name = `Electron Helper${kind}`;
    put(`${contents}/Frameworks/${name}.app/Contents/MacOS/${name}`, 'program', true);
    put(`${contents}/Frameworks/${name}.app/Contents/Info.plist`, plist(name, 'com.github.Electron.helper'));
  }
}

function plist(executable: string, identifier: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>CFBundleExecutable</key><string>${executable}</string>
  <key>CFBundleIdentifier</key><string>${identifier}</string>
  <key>CFBundleName</key><string>Electron</string>
  <key>CFBundlePackageType</key><string>APPL</string>
</dict></plist>
`;
}
