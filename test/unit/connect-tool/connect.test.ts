import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { fieldOf } from '../../../server/connect-tool/ask.ts';
import { connect } from '../../../server/connect-tool/connect.ts';
import { Refused, UsageError } from '../../../server/connect-tool/failures.ts';
import { readWords } from '../../../server/connect-tool/words.ts';
import { pairingList } from '../../../server/wire/pairing.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { setUpDesk, type Desk } from './desk.ts';

const all = ['--tools', 'all'];
const stateDir = '.local/state/inglenook-connect';

/** An office, and a desk whose owner-to-be says yes (or no) at the first pause of the tool. */
async function office(decision: 'approve' | 'deny' | null = 'approve') {
  const server = await startComposed();
  const decide = async (): Promise<void> => {
    if (decision === null) return;
    const [asking] = await waitingAt(server);
    if (asking !== undefined) await server.admin('POST', `/pairings/${asking.id}/${decision}`);
  };
  const desk = setUpDesk((waits) => (waits === 1 ? decide() : undefined));
  return { server, desk, address: server.address };
}

async function waitingAt(server: ComposedServer) {
  const list = pairingList.parse(await server.admin('GET', '/pairings'));
  return list.filter(({ state, join }) => state === 'waiting' && join?.approvedAt === null);
}

const keysOf = async (server: ComposedServer) =>
  (await server.admin('GET', '/keys')) as { name: string; status: string; device: string; preset: string }[];

/** The key that the tool keeps for itself. */
function keyOn(desk: Desk): string {
  return (JSON.parse(desk.read(join(stateDir, 'manifest.json'))) as { office: { key: string } }).office.key;
}

const mine: Readonly<Record<string, string>> = {
  '.continue/config.yaml':
    '# mine\nname: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n  - name: Local # first\n    provider: ollama\n    model: qwen\n',
  '.cline/data/settings/providers.json':
    '{"version":1,"lastUsedProvider":"anthropic","modes":{},"providers":{"anthropic":{"settings":{"provider":"anthropic","apiKey":"sk-ant-mine-0123456789"},"updatedAt":"2026-01-01T00:00:00.000Z","tokenSource":"manual"}}}',
  '.claude/settings.json': '{\n  // mine\n  "model": "opus",\n  "env": { "EDITOR": "vi" }\n}\n',
  '.codex/config.toml': '# mine\r\nmodel = "gpt-5"\r\n\r\n[features]\r\nweb = true\r\n',
  '.codex/.env': 'OTHER=1\n',
  '.config/opencode/opencode.jsonc': '{\n\t"theme": "dark", // mine\n}\n',
};

