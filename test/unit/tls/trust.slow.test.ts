import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { begunHttps, listening, served, signed, temporaryFolder } from './certificates.ts';

/** What others say of our certificates. Where a program is missing, its tests say so by being skipped. */
const run = promisify(execFile);
const starts = async (program: string, ...args: string[]): Promise<boolean> =>
  await run(program, args).then(
    () => true,
    () => false,
  );
const hasOpenssl = await starts('openssl', 'version');
const python = (await starts('python3', '-c', 'import ssl')) ? 'python3' : null;

type Outcome = { readonly ok: boolean; readonly said: string };

async function outcome(program: string, ...args: string[]): Promise<Outcome> {
  try {
    const running = run(program, args, { timeout: 15_000 });
    // Whoever would go on reading from us has all there is.
    running.child.stdin?.end();
    const { stdout, stderr } = await running;
    return { ok: true, said: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { ok: false, said: stdout + stderr };
  }
}

async function filesOf(names: readonly string[], addresses: readonly string[] = []) {
  const { authority, leaf } = await signed(names, addresses);
  const folder = temporaryFolder();
  const [ca, certificate] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
  writeFileSync(ca, authority.certificate);
  writeFileSync(certificate, leaf.certificate);
  return { ca, certificate, authority, leaf };
}

const own = ['inglenook.local', 'desk-1', 'localhost'];

describe.runIf(hasOpenssl)('OpenSSL', () => {
  const verify = (ca: string, certificate: string, ...args: string[]): Promise<Outcome> =>
    outcome(
      'openssl',
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      ...args,
      '-CAfile',
      ca,
      certificate,
    );

  test('accepts what we make by its strictest rules, for names and addresses', async () => {
    const { ca, certificate } = await filesOf(own, ['192.168.1.20', '127.0.0.1', 'fd00::1']);
    for (const asked of [
      ['-verify_hostname', 'inglenook.local'],
      ['-verify_hostname', 'desk-1'],
      ['-verify_ip', '192.168.1.20'],
      ['-verify_ip', 'fd00::1'],
    ]) {
      expect(await verify(ca, certificate, ...asked)).toMatchObject({ ok: true });
    }
    expect(await verify(ca, certificate, '-verify_ip', '192.168.1.21')).toMatchObject({ ok: false });
  });

  test('finds the constraints critical, and no use but for servers', async () => {
    const { ca, certificate } = await filesOf(own);
    const { said } = await outcome('openssl', 'x509', '-in', ca, '-noout', '-text');
    expect(said).toMatch(/Name Constraints: critical\s+Permitted:\s+DNS:local\s/);
    expect(said).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(said).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(
      await outcome('openssl', 'verify', '-purpose', 'sslclient', '-CAfile', ca, certificate),
    ).toMatchObject({
      ok: false,
    });
  });

  test.each([
    ['google.com', [['google.com'], []]],
    ['a name below one', [['www.bank.example'], []]],
    ['an address of the internet', [['inglenook.local'], ['8.8.8.8']]],
  ] as const)('attack 69: %s signed by our authority is refused', async (_name, [names, addresses]) => {
    const { ca, certificate } = await filesOf(names, addresses);
    const verified = await verify(ca, certificate);
    expect(verified.ok).toBe(false);
    expect(verified.said).toContain('permitted subtree violation');
  });

  test('shakes hands with TLS 1.2 and 1.3, and with nothing older', async () => {
    const { https } = await begunHttps();
    const ca = join(temporaryFolder(), 'ca.pem');
    writeFileSync(ca, https.authority()?.authority.certificate ?? '');
    const port = await listening((_request, response) => response.end(), { certificates: https.served });
    const connect = (...args: string[]): Promise<Outcome> =>
      outcome(
        'openssl',
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-CAfile',
        ca,
        '-verify_return_error',
        '-brief',
        ...args,
      );
    expect((await connect('-tls1_3')).said).toMatch(/Verification: OK/);
    expect((await connect('-tls1_2')).said).toMatch(/Verification: OK/);
    expect((await connect('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')).said).not.toMatch(/Verification: OK/);
  });
});

describe.runIf(python !== null)('Python', () => {
  const program = `
import ssl, sys, http.client, socket
port, ca, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=ca)
context.verify_flags |= ssl.VERIFY_X509_STRICT
try:
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=name) as s:
        s.sendall(b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        print("accepted", s.recv(12).decode())
except ssl.SSLCertVerificationError as error:
    print("refused", error.verify_message)
`;
  const ask = async (port: number, ca: string, name: string): Promise<string> =>
    (await outcome(python ?? '', '-c', program, String(port), ca, name)).said.trim();

  test('accepts what we make, strictly, by name and by address', async () => {
    const { ca, authority, leaf } = await filesOf(own, ['127.0.0.1']);
    const port = await served(leaf, authority.certificate);
    expect(await ask(port, ca, 'inglenook.local')).toBe('accepted HTTP/1.1 200');
    expect(await ask(port, ca, '127.0.0.1')).toBe('accepted HTTP/1.1 200');
    expect(await ask(port, ca, 'other.local')).toContain('refused Hostname mismatch');
  });

  test('attack 69: a name of the internet signed by our authority is refused', async () => {
    const { ca, authority, leaf } = await filesOf(['google.com']);
    expect(await ask(await served(leaf, authority.certificate), ca, 'google.com')).toBe(
      'refused permitted subtree violation',
    );
  });
});
