import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectPage, keyPlaceholder } from '../../server/wire/connect.ts';
import type { Desk, Ran } from './headless.ts';
import { runClient } from './headless.ts';
import { codexProgram, continueCommand, openCodeProgram } from './installed.ts';

export type Office = {
  readonly rootUrl: string;
  readonly apiKey: string;
  /** Of the owner; for the settings that our Connect page writes. */
  readonly adminToken: string;
  /** The starter model reads so slowly and so little that OpenCode's usual 8,000 tokens are beyond it. */
  readonly isSmall: boolean;
};

export type Client = {
  readonly name: string;
  /** Writes its settings into the home of the desk. */
  readonly setUp: (desk: Desk, office: Office) => Promise<void>;
  readonly ask: (prompt: string, desk: Desk, office: Office) => Promise<Ran>;
  /** The order for the script that makes it read a file of the project. */
  readonly orderToRead: (file: string, desk: Desk) => string;
};

const model = 'office-code';

const continueCli: Client = {
  name: 'Continue',
  async setUp(desk, office) {
    write(join(desk.home, '.continue', 'config.yaml'), await guideText(office, 'continue', 'yaml'));
  },
  ask(prompt, desk) {
    const config = join(desk.home, '.continue', 'config.yaml');
    return runClient([...continueCommand, '-p', '--auto', '--config', config, prompt], desk, {
      CONTINUE_TELEMETRY_ENABLED: '0',
    });
  },
  orderToRead: (file) => `call Read(${JSON.stringify({ filepath: file })})`,
};

/** clients.md §3.12; the catalogue of models is what the server itself tells Codex. */
const codex: Client = {
  name: 'Codex',
  async setUp(desk, { rootUrl, apiKey }) {
    const folder = join(desk.home, '.codex');
    const listed = await fetch(`${rootUrl}/v1/models?client_version=0.169.0`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    write(join(folder, 'inglenook-models.json'), await listed.text());
    write(
      join(folder, 'config.toml'),
      `model = "${model}"
model_provider = "inglenook"
model_catalog_json = "${join(folder, 'inglenook-models.json')}"
web_search = "disabled"
check_for_update_on_startup = false

[model_providers.inglenook]
name = "Inglenook"
base_url = "${rootUrl}/v1"
env_key = "INGLENOOK_KEY"
wire_api = "responses"
stream_idle_timeout_ms = 600000

[features]
image_generation = false

[analytics]
enabled = false
`,
    );
  },
  ask(prompt, desk, { apiKey }) {
    // Its own sandbox wants rights that a container seldom has; what it runs here is the test's own order.
    const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--strict-config'];
    return runClient([codexProgram(), 'exec', ...flags, prompt], desk, { INGLENOOK_KEY: apiKey });
  },
  orderToRead: (file) => `call exec_command(${JSON.stringify({ cmd: `cat ${file}` })})`,
};

/** clients.md §3.13. */
const openCode: Client = {
  name: 'OpenCode',
  async setUp(desk, { rootUrl, isSmall }) {
    const limit = isSmall ? { context: 8192, output: 32 } : { context: 32_768, output: 4096 };
    const provider = {
      npm: '@ai-sdk/openai-compatible',
      name: 'Inglenook',
      options: { baseURL: `${rootUrl}/v1`, apiKey: '{env:INGLENOOK_KEY}' },
      models: { [model]: { name: model, limit } },
    };
    const settings = {
      model: `inglenook/${model}`,
      autoupdate: false,
      share: 'disabled',
      provider: { inglenook: provider },
      ...(isSmall
        ? { agent: { build: { prompt: 'You are a friendly helper.', tools: { '*': false } } } }
        : {}),
    };
    write(join(desk.home, '.config', 'opencode', 'opencode.json'), JSON.stringify(settings));
  },
  ask(prompt, desk, { apiKey }) {
    // Word by word: what holds a space it would put into quotes, for the model to see.
    return runClient([openCodeProgram(), 'run', ...prompt.split(' ')], desk, {
      INGLENOOK_KEY: apiKey,
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    });
  },
  orderToRead: (file, desk) => `call read(${JSON.stringify({ filePath: join(desk.project, file) })})`,
};

export const clients: readonly Client[] = [continueCli, codex, openCode];

/** What our Connect page hands out for this tool, with the key in its place. */
async function guideText(
  { rootUrl, apiKey, adminToken }: Office,
  id: string,
  language: string,
): Promise<string> {
  const response = await fetch(`${rootUrl}/api/connect`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const { guides } = connectPage.parse(await response.json());
  const steps = guides.find((guide) => guide.id === id)?.steps ?? [];
  const text = steps.map(({ snippet }) => snippet).find((one) => one?.language === language)?.text;
  if (text === undefined) throw new Error(`The Connect page has no ${language} for ${id}.`);
  return text.replaceAll(keyPlaceholder, apiKey);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