test('sets up every tool beside what was there, twice is once, and undo restores every byte', async () => {
  const { server, desk, address } = await office();
  for (const [path, text] of Object.entries(mine)) desk.write(path, text);
  const before = desk.everything();
  desk.answers.push(true);
  const result = await desk.connect(address);
  expect(result).toMatchObject({ isWritten: true, left: [], keyName: 'anna on desk-7' });
  expect(result.files.map(({ path, change }) => `${change} ${path.slice(desk.home.length + 1)}`)).toEqual([
    'changed .continue/config.yaml',
    'changed .cline/data/settings/providers.json',
    'changed .claude/settings.json',
    'made .codex/inglenook-models.json',
    'changed .codex/config.toml',
    'changed .codex/.env',
    'changed .config/opencode/opencode.jsonc',
  ]);

  const key = keyOn(desk);
  expect(key).toMatch(/^sk-ink_/);
  expect(parseYaml(desk.read('.continue/config.yaml'))).toMatchObject({
    name: 'Mine',
    models: [
      { name: 'Local', provider: 'ollama' },
      { model: 'office-code', apiBase: `${address}/v1`, apiKey: key },
      { model: 'office-autocomplete', roles: ['autocomplete'] },
      { model: 'office-embed', roles: ['embed'] },
    ],
  });
  expect(JSON.parse(desk.read('.cline/data/settings/providers.json'))).toMatchObject({
    lastUsedProvider: 'openai-compatible',
    providers: {
      anthropic: { settings: { apiKey: 'sk-ant-mine-0123456789' } },
      'openai-compatible': { settings: { apiKey: key, baseUrl: `${address}/v1`, model: 'office-code' } },
    },
  });
  expect(desk.read('.claude/settings.json')).toContain('// mine\n  "model": "opus",');
  expect(desk.read('.claude/settings.json')).toContain(`"ANTHROPIC_AUTH_TOKEN": "${key}"`);
  expect(parseToml(desk.read('.codex/config.toml'))).toMatchObject({
    model: 'office-code',
    model_providers: { inglenook: { base_url: `${address}/v1`, env_key: 'INGLENOOK_KEY' } },
    features: { web: true, image_generation: false },
  });
  expect(desk.read('.codex/.env')).toBe(`OTHER=1\nINGLENOOK_KEY=${key}\n`);
  expect(JSON.parse(desk.read('.codex/inglenook-models.json'))).toHaveProperty('models');
  expect(desk.read('.config/opencode/opencode.jsonc')).toContain('\t"theme": "dark", // mine\n\t"$schema"');
  for (const value of Object.values(desk.everything())) expect(value).toMatch(/^600 /);
  // Neither on the screen nor in the server's log; somebody's other keys neither.
  expect(desk.said.join('\n')).not.toMatch(/sk-ink_|sk-ant-mine/);
  expect(desk.said.join('\n')).toContain('+     "ANTHROPIC_AUTH_TOKEN": "<your key>"');
  expect(await keysOf(server)).toMatchObject([
    { device: 'anna on desk-7', preset: 'teammate', status: 'active' },
  ]);

  const written = desk.everything();
  const again = await desk.connect(address);
  expect(again).toMatchObject({ isWritten: false, files: [] });
  expect(desk.everything()).toEqual(written);
  expect(await keysOf(server)).toHaveLength(1);

  desk.answers.push(true);
  const undone = await desk.undo('--revoke');
  expect(undone.keyRevoked).toBe(true);
  expect(desk.everything()).toEqual(before);
  expect(() => desk.read(join(stateDir, 'manifest.json'))).toThrow('ENOENT');
  expect(await keysOf(server)).toMatchObject([{ status: 'revoked' }]);
});

test('in an empty home, makes what the guides show, for this user alone, and removes it with its folders', async () => {
  const { desk, address } = await office();
  await desk.connect(address, ...all, '--yes', '--device', 'Anna’s PC');
  expect(Object.keys(desk.everything()).sort()).toEqual([
    '.claude/settings.json',
    '.cline/data/settings/providers.json',
    '.codex/.env',
    '.codex/config.toml',
    '.codex/inglenook-models.json',
    '.config/opencode/opencode.json',
    '.continue/config.yaml',
  ]);
  await desk.undo('--yes');
  expect(desk.everything()).toEqual({});
  expect(() => desk.read('.codex')).toThrow('ENOENT');
});

test('shows the owner the same two digits, and that nobody has invited it', async () => {
  const { server, desk, address } = await office(null);
  let seen: Awaited<ReturnType<typeof waitingAt>> = [];
  const waiting = setUpDesk(async () => {
    seen = await waitingAt(server);
    for (const { id } of seen) await server.admin('POST', `/pairings/${id}/deny`);
  });
  await expect(waiting.connect(address, ...all)).rejects.toThrow('The owner has refused this computer.');
  expect(seen).toMatchObject([
    { uninvited: true, preset: 'teammate', join: { device: 'anna on desk-7', ip: '127.0.0.1' } },
  ]);
  expect(waiting.said.join('\n')).toContain(`same number:  ${seen[0]?.join?.matchCode}`);
  expect(waiting.everything()).toEqual({});
  expect(desk.everything()).toEqual({});
});

test('gives the key back where the person says no, and with --dry-run', async () => {
  const { server, desk, address } = await office();
  desk.answers.push(false);
  await expect(desk.connect(address, ...all)).rejects.toThrow(new Refused('Nothing was written.'));
  expect(desk.everything()).toEqual({});
  expect(await keysOf(server)).toMatchObject([{ status: 'revoked' }]);

  const second = setUpDesk(async () => {
    const [asking] = await waitingAt(server);
    if (asking !== undefined) await server.admin('POST', `/pairings/${asking.id}/approve`);
  });
  const result = await second.connect(address, ...all, '--dry-run');
  expect(result).toMatchObject({ isWritten: false, files: { length: 7 } });
  expect(second.everything()).toEqual({});
  expect((await keysOf(server)).every(({ status }) => status === 'revoked')).toBe(true);
  expect(second.said).toContain('The key was given back.');
});

