import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { Untouched } from '../../../server/connect-tool/failures.ts';
import { mergeEnv } from '../../../server/connect-tool/merge/env.ts';
import { mergeJson, readJsonSettings } from '../../../server/connect-tool/merge/json.ts';
import { readJsonc, setIn } from '../../../server/connect-tool/merge/jsonc.ts';
import { mergeToml } from '../../../server/connect-tool/merge/toml.ts';
import { mergeContinue } from '../../../server/connect-tool/merge/yaml.ts';

const plainRule = { whole: [], onlyIfMissing: [] };

describe('JSON with comments', () => {
  const wanted = { env: { ANTHROPIC_BASE_URL: 'http://10.0.0.1:11500', ANTHROPIC_API_KEY: '' } };

  test('keeps comments, order, indent, trailing commas and everything else byte for byte', () => {
    const existing = `// mine
{
    "model": "opus", // not to be lost
    /* the environment */
    "env": {
        "ANTHROPIC_BASE_URL": "https://elsewhere", // before
        "EDITOR": "vi",
        // the last word
    },
    "permissions": { "allow": ["Bash(ls:*)"] }
}
`;
    expect(mergeJson(existing, wanted, plainRule)).toBe(`// mine
{
    "model": "opus", // not to be lost
    /* the environment */
    "env": {
        "ANTHROPIC_BASE_URL": "http://10.0.0.1:11500", // before
        "EDITOR": "vi",
        // the last word
        "ANTHROPIC_API_KEY": "",
    },
    "permissions": { "allow": ["Bash(ls:*)"] }
}
`);
  });

  test.each([
    ['{}', '{\n  "env": {\n    "A": "1"\n  }\n}'],
    ['{"a":1}', '{"a":1, "env": {\n  "A": "1"\n}}'],
    ['{"env": {"B": "2"}}', '{"env": {"B": "2", "A": "1"}}'],
    ['{\n  "env": { "B": "2" }\n}', '{\n  "env": { "B": "2",\n    "A": "1"\n  }\n}'],
    ['{\r\n\t"a": 1\r\n}\r\n', '{\r\n\t"a": 1,\r\n\t"env": {\r\n\t\t"A": "1"\r\n\t}\r\n}\r\n'],
    ['{ // nothing yet\n}', '{ // nothing yet\n  "env": {\n    "A": "1"\n  }\n}'],
    ['\ufeff{"env":{"A":"0"}}', '\ufeff{"env":{"A":"1"}}'],
  ])('puts it into %j', (existing, expected) => {
    const merged = mergeJson(existing, { env: { A: '1' } }, plainRule);
    expect(merged).toBe(expected);
    expect(mergeJson(merged, { env: { A: '1' } }, plainRule)).toBe(merged);
  });

  test.each([
    ['{"a": 1,}}', 'it is no JSON: end of file expected in line 1, column 10'],
    ['{"a": }', 'it is no JSON: value expected in line 1, column 7'],
    ['{\n "a" 1}', 'it is no JSON: colon expected in line 2, column 6'],
    ['{"a": "b', 'it is no JSON: unexpected end of string in line 1, column 7'],
    ['{"a": "\\x"}', 'it is no JSON: invalid escape character in line 1, column 7'],
    ['\ufeff// nothing but this', 'it is no JSON: value expected in line 1, column 21'],
    ['[1]', 'it holds no JSON object'],
    ['{"env": "text"}', '“env” is no object'],
    ['{,}', 'it is no JSON: value expected in line 1, column 2'],
  ])('leaves %j alone and says why', (existing, why) => {
    expect(() => mergeJson(existing, { env: { A: '1' } }, plainRule)).toThrow(new Untouched(why));
  });

  test('sets whole pieces as one, and some only where there is nothing', () => {
    const rule = { whole: [['provider', 'inglenook']], onlyIfMissing: ['$schema'] };
    const settings = { $schema: 'new', provider: { inglenook: { models: { b: {} } } } };
    const existing = '{"$schema": "mine", "provider": {"other": 1, "inglenook": {"models": {"a": {}}}}}';
    expect(readJsonSettings(mergeJson(existing, settings, rule))).toEqual({
      $schema: 'mine',
      provider: { other: 1, inglenook: { models: { b: {} } } },
    });
  });

  test('reads whatever JSON.stringify writes, and sets in it what JSON.parse then finds', () => {
    const key = fc.string({ maxLength: 8 }).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.jsonValue()),
        fc.array(key, { minLength: 1, maxLength: 3 }),
        fc.jsonValue(),
        (tree, path, value) => {
          const text = JSON.stringify(tree, null, 2);
          expect(JSON.stringify(readJsonc(text))).toBe(JSON.stringify(JSON.parse(text)));
          let set: string;
          try {
            set = setIn(text, path, value);
          } catch {
            return;
          }
          const found = path.reduce<unknown>(
            (inner, name) => (inner as Record<string, unknown>)[name],
            JSON.parse(set),
          );
          expect(JSON.stringify(found)).toBe(JSON.stringify(value));
        },
      ),
    );
  });
});

