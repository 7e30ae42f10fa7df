/**
 * What was said in one request, where its key is traced: JSON of the messages in the form of the GenAI conventions
 * (`gen_ai.input.messages`, `gen_ai.output.messages`), masked already.
 */
export type TracedContent = { readonly inputMessages: string; readonly outputMessages: string };

/** Null for every request whose key is not traced. Asked only in the background, for rows that are being sent. */
export type ContentOf = (requestId: string) => TracedContent | null;

/** Nothing of what was said is sent. */
export const noContent: ContentOf = () => null;
