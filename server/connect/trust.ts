import type { TrustFacts } from '../wire/https.ts';
import { step, type GuideStep } from './context.ts';
import { shellWord } from './quote.ts';

/** Where the guides put the authority's certificate; whoever keeps it elsewhere changes it there. */
export const authorityFile = '/path/to/inglenook-ca.pem';

/** How a tool is told to trust our authority, by the tool's id (security.md §2, "Clients trusting the CA"). */
const ways: Readonly<Record<string, () => readonly GuideStep[]>> = {
  // Its settings name the file: see `requestOptions` there.
  continue: () => [],
  cline: () => [environment('NODE_EXTRA_CA_CERTS'), step('trust.restartEditor')],
  'claude-code': () => [environment('NODE_EXTRA_CA_CERTS')],
  typescript: () => [environment('NODE_EXTRA_CA_CERTS')],
  // The variable replaces the usual authorities, which Open WebUI needs for what it downloads.
  'open-webui': () => [
    step('trust.bundle', {
      snippet: {
        language: 'sh',
        text:
          `cat "$(python -m certifi)" ${authorityFile} > /path/to/with-inglenook.pem\n` +
          'export SSL_CERT_FILE=/path/to/with-inglenook.pem\n' +
          'export REQUESTS_CA_BUNDLE=/path/to/with-inglenook.pem\n',
      },
    }),
  ],
  python: () => [environment('SSL_CERT_FILE')],
  // Its command names the file.
  curl: () => [],
};

/** What comes before everything else while tools do not know our authority yet. */
export function trustSteps(toolId: string, trust: TrustFacts): readonly GuideStep[] {
  const way = trustWay(toolId);
  return way === null ? [] : [...fetchSteps(trust), ...way];
}

/** What a tool itself is told once the certificate is there; empty where its own settings name the file, null where it needs none. */
export function trustWay(toolId: string): readonly GuideStep[] | null {
  return (Object.hasOwn(ways, toolId) ? ways[toolId] : undefined)?.() ?? null;
}

/** How the certificate comes to a device, the same for every tool. */
export function fetchSteps({ caUrl, fingerprint }: TrustFacts): readonly GuideStep[] {
  return [
    step('trust.download', {
      snippet: { language: 'sh', text: `curl -o ${authorityFile} ${shellWord(caUrl)}\n` },
    }),
    step('trust.compare', {
      values: { fingerprint },
      snippet: { language: 'sh', text: `openssl x509 -in ${authorityFile} -noout -fingerprint -sha256\n` },
    }),
  ];
}

function environment(name: string): GuideStep {
  return step('trust.environment', {
    snippet: { language: 'sh', text: `export ${name}=${authorityFile}\n` },
  });
}
