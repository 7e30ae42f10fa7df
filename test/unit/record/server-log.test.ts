import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newKeyText } from '../../../server/core/key-format.ts';
import { createServerLog, type ServerLogOptions } from '../../../server/record/server-log.ts';

let dir: string;
let terminal: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'inglenook-log-')), 'logs');
  terminal = '';
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const openLog = (options: Partial<ServerLogOptions> = {}) =>
  createServerLog({
    dir,
    stderr: { write: (text: string) => (terminal += text) },
    level: 'info',
    ...options,
  });

const fileLines = (): Record<string, unknown>[] =>
  readFileSync(join(dir, 'server.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the server’s log', () => {
  it('is JSON lines in a private file and readable lines at the terminal', async () => {
    const log = openLog();
    log.debug('Not this.');
    log.info('A key was created.', { key: 'Anna', count: 2, models: ['a', 'b'], nothing: undefined });
    await log.close();
    expect(fileLines()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: 'info',
        message: 'A key was created.',
        key: 'Anna',
        count: 2,
        models: ['a', 'b'],
      },
    ]);
    expect(statSync(join(dir, 'server.log')).mode & 0o777).toBe(0o600);
    expect(terminal).toMatch(
      /^\d\d:\d\d:\d\d info {2}A key was created\. \(key: Anna, count: 2, models: a, b\)\n$/,
    );
  });

  it('masks keys wherever they stand, errors and their causes included', async () => {
    const key = newKeyText();
    const log = openLog();
    const error = new Error(`upstream said ${key}`, { cause: new Error(`Bearer ${key}`) });
    log.error(`failed with ${key}`, { error, header: `Bearer ${key}`, list: [key], key });
    await log.close();
    expect(readFileSync(join(dir, 'server.log'), 'utf8') + terminal).not.toContain(key.slice(7, 20));
    expect(fileLines()[0]).toMatchObject({
      error: 'Error: upstream said sk-ink_[masked] ← Error: Bearer [masked]',
      errorStack: expect.stringContaining('at '),
    });
  });

  it('never quotes a body: not through a failed JSON.parse, not as an object', async () => {
    const log = openLog();
    try {
      JSON.parse('{"messages":"canary prompt');
    } catch (error) {
      log.warn('Bad body.', { error });
    }
    log.info('With an object.', { body: { messages: 'canary prompt' }, list: [{ text: 'canary' }] });
    log.warn('Thrown by somebody.', { error: { text: 'canary' } });
    await log.close();
    expect(readFileSync(join(dir, 'server.log'), 'utf8') + terminal).not.toContain('canary');
    expect(fileLines()[1]).toMatchObject({ body: '[left out]', list: ['[left out]'] });
  });

  it('stays one line whatever a name holds, and no character steers the terminal', async () => {
    const log = openLog();
    log.info('Name:', { name: 'a\r\nb\u001b[31m\u0085\u2028\u202e\u0000' });
    await log.close();
    for (const text of [terminal, readFileSync(join(dir, 'server.log'), 'utf8')]) {
      expect(text.split('\n')).toHaveLength(2);
      // oxlint-disable-next-line no-control-regex
      expect(text.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    }
    expect(fileLines()[0]).toMatchObject({ name: 'a\r\nb\u001b[31m\u0085\u2028\u202e\u0000' });
  });

  it('puts a full file aside and loses no line', async () => {
    const log = openLog({ size: '2K' });
    for (let index = 0; index < 100; index++) log.info(`line ${index} ${'x'.repeat(50)}`);
    await log.close();
    const files = readdirSync(dir).filter((name) => name.endsWith('server.log'));
    expect(files.length).toBeGreaterThan(2);
    const lines = files.flatMap((name) => readFileSync(join(dir, name), 'utf8').trimEnd().split('\n'));
    const numbers = lines.filter((line) => line !== '').map((line) => Number(/line (\d+)/.exec(line)?.[1]));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('goes on at the terminal when the file cannot be written, says so once, and never throws', async () => {
    writeFileSync(dir, 'a file where the folder should be');
    const log = openLog();
    log.info('one');
    log.info('two');
    await vi.waitFor(() => expect(terminal).toContain('cannot be written'));
    log.info('three');
    await log.close();
    expect(terminal.match(/cannot be written/g)).toHaveLength(1);
    expect(terminal).toContain('info  three');
  });

  it('survives a terminal that is gone and a field that throws', async () => {
    const log = openLog({
      stderr: {
        write() {
          throw new Error('EPIPE');
        },
      },
    });
    log.info('kept');
    log.info(
      'odd',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('getter');
        },
      }),
    );
    await log.close();
    await log.close();
    log.info('after the end');
    expect(fileLines().map(({ message }) => message)).toEqual(['kept']);
  });
});
