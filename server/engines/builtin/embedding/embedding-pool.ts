/** Gives the inputs of all requests to a few workers, in turn, so that one long list does not hold up a short one. */
export type EmbeddingPool<Input, Output> = {
  /** Outputs in the order of the inputs. Rejects with the first error of a worker, or after `cancel`. */
  readonly run: (id: number, inputs: readonly Input[]) => Promise<Output[]>;
  /** What is being computed is computed to its end; the rest is not begun. */
  readonly cancel: (id: number) => void;
  readonly active: () => number;
};

type Job<Input, Output> = {
  readonly inputs: readonly Input[];
  readonly outputs: Output[];
  readonly answer: PromiseWithResolvers<Output[]>;
  begun: number;
  done: number;
};

/** `onDone` is called after every input, whoever asked. */
export function createEmbeddingPool<Input, Output>(
  workers: readonly ((input: Input) => Promise<Output>)[],
  onDone: () => void,
): EmbeddingPool<Input, Output> {
  const jobs = new Map<number, Job<Input, Output>>();
  /** Ids with inputs that have not begun; the first one's turn is next. */
  let turns: number[] = [];
  const idle = [...workers];

  function end(id: number): Job<Input, Output> | undefined {
    const job = jobs.get(id);
    jobs.delete(id);
    turns = turns.filter((turn) => turn !== id);
    return job;
  }

  function assign(): void {
    while (idle.length > 0) {
      const id = turns.shift();
      const job = id === undefined ? undefined : jobs.get(id);
      const worker = idle.pop();
      if (id === undefined || job === undefined || worker === undefined) {
        if (worker !== undefined) idle.push(worker);
        return;
      }
      const position = job.begun;
      job.begun += 1;
      if (job.begun < job.inputs.length) turns.push(id);
      void compute(id, position, worker);
    }
  }

  async function compute(
    id: number,
    position: number,
    worker: (input: Input) => Promise<Output>,
  ): Promise<void> {
    const job = jobs.get(id);
    try {
      if (job === undefined) return;
      job.outputs[position] = await worker(job.inputs[position] as Input);
      job.done += 1;
      if (job.done === job.inputs.length) end(id)?.answer.resolve(job.outputs);
    } catch (error) {
      end(id)?.answer.reject(error);
    } finally {
      idle.push(worker);
      onDone();
      assign();
    }
  }

  return {
    run(id, inputs) {
      const answer = Promise.withResolvers<Output[]>();
      if (inputs.length === 0) return Promise.resolve([]);
      jobs.set(id, { inputs, outputs: [], answer, begun: 0, done: 0 });
      turns.push(id);
      assign();
      return answer.promise;
    },
    cancel: (id) => end(id)?.answer.reject(new Error('cancelled')),
    active: () => jobs.size,
  };
}