test('writes nothing where nobody is there to say yes', async () => {
  const { desk, address } = await office();
  desk.answers.push(null);
  await expect(desk.connect(address, ...all)).rejects.toThrow(/--yes does. Nothing was written/);
  expect(desk.everything()).toEqual({});
});

test('leaves a file alone that it cannot read, says why, and sets up the others', async () => {
  const { desk, address } = await office();
  desk.write('.claude/settings.json', '{ "env": { ');
  desk.write('.codex/config.toml', 'a = \n');
  desk.write('.continue/config.yaml', 'a: [', 0o444);
  desk.write('.config/opencode/opencode.json', '\u0000\ufffd');
  writeFileSync(join(desk.home, '.config/opencode/opencode.json'), Buffer.from([0xff, 0xfe, 0x00]));
  const before = desk.everything();
  const result = await desk.connect(address, ...all, '--yes');
  expect(result.left.map(({ tool }) => tool)).toEqual(['continue', 'claude-code', 'codex', 'opencode']);
  expect(result.left.map(({ why }) => why.slice(desk.home.length + 1))).toEqual([
    '.continue/config.yaml: it is read-only',
    '.claude/settings.json: it is no JSON: close brace expected in line 1, column 12',
    expect.stringMatching(/^\.codex\/config\.toml: it is no TOML: /),
    '.config/opencode/opencode.json: it is no text in UTF-8',
  ]);
  const { '.cline/data/settings/providers.json': made, ...rest } = desk.everything();
  expect(made).toBeDefined();
  expect(rest).toEqual(before);
});

