import { execFileSync, spawnSync } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { connectGuides } from '../../../server/connect/guides.ts';
import { contextWith, hostile, hostileContext, snippets } from './contexts.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const contexts = [
  ['plain values', contextWith(), { key: 'sk-ink_abc', chat: 'office', code: 'office-code' }],
  ['hostile values', hostileContext, { key: hostile.key, chat: hostile.name, code: hostile.name }],
] as const;
const api = 'http://192.168.1.20:11500/v1';

describe.each(contexts)('with %s', (_name, context, { key, chat, code }) => {
  test('Continue’s YAML says what is meant', () => {
    const [text = ''] = snippets(context, 'continue', 'yaml');
    const shared = { provider: 'openai', apiBase: api, apiKey: key };
    const entry = (model: string, rest: object) => ({
      name: `${model} (Inglenook)`,
      model,
      ...shared,
      ...rest,
    });
    const expected = {
      name: 'Inglenook',
      version: '0.0.1',
      schema: 'v1',
      models: [
        entry(code, {
          useResponsesApi: false,
          roles: ['chat', 'edit', 'apply'],
          capabilities: ['tool_use'],
          defaultCompletionOptions: { contextLength: 32_768, maxTokens: 4096 },
        }),
        entry(context.roles.autocomplete, { useLegacyCompletionsEndpoint: true, roles: ['autocomplete'] }),
        entry(context.roles.embed, { roles: ['embed'] }),
      ],
    };
    expect(parse(text)).toEqual(expected);
    // Older readers know more words for true and false.
    expect(parse(text, { version: '1.1' })).toEqual(expected);
  });

  test('Claude Code’s JSON says what is meant, with the address without /v1', () => {
    const [text = ''] = snippets(context, 'claude-code', 'json');
    expect(JSON.parse(text)).toEqual({
      env: expect.objectContaining({
        ANTHROPIC_BASE_URL: 'http://192.168.1.20:11500',
        ANTHROPIC_AUTH_TOKEN: key,
        ANTHROPIC_API_KEY: '',
        ANTHROPIC_MODEL: code,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: code,
        CLAUDE_CODE_AUTO_COMPACT_WINDOW: '32768',
      }),
    });
  });

  test('curl gets exactly these words from a shell', () => {
    const [text = ''] = snippets(context, 'curl', 'sh');
    const words = wordsGivenTo('curl', text);
    expect(words.slice(0, -1)).toEqual([
      `${api}/chat/completions`,
      '-H',
      `Authorization: Bearer ${key}`,
      '-H',
      'Content-Type: application/json',
      '-d',
    ]);
    expect(JSON.parse(words.at(-1) ?? '')).toEqual({
      model: chat,
      messages: [{ role: 'user', content: 'Say hello in one sentence.' }],
    });
  });

  test('Open WebUI gets exactly these variables from a shell', () => {
    const [text = ''] = snippets(context, 'open-webui', 'sh');
    const shown = text.replace(
      'open-webui serve',
      String.raw`printf '%s\0%s' "$OPENAI_API_BASE_URL" "$OPENAI_API_KEY"`,
    );
    expect(execFileSync('bash', ['-c', shown], { encoding: 'utf8' }).split('\0')).toEqual([api, key]);
  });

  test.skipIf(!has('python3'))('Python’s own parser reads exactly these values', () => {
    const [text = ''] = snippets(context, 'python', 'python');
    expect(pythonArguments(text)).toEqual({
      base_url: api,
      api_key: key,
      model: chat,
      messages: [{ role: 'user', content: 'Say hello in one sentence.' }],
    });
  });

  test('TypeScript’s parser reads exactly these values', () => {
    const [text = ''] = snippets(context, 'typescript', 'typescript');
    expect(stripTypeScriptTypes(text)).toBe(text);
    const { program, errors } = parseSync('hello.mts', text);
    expect(errors).toEqual([]);
    expect(stringsOf(program)).toEqual(
      expect.arrayContaining(['openai', api, key, chat, 'user', 'Say hello in one sentence.']),
    );
    expect(stringsOf(program)).toHaveLength(6);
  });

  test('Cline’s fields are the bare values', () => {
    expect(snippets(context, 'cline', 'text')).toEqual([api, key, code, '32768']);
  });
});

test('every shell snippet is a shell script', () => {
  const scripts = connectGuides(hostileContext)
    .flatMap(({ steps }) => steps)
    .flatMap(({ snippet }) => (snippet?.language === 'sh' ? [snippet.text] : []));
  expect(scripts.length).toBeGreaterThan(3);
  for (const script of scripts) execFileSync('bash', ['-n', '-c', script]);
});

test('every language a snippet is in has its parser above', () => {
  const languages = connectGuides(contextWith())
    .flatMap(({ steps }) => steps)
    .map(({ snippet }) => snippet?.language);
  expect(new Set(languages)).toEqual(
    new Set([undefined, 'yaml', 'json', 'sh', 'python', 'typescript', 'text']),
  );
});

/** Runs the script with a stand-in for the program that writes down its arguments. */
function wordsGivenTo(program: string, script: string): string[] {
  const standIn = String.raw`${program}() { printf '%s\0' "$@"; }`;
  const output = execFileSync('bash', ['-c', `${standIn}\n${script}`], { encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}

/** Keyword arguments of all calls, without running anything. */
function pythonArguments(program: string): unknown {
  const reader = [
    'import ast, json, sys',
    'calls = [node for node in ast.walk(ast.parse(sys.stdin.read())) if isinstance(node, ast.Call)]',
    'print(json.dumps({word.arg: ast.literal_eval(word.value) for call in calls for word in call.keywords}))',
  ].join('\n');
  return JSON.parse(execFileSync('python3', ['-c', reader], { input: program, encoding: 'utf8' }));
}

/** Every string literal of a program; nothing else in it could come from a value. */
function stringsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(stringsOf);
  if (typeof node !== 'object' || node === null) return [];
  const { type, value } = node as { readonly type?: unknown; readonly value?: unknown };
  if (type === 'Literal' && typeof value === 'string') return [value];
  return Object.values(node).flatMap(stringsOf);
}
