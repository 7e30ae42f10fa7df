/**
 * The least that the library needs for several streams in step, in a process of its own: what the engine is measured
 * against. No slots, no cancel, no text, no IPC while it runs; the same model, context, threads and sampling.
 */
import {
  getLlama,
  TokenBias,
  type EvaluationPriority,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

export type BareStart = {
  readonly path: string;
  readonly threads: number;
  readonly slots: number;
  readonly contextTokens: number;
};
export type BareRound = { readonly prompts: readonly string[]; readonly maxTokens: number };
/** When each stream's tokens came, in milliseconds since the round began. */
export type BareResult = { readonly ticks: readonly (readonly number[])[] };

let model: LlamaModel;
let sequences: LlamaContextSequence[];

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message: BareStart | BareRound) => {
  void ('path' in message ? start(message) : run(message)).then((answer) => process.send?.(answer));
});

async function start({ path, threads, slots, contextTokens }: BareStart): Promise<'ready'> {
  const llama = await getLlama({ gpu: 'auto', build: 'never', skipDownload: true, progressLogs: false });
  llama.maxThreads = threads;
  model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({
    sequences: slots,
    contextSize: contextTokens,
    batchSize: llama.gpu === false ? 512 : 1024,
    threads: { ideal: threads, min: 1 },
    batching: {
      itemPrioritizationStrategy: ({ items }) =>
        items
          .toSorted((a, b) => a.evaluationPriority - b.evaluationPriority)
          .map((item) => ({ item, processAmount: item.tokens.length })),
    },
  });
  sequences = Array.from({ length: slots }, () => context.getSequence());
  return 'ready';
}

async function run({ prompts, maxTokens }: BareRound): Promise<BareResult> {
  const began = performance.now();
  const tokenBias = endlessBias();
  const used = sequences.slice(0, prompts.length);
  for (const sequence of used) await sequence.clearHistory();
  const streams = used.map((sequence, index) =>
    sequence.evaluateWithMetadata(
      model.tokenize(prompts[index] ?? '', true),
      {},
      {
        temperature: 0.8,
        topK: 40,
        topP: 1,
        minP: 0,
        seed: index + 1,
        tokenBias,
        evaluationPriority: index as EvaluationPriority,
      },
    ),
  );
  const ticks: number[][] = streams.map(() => []);
  for (let tick = 0; tick < maxTokens; tick += 1) {
    await Promise.all(streams.map((stream) => stream.next()));
    const at = performance.now() - began;
    for (const times of ticks) times.push(at);
    // Lets the library's own batch loop come to its end before the next tick is submitted.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(streams.map((stream) => stream.return()));
  return { ticks };
}

/** No stream ends before the others; by the same way as in the engine, as the library's own ignores such tokens. */
function endlessBias(): TokenBias {
  const bias = TokenBias.for(model);
  const { _biases: biases } = bias as unknown as { readonly _biases: Map<Token, number> };
  for (const token of model.iterateAllTokens()) if (model.isEogToken(token)) biases.set(token, -Infinity);
  return bias;
}