describe('TOML', () => {
  const wanted = `model = "office-code"
model_provider = "inglenook"

[model_providers.inglenook]
name = "Inglenook"
base_url = "http://10.0.0.1:11500/v1"

[features]
image_generation = false
`;

  test('replaces values where they stand, adds to tables that are there, and appends the rest', () => {
    const existing = `# my Codex
model = "gpt-5" # the big one
notify = ["sh", "-c", "[x]
# no comment"]
text = """
[features]
model = 1
"""

[features] # mine
web = true

[mcp_servers."a.b"]
command = "x"
`.replace('"[x]\n# no comment"', '"[x] # no comment"');
    const merged = mergeToml(existing, wanted);
    expect(merged).toBe(`# my Codex
model = "office-code" # the big one
notify = ["sh", "-c", "[x] # no comment"]
text = """
[features]
model = 1
"""
model_provider = "inglenook"

[features] # mine
web = true
image_generation = false

[mcp_servers."a.b"]
command = "x"

[model_providers]

[model_providers.inglenook]
name = "Inglenook"
base_url = "http://10.0.0.1:11500/v1"
`);
    expect(mergeToml(merged, wanted)).toBe(merged);
  });

  test.each([
    ['[features]\nweb = true', 'model = "office-code"'],
    ['# only a comment', 'image_generation = false'],
    ['a = [\r\n  1, # [b]\r\n  2,\r\n]\r\n', 'image_generation = false\r\n'],
    ['features = { web = true }\n', 'features = { web = true, image_generation = false }'],
    ['model_providers = {}\n', 'model_providers = {inglenook = {'],
    ['features.web = true\n', 'image_generation = false'],
    ['model_providers.inglenook.name = "Other"\n', '"Inglenook"'],
    ["'model' = 'gpt' # mine\n", "'model' = 'office-code' # mine"],
    ['[[list]]\nname = 1\n[[list]]\nname = 2\n', 'image_generation = false'],
    ['\ufeffa = 1\n', 'office-code'],
  ])('says in %j what was there and what is wanted', (existing, part) => {
    const merged = mergeToml(existing, wanted);
    expect(merged).toContain(part);
    const without = (text: string): unknown => parseToml(text.replace('\ufeff', ''));
    expect(without(merged)).toMatchObject(without(wanted) as object);
    const rest = without(existing) as Record<string, unknown>;
    for (const name of Object.keys(rest).filter(
      (one) => !['model', 'features', 'model_providers'].includes(one),
    )) {
      expect((without(merged) as typeof rest)[name]).toEqual(rest[name]);
    }
    expect(mergeToml(merged, wanted)).toBe(merged);
  });

  test.each([
    ['a = ', /^it is no TOML: /],
    ['a = 1\r\nb = 2\n', /lines end as on Windows/],
  ])('leaves %j alone and says why', (existing, why) => {
    expect(() => mergeToml(existing, wanted)).toThrow(Untouched);
    expect(() => mergeToml(existing, wanted)).toThrow(why);
  });
});

describe('Continue’s YAML', () => {
  const wanted = `# test model, not for work
name: Inglenook
version: 0.0.1
schema: v1
models:
  - name: office-code (Inglenook)
    provider: openai
    model: office-code
    apiBase: http://10.0.0.1:11500/v1
    roles: [chat, edit]
  - name: office-code (Inglenook)
    provider: openai
    model: office-code
    roles: [embed]
`;

  test('adds our models behind somebody’s own, and keeps comments and all else', () => {
    const existing = `# Anna's own
name: Mine # yes
version: 1.0.0
schema: v1
models:
- name: Local   # first choice
  provider: ollama
  model: "qwen"
  roles: [chat]
rules:
- 'Be brief: always'
context: [ ]
`;
    const merged = mergeContinue(existing, wanted);
    for (const line of [
      "# Anna's own",
      'name: Mine # yes',
      '- name: Local',
      '# first choice',
      "- 'Be brief: always'",
      '  roles: [chat]',
    ]) {
      expect(merged).toContain(line);
    }
    const before = parseYaml(existing) as { models: unknown[] };
    const ours = parseYaml(wanted) as { models: unknown[] };
    expect(parseYaml(merged)).toEqual({ ...before, models: [...before.models, ...ours.models] });
    expect(mergeContinue(merged, wanted)).toBe(merged);
    const moved = wanted.replace('10.0.0.1', '10.0.0.2');
    const again = parseYaml(mergeContinue(merged, moved)) as typeof before;
    expect(again.models).toHaveLength(3);
    expect(JSON.stringify(again)).toContain('10.0.0.2');
  });

  test.each([
    '',
    '# nothing yet\n',
    'name: Mine\n',
    'models:\n',
    'models: []\r\n',
    '{"name": "x", "models": []}',
  ])('is set up where %j was', (existing) => {
    const merged = mergeContinue(existing, wanted);
    expect((parseYaml(merged) as { models: unknown }).models).toEqual(
      (parseYaml(wanted) as { models: unknown }).models,
    );
    expect(merged).toContain(
      existing
        .trimEnd()
        .split('\n')
        .find((line) => line.startsWith('#')) ?? '',
    );
    expect(mergeContinue(merged, wanted)).toBe(merged);
  });

  test.each([
    ['a: [', /^it is no YAML: /],
    ['- a\n', /no YAML map/],
    ['models: x\n', /“models” is no list/],
    ['a: 1\n---\nb: 2\n', /^it is no YAML: /],
    ['a: 1\na: 2\n', /^it is no YAML: /],
  ])('leaves %j alone and says why', (existing, why) => {
    expect(() => mergeContinue(existing, wanted)).toThrow(why);
  });
});

describe('variables', () => {
  test.each([
    [null, 'K=1\n'],
    ['A=2', 'A=2\nK=1\n'],
    ['export K = old\nA=2\n', 'export K=1\nA=2\n'],
    ['# K=no\r\nA=2\r\n', '# K=no\r\nA=2\r\nK=1\r\n'],
  ])('%j becomes %j', (existing, expected) => {
    expect(mergeEnv(existing, 'K=1\n')).toBe(expected);
    expect(mergeEnv(expected, 'K=1\n')).toBe(expected);
  });
});
