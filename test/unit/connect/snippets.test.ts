import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseSync } from 'vite';
import { describe, expect, onTestFinished, test } from 'vitest';
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
        CLAUDE_CODE_MAX_CONTEXT_TOKENS: '32768',
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: '8192',
      }),
    });
    // A smaller one it would pass over, with a warning.
    expect(text).not.toContain('AUTO_COMPACT');
    const [large = ''] = snippets(contextWith({ contextTokens: 200_000 }), 'claude-code', 'json');
    expect(JSON.parse(large)).toMatchObject({
      env: { CLAUDE_CODE_AUTO_COMPACT_WINDOW: '200000', CLAUDE_CODE_MAX_OUTPUT_TOKENS: '32000' },
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
    const script = text.replace('open-webui serve', '');
    expect(variablesAfter(script, ['OPENAI_API_BASE_URL', 'OPENAI_API_KEY'])).toEqual([api, key]);
  });

  test('Goose gets exactly these variables, with the host without /v1', () => {
    const [text = ''] = snippets(context, 'goose', 'sh');
    const names = ['GOOSE_PROVIDER', 'GOOSE_MODEL', 'OPENAI_HOST', 'OPENAI_BASE_PATH', 'OPENAI_API_KEY'];
    expect(variablesAfter(text, [...names, 'GOOSE_CONTEXT_LIMIT'])).toEqual([
      'openai',
      code,
      'http://192.168.1.20:11500',
      'v1/chat/completions',
      key,
      '32768',
    ]);
  });

  test('Cline’s command line gets exactly these words', () => {
    const [text = ''] = snippets(context, 'cline', 'sh');
    expect(wordsGivenTo('cline', text)).toEqual([
      'auth',
      'openai-compatible',
      '-b',
      api,
      '-k',
      key,
      '-m',
      code,
    ]);
  });

  test('Codex’ TOML says what is meant, and its shell lines fetch the catalogue and set the key', () => {
    const [text = ''] = snippets(context, 'codex', 'toml');
    expect(parseToml(text)).toEqual({
      model: code,
      model_provider: 'inglenook',
      model_catalog_json: 'inglenook-models.json',
      web_search: 'disabled',
      model_providers: {
        inglenook: {
          name: 'Inglenook',
          base_url: api,
          env_key: 'INGLENOOK_KEY',
          wire_api: 'responses',
          stream_idle_timeout_ms: 600_000,
        },
      },
      features: { image_generation: false },
    });
    const [catalogue = '', environment = ''] = snippets(context, 'codex', 'sh');
    const home = mkdtempSync(join(tmpdir(), 'inglenook-home-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    expect(wordsGivenTo('curl', catalogue, home)).toEqual([
      '-fsS',
      `${api}/models?client_version=0`,
      '-H',
      `Authorization: Bearer ${key}`,
      '-o',
      join(home, '.codex', 'inglenook-models.json'),
    ]);
    expect(variablesAfter(environment, ['INGLENOOK_KEY'])).toEqual([key]);
  });

  test('OpenCode’s JSON says what is meant', () => {
    const [text = ''] = snippets(context, 'opencode', 'json');
    expect(JSON.parse(text)).toEqual({
      $schema: 'https://opencode.ai/config.json',
      model: `inglenook/${code}`,
      provider: {
        inglenook: {
          npm: '@ai-sdk/openai-compatible',
          name: 'Inglenook',
          options: { baseURL: api, apiKey: key },
          models: { [code]: { name: `${code} (Inglenook)`, limit: { context: 32_768, output: 4096 } } },
        },
      },
    });
  });

  test('Aider’s YAML and JSON say what is meant', () => {
    const [text = ''] = snippets(context, 'aider', 'yaml');
    const expected = { model: `openai/${code}`, 'openai-api-base': api, 'openai-api-key': key };
    expect(parse(text)).toEqual(expected);
    expect(parse(text, { version: '1.1' })).toEqual(expected);
    const [sizes = ''] = snippets(context, 'aider', 'json');
    expect(JSON.parse(sizes)).toEqual({
      [`openai/${code}`]: {
        max_input_tokens: 32_768,
        max_output_tokens: 4096,
        input_cost_per_token: 0,
        output_cost_per_token: 0,
        litellm_provider: 'openai',
        mode: 'chat',
      },
    });
  });

  test('Zed’s JSON says what is meant, without the key', () => {
    const [text = ''] = snippets(context, 'zed', 'json');
    expect(JSON.parse(text)).toEqual({
      language_models: {
        openai_compatible: {
          Inglenook: {
            api_url: api,
            available_models: [
              {
                name: code,
                display_name: `${code} (Inglenook)`,
                max_tokens: 32_768,
                max_output_tokens: 4096,
                capabilities: {
                  tools: true,
                  images: false,
                  parallel_tool_calls: false,
                  prompt_cache_key: false,
                },
              },
            ],
          },
        },
      },
      agent: { default_model: { provider: 'Inglenook', model: code } },
    });
    expect(snippets(context, 'zed', 'text')).toEqual([key]);
  });

  test('VS Code’s JSON says what is meant, and leaves room for the answer', () => {
    const [text = ''] = snippets(context, 'vs-code', 'json');
    expect(JSON.parse(text)).toEqual([
      {
        name: 'Inglenook',
        vendor: 'customendpoint',
        apiKey: key,
        apiType: 'chat-completions',
        models: [
          {
            id: code,
            name: `${code} (Inglenook)`,
            url: `${api}/chat/completions`,
            toolCalling: true,
            vision: false,
            maxInputTokens: 28_672,
            maxOutputTokens: 4096,
            streaming: true,
          },
        ],
      },
    ]);
  });

  test('LibreChat’s YAML says what is meant', () => {
    const [text = ''] = snippets(context, 'librechat', 'yaml');
    const endpoint = {
      name: 'Inglenook',
      apiKey: key,
      baseURL: api,
      models: { default: [chat], fetch: true },
      titleConvo: true,
      titleModel: 'current_model',
      modelDisplayLabel: 'Inglenook',
    };
    const expected = { version: '1.2.1', endpoints: { custom: [endpoint] } };
    expect(parse(text)).toEqual(expected);
    expect(parse(text, { version: '1.1' })).toEqual(expected);
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

  test.each([
    ['cline', [api, key, code, '32768']],
    ['roo-code', [api, key, code, '32768']],
    ['kilo-code', [api, key, code, '32768']],
    ['jetbrains', [api, key]],
    ['obsidian', [chat, api, key]],
    ['n8n', [key, api]],
    ['home-assistant', [key, api, chat]],
  ])('the fields of %s are the bare values', (id, values) => {
    expect(snippets(context, id, 'text')).toEqual(values);
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
    new Set([undefined, 'yaml', 'json', 'toml', 'sh', 'python', 'typescript', 'text']),
  );
});

/** Runs the script with a stand-in for the program that writes down its arguments. */
function wordsGivenTo(program: string, script: string, home = '/nowhere'): string[] {
  const standIn = String.raw`${program}() { printf '%s\0' "$@"; }`;
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const output = execFileSync('bash', ['-c', `${standIn}\n${script}`], { encoding: 'utf8', env });
  return output.split('\0').slice(0, -1);
}

/** What a shell hands on to the programs it starts, after these lines. */
function variablesAfter(script: string, names: readonly string[]): string[] {
  const show = `node -e 'process.stdout.write(process.argv.slice(1).map((name) => process.env[name]).join("\\0"))'`;
  const whole = `${script}\n${show.replace('node', `'${process.execPath}'`)} ${names.join(' ')}`;
  const env = { PATH: process.env['PATH'] ?? '' };
  return execFileSync('sh', ['-c', whole], { encoding: 'utf8', env }).split('\0');
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
