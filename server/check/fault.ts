/** What keeps a client from using an answer that came: its form is not what the dialect says. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

/** @throws Fault with the sentence's end: "The answer …: `detail`" */
export function insist(holds: boolean, detail: string): asserts holds {
  if (!holds) throw new Fault(detail);
}

/** What is no JSON object, or not the one that was expected, is a fault and not an exception of ours. */
export function objectOf(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault(`${what} is not JSON`);
  }
  insist(isObject(value), `${what} is not a JSON object`);
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
