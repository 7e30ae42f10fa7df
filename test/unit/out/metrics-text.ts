/** One sample of Prometheus's text format. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const helpLine = new RegExp(String.raw`^# HELP (${metricName}) (?:[^\\\n]|\\[\\n])*$`, 'u');
const typeLine = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram|summary|untyped)$`, 'u');
const sampleLine = new RegExp(
  String.raw`^(${metricName})(?:\{((?:${label})(?:,${label})*)?\})? (\+Inf|-Inf|NaN|-?[0-9.]+(?:e[+-]?[0-9]+)?)$`,
  'u',
);

/**
 * Reads the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) and refuses what Prometheus would:
 * lines of no known form, families in pieces, a type after its samples, samples twice, histograms that do not add up.
 */
export function parseMetrics(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended');
  const types = new Map<string, string>();
  const ended = new Set<string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let family = '';
  const enter = (name: string): void => {
    if (name === family) return;
    ended.add(family);
    if (ended.has(name)) throw new Error(`${name} comes in pieces`);
    family = name;
  };
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') continue;
    const [, helped] = helpLine.exec(line) ?? [];
    const [, typed, type] = typeLine.exec(line) ?? [];
    const [, name, labelText = '', value] = sampleLine.exec(line) ?? [];
    if (helped !== undefined) enter(helped);
    else if (typed !== undefined && type !== undefined) {
      enter(typed);
      if (types.has(typed)) throw new Error(`${typed} has two types`);
      types.set(typed, type);
    } else if (name !== undefined && value !== undefined) {
      const base = familyOf(name, types);
      if (base !== family) throw new Error(`${name} stands in ${family}`);
      const labels = labelsOf(labelText);
      const id = `${name} ${idOf(labels)}`;
      if (seen.has(id)) throw new Error(`${id} comes twice`);
      seen.add(id);
      samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) });
    } else throw new Error(`no line of the format: ${line}`);
  }
  for (const [name, type] of types) if (type === 'histogram') requireHistogram(name, samples);
  return samples;
}

function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  if (types.has(name)) return name;
  const base = name.replace(/_(bucket|sum|count)$/u, '');
  if (!/histogram|summary/u.test(types.get(base) ?? '')) throw new Error(`${name} has no type before it`);
  return base;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = '', raw = ''] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/gu)) {
    if (name in labels) throw new Error(`the label ${name} comes twice`);
    labels[name] = raw.replaceAll(/\\(.)/gu, (_all, one: string) => (one === 'n' ? '\n' : one));
  }
  return labels;
}

function requireHistogram(name: string, samples: readonly Sample[]): void {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples.filter((one) => one.name === `${name}_bucket`)) {
    const { le: _le, ...rest } = sample.labels;
    const id = idOf(rest);
    groups.set(id, [...(groups.get(id) ?? []), sample]);
  }
  for (const [id, buckets] of groups) {
    const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const rises = (list: readonly number[]): boolean =>
      list.every((one, at) => at === 0 || one >= (list[at - 1] ?? 0));
    if (!rises(bounds) || !rises(counts) || bounds.at(-1) !== Number.POSITIVE_INFINITY) {
      throw new Error(`the buckets of ${name} ${id} do not rise to +Inf`);
    }
    const whole = samples.find((one) => one.name === `${name}_count` && idOf(one.labels) === id);
    if (whole?.value !== counts.at(-1)) throw new Error(`${name}_count ${id} is not the last bucket`);
  }
}

function idOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([one], [two]) => one.localeCompare(two)));
}

/** The sum over all samples of that name whose labels are as wanted. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter(
      (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}
