import { request } from 'node:http';
import type { Text } from '../wire/text.ts';

/**
 * Other model servers of this computer that answer the whole office without a key: whoever finds one walks around every
 * limit. They are found by asking, on this computer's own addresses only, never a neighbour's. Inglenook's own Ollama
 * listens on loopback, at a port of chance, and so is never among them.
 */
export type SideDoor = {
  readonly product: string;
  readonly address: string;
  readonly port: number;
  readonly fix: Text;
};

type Known = {
  readonly product: string;
  readonly ports: readonly number[];
  /** What is asked for; nothing that changes or computes anything. */
  readonly path: string;
  /** Whether this answer is its list of models. */
  readonly isIt: (answer: Readonly<Record<string, unknown>>) => boolean;
  readonly fix: Text;
};

const onlyHere = (en: string, de: string): Text => ({
  en: `${en} Then it answers this computer alone, and the office goes through Inglenook, where it can be added as a server.`,
  de: `${de} Dann antwortet es nur diesem Rechner, und das Büro geht durch Inglenook, wo es als Server hinzugefügt werden kann.`,
});

const isList = ({ data }: Readonly<Record<string, unknown>>): boolean => Array.isArray(data);
const ownedBy =
  (owner: string) =>
  ({ data }: Readonly<Record<string, unknown>>): boolean =>
    Array.isArray(data) && data.some((model: { owned_by?: unknown } | null) => model?.owned_by === owner);

/** The special before the general: what answers as one of the first is not asked again as one of the last. */
const products: readonly Known[] = [
  {
    product: 'Ollama',
    ports: [11434],
    path: '/api/tags',
    isIt: ({ models }) => Array.isArray(models),
    fix: onlyHere(
      'Take OLLAMA_HOST=0.0.0.0 away (or “Expose Ollama to the network” in its settings) and start it again.',
      'OLLAMA_HOST=0.0.0.0 wegnehmen (oder „Expose Ollama to the network“ in seinen Einstellungen) und es neu starten.',
    ),
  },
  {
    product: 'LM Studio',
    ports: [1234],
    path: '/v1/models',
    isIt: isList,
    fix: onlyHere(
      'In LM Studio’s Developer tab, switch off “Serve on Local Network” in the server’s settings, or require authentication.',
      'In LM Studio unter „Developer“ in den Einstellungen des Servers „Serve on Local Network“ ausschalten oder Anmeldung verlangen.',
    ),
  },
  {
    product: 'vLLM',
    ports: [8000, 8001],
    path: '/v1/models',
    isIt: ownedBy('vllm'),
    fix: onlyHere(
      'Start it with --host 127.0.0.1 (its --api-key guards /v1 only).',
      'Mit --host 127.0.0.1 starten (sein --api-key schützt nur /v1).',
    ),
  },
  {
    product: 'llama-server',
    ports: [8080, 8081, 8000],
    path: '/v1/models',
    isIt: ownedBy('llamacpp'),
    fix: onlyHere(
      'Start it with --host 127.0.0.1, or with --api-key.',
      'Mit --host 127.0.0.1 starten oder mit --api-key.',
    ),
  },
  {
    product: 'OpenAI-compatible server',
    ports: [1234, 1337, 3000, 4000, 4891, 5000, 5001, 8000, 8001, 8080, 8081, 9997, 12434, 30000, 52415],
    path: '/v1/models',
    isIt: isList,
    fix: onlyHere(
      'Let that program listen on 127.0.0.1 only, or give it a key.',
      'Das Programm nur an 127.0.0.1 horchen lassen oder ihm einen Schlüssel geben.',
    ),
  },
];

export type SideDoorOptions = {
  /** This computer's own addresses that lead into the office. */
  readonly addresses: readonly string[];
  /** Our own. */
  readonly ownPort: number;
  /** Others in tests. */
  readonly portsOf?: (product: string, usual: readonly number[]) => readonly number[];
  readonly signal: AbortSignal;
};

const askWithinMs = 2_000;
const mostBytes = 256 * 1024;

/** In the order of addresses and ports; each open port is named once. */
export async function findSideDoors(options: SideDoorOptions): Promise<readonly SideDoor[]> {
  const portsOf = options.portsOf ?? ((_product: string, usual: readonly number[]) => usual);
  const known = products.map((entry) => ({ ...entry, ports: portsOf(entry.product, entry.ports) }));
  const ports = [...new Set(known.flatMap((entry) => entry.ports))].filter(
    (port) => port !== options.ownPort,
  );
  const found = await Promise.all(
    options.addresses.flatMap((address) =>
      ports.map((port) => whatAnswers(known, { address, port }, options.signal)),
    ),
  );
  return found.filter((door) => door !== null);
}

type Place = { readonly address: string; readonly port: number };

async function whatAnswers(
  known: readonly Known[],
  place: Place,
  signal: AbortSignal,
): Promise<SideDoor | null> {
  const candidates = known.filter(({ ports }) => ports.includes(place.port));
  const answers = new Map<string, Answer>();
  for (const { product, path, isIt, fix } of candidates) {
    const answer = answers.get(path) ?? (await ask(place, path, signal));
    if (answer === 'nobody') return null;
    answers.set(path, answer);
    if (answer !== 'nothing' && isIt(answer)) return { product, ...place, fix };
  }
  return null;
}

/** `nobody`: no server, or one that does not come to an end. `nothing`: a locked one, a web page; another path may do. */
type Answer = Readonly<Record<string, unknown>> | 'nobody' | 'nothing';

async function ask({ address, port }: Place, path: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const outgoing = request({
      host: address,
      port,
      path,
      agent: false,
      headers: { accept: 'application/json', 'user-agent': 'inglenook-doctor' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(askWithinMs)]),
    });
    outgoing.on('error', () => resolve('nobody'));
    outgoing.on('close', () => resolve('nobody'));
    outgoing.on('response', (response) => {
      if (response.statusCode !== 200) {
        resolve('nothing');
        return void outgoing.destroy();
      }
      let body = '';
      response.setEncoding('utf8');
      response.on('error', () => resolve('nobody'));
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > mostBytes) outgoing.destroy();
      });
      response.on('end', () => resolve(objectOf(body)));
    });
    outgoing.end();
  });
}

function objectOf(body: string): Answer {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : 'nothing';
  } catch {
    return 'nothing';
  }
}