test('asks nobody where no tool is left to set up', async () => {
  const { server, desk, address } = await office(null);
  desk.write('.claude/settings.json', '[]');
  await expect(desk.connect(address)).rejects.toThrow('No tool is left to set up.');
  desk.write('.claude/settings.json', `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  await expect(desk.connect(address, '--tools', 'claude-code')).rejects.toThrow('No tool is left');
  expect(desk.said.join('\n')).toContain('settings.json: it has too many levels');
  desk.write('.continue/config.json', '{"models": []}');
  await expect(desk.connect(address, '--tools', 'continue')).rejects.toThrow('No tool is left');
  expect(desk.said.join('\n')).toContain('which a new config.yaml would replace');
  await expect(setUpDesk().connect(address)).rejects.toThrow(
    /^None of the tools that can be set up was found here/,
  );
  await expect(desk.connect(address, '--tools', 'emacs')).rejects.toThrow(UsageError);
  expect(await waitingAt(server)).toEqual([]);
});

test('undo leaves what somebody has changed since, and says where it was kept', async () => {
  const { desk, address } = await office();
  desk.write('.claude/settings.json', '{"model": "opus"}');
  desk.write('.codex/.env', 'OTHER=1\n');
  await desk.connect(address, ...all, '--yes');
  const changed = desk.read('.claude/settings.json').replace('opus', 'sonnet');
  desk.write('.claude/settings.json', changed, 0o600);
  const result = await desk.undo('--yes');
  expect(result.files.filter(({ outcome }) => outcome === 'left')).toMatchObject([{ tool: 'Claude Code' }]);
  expect(desk.read('.claude/settings.json')).toBe(changed);
  expect(desk.read('.codex/.env')).toBe('OTHER=1\n');
  const kept = desk.said.find((line) => line.startsWith('Left as it is'))?.split('before: ')[1] ?? '';
  expect(readFileSync(kept, 'utf8')).toBe('{"model": "opus"}');
  // Once it is put right, undo goes the rest of the way.
  desk.write('.claude/settings.json', changed.replace('sonnet', 'opus'), 0o600);
  await desk.undo('--yes');
  expect(desk.read('.claude/settings.json')).toBe('{"model": "opus"}');
  await expect(desk.undo('--yes')).rejects.toThrow('There is nothing to take back here.');
});

test('a second change goes back to the first beginning; rights and links stay as they were', async () => {
  const { desk, address } = await office();
  mkdirSync(join(desk.home, 'dotfiles'));
  desk.write('dotfiles/claude.json', '{}\n', 0o640);
  mkdirSync(join(desk.home, '.claude'));
  symlinkSync(join(desk.home, 'dotfiles/claude.json'), join(desk.home, '.claude/settings.json'));
  chmodSync(join(desk.home, 'dotfiles/claude.json'), 0o640);
  const before = desk.everything();
  await desk.connect(address, '--yes');
  desk.write('.codex/config.toml', '');
  const { files } = await desk.connect(address, '--yes');
  expect(files.map(({ tool }) => tool)).toEqual(['Codex', 'Codex', 'Codex']);
  expect(desk.everything()['dotfiles/claude.json']).not.toBe(before['dotfiles/claude.json']);
  await desk.undo('--yes');
  const { '.codex/config.toml': empty, ...rest } = desk.everything();
  expect([empty, rest]).toEqual(['644 ', before]);
});

test('asks anew where the key of before was revoked', async () => {
  const { server, desk, address } = await office();
  await desk.connect(address, ...all, '--yes');
  const old = keyOn(desk);
  const [key] = await keysOf(server);
  await server.admin('DELETE', `/keys/${encodeURIComponent(key?.name ?? '')}`);
  const approving = {
    ...desk.world,
    wait: async () => {
      const [asking] = await waitingAt(server);
      if (asking !== undefined) await server.admin('POST', `/pairings/${asking.id}/approve`);
    },
  };
  await connect(approving, readWords([address, ...all, '--yes']));
  expect(desk.said).toContain('The key of before was revoked or has expired; asking for another.');
  expect(keyOn(desk)).not.toBe(old);
  expect(desk.read('.codex/.env')).toBe(`INGLENOOK_KEY=${keyOn(desk)}\n`);
  await desk.undo('--yes');
  expect(desk.everything()).toEqual({});
});

test('an invitation’s link, code or ticket of the owner’s does as well', async () => {
  const { server, desk, address } = await office();
  const invite = async (request: object) =>
    (await server.admin('POST', '/pairings', request)) as { ticket: string; code: string };
  const { ticket } = await invite({ autoApprove: true, person: 'Bo' });
  await desk.connect(`${address}/pair#t=${ticket}`, ...all, '--yes');
  expect(await keysOf(server)).toMatchObject([{ name: 'Bo’s anna on desk-7' }]);

  const second = await office();
  const { code } = (await second.server.admin('POST', '/pairings', { person: 'Bo' })) as { code: string };
  await second.desk.connect(second.address, ...all, '--yes', '--code', code);
  expect(second.desk.said.join('\n')).toMatch(/same number: {2}\d\d/);

  await expect(setUpDesk().connect(address, ...all, '--ticket', ticket)).rejects.toThrow(/cannot be used/);
});

test.each([
  ['http://127.0.0.1:1', /^Nothing answers at http:\/\/127\.0\.0\.1:1\. Is Inglenook running there/],
  ['ftp://127.0.0.1', /begins with http/],
  ['http://a:b@127.0.0.1', /No name or password/],
  ['http://[', /is no address/],
])('at %s says what is wrong', async (address, sentence) => {
  await expect(setUpDesk().connect(address, ...all)).rejects.toThrow(sentence);
});

test('tells another server from an Inglenook', async () => {
  const other = createServer((_request, response) => void response.end('{"status":"ok"}'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = other.address() as { port: number };
    await expect(setUpDesk().connect(`127.0.0.1:${port}`, ...all)).rejects.toThrow(/but it is no Inglenook/);
  } finally {
    other.close();
  }
});

test('nobody on the network: says how to go on', async () => {
  await expect(setUpDesk().connect(...all)).rejects.toThrow(/^No Inglenook has answered on this network/);
});

test('speaks https once the fingerprint was compared, and tells the tools of the authority', async () => {
  const { server, desk, address } = await office();
  const https = (await server.admin('GET', '/https')) as {
    authority: { certificate: { fingerprint: string } };
  };
  const { fingerprint } = https.authority.certificate;
  const wrong = fingerprint.replace(/^../, (two) => (two === '00' ? '01' : '00'));
  await expect(desk.connect(address, ...all, '--fingerprint', wrong)).rejects.toThrow(
    /is another one.*Nothing was sent/s,
  );
  await expect(desk.connect(address, ...all, '--https', '--yes')).rejects.toThrow(/Nobody has compared it/);
  desk.answers.push(false);
  await expect(desk.connect(address, ...all, '--https')).rejects.toThrow(/not the one/);
  expect(await waitingAt(server)).toEqual([]);

  await desk.connect(address, ...all, '--yes', '--fingerprint', fingerprint.toLowerCase());
  const authority = join(desk.home, stateDir, 'inglenook-ca.pem');
  expect(readFileSync(authority, 'utf8')).toContain('BEGIN CERTIFICATE');
  const config: unknown = parseYaml(desk.read('.continue/config.yaml'));
  expect((fieldOf(config, 'models') as unknown[])[0]).toMatchObject({
    apiBase: `${address.replace('http', 'https')}/v1`,
    requestOptions: { caBundlePath: authority },
  });
  expect(desk.said.join('\n')).toContain(`export NODE_EXTRA_CA_CERTS=${authority}`);
  // The same authority at another address is the same office: its key goes on.
  const port = new URL(address).port;
  await desk.connect(`https://localhost:${port}`, ...all, '--yes');
  expect(desk.said).toContain(`+ base_url = "https://localhost:${port}/v1"`);
  expect(await keysOf(server)).toHaveLength(1);
  // Remembered: nobody has to compare it again.
  const again = await desk.connect('--tools', 'all');
  expect(again).toMatchObject({ isWritten: false, left: [] });
});

test('where the office was the last time nobody answers any more: the network is asked', async () => {
  const { server, desk, address } = await office();
  await desk.connect(address, ...all, '--yes');
  await server.stop(0);
  await expect(desk.connect(...all)).rejects.toThrow(/^No Inglenook has answered on this network/);
  expect(desk.said.join('\n')).toContain(`Nothing answers at ${address}.`);
  desk.answers.push(true);
  expect(await desk.undo('--yes', '--revoke')).toMatchObject({ keyRevoked: false });
  expect(desk.said.join('\n')).toContain('Ask the owner to revoke “anna on desk-7”.');
  expect(desk.everything()).toEqual({});
});

test('a time that Cline has noted by itself is no change of somebody’s, a changed model is', async () => {
  const { desk, address } = await office();
  const path = '.cline/data/settings/providers.json';
  desk.write(path, mine[path] ?? '');
  const before = desk.everything();
  await desk.connect(address, '--tools', 'cline', '--yes');
  const noted = desk
    .read(path)
    .replace(/"updatedAt": ?"2026-[^"]*"\s*,\s*"tokenSource": "manual"\n/, (all) =>
      all.replace(/2026-[^"]*/, '2030-01-01T00:00:00.000Z'),
    );
  const again = await desk.connect(address, '--tools', 'cline', '--yes');
  expect(again.files).toEqual([]);
  desk.write(path, noted.replace('office-code', 'another'), 0o600);
  expect((await desk.undo('--yes')).files).toMatchObject([{ outcome: 'left' }]);
  desk.write(path, noted.trimEnd(), 0o600);
  expect((await desk.undo('--yes')).files).toMatchObject([{ outcome: 'restored' }]);
  expect(desk.everything()).toEqual(before);
});

test('writes all or nothing: what comes between at the last moment leaves every file as it was', async () => {
  const { server, desk, address } = await office();
  desk.write('.claude/settings.json', '{"model": "opus"}');
  const inTheWay = join(desk.home, '.config');
  const world = {
    ...desk.world,
    confirm: async () => {
      writeFileSync(inTheWay, 'no folder');
      return true;
    },
  };
  await expect(connect(world, readWords([address, ...all]))).rejects.toThrow(
    /in the way. Nothing was changed./,
  );
  expect(Object.keys(desk.everything()).sort()).toEqual(['.claude/settings.json', '.config']);
  expect(desk.read('.claude/settings.json')).toBe('{"model": "opus"}');
  expect(() => desk.read('.codex')).toThrow('ENOENT');
  expect(await keysOf(server)).toMatchObject([{ status: 'revoked' }]);
  await expect(desk.undo('--yes')).rejects.toThrow('There is nothing to take back here.');
  const result = await desk
    .connect(address, '--tools', 'opencode', '--dry-run')
    .catch((error: Error) => error.message);
  expect(result).toBe('No tool is left to set up. Nothing was written.');
  expect(desk.said.join('\n')).toContain('something that is no folder is in the way');
});
