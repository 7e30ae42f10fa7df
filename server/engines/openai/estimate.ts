import type { GenerateRequest } from '../../core/generate.ts';

/** What English and code come to with today's vocabularies; other scripts take more. */
const bytesPerToken = 3.6;
const tokensPerMessage = 4;
/** What an image takes in usual models, for want of anything better. */
const tokensPerMedia = 800;

/** Tokens of a prompt where nobody counts them for us; good for limits, not for bills. */
export function estimateTokens({ messages, raw, chat }: GenerateRequest): number {
  if (raw !== undefined) {
    return typeof raw.prompt === 'string' ? ofText(raw.prompt) + ofText(raw.suffix ?? '') : raw.prompt.length;
  }
  const tools = (chat?.tools ?? []).reduce(
    (sum, { name, description, parameters }) =>
      sum + ofText(name + (description ?? '') + JSON.stringify(parameters?.schema ?? {})),
    0,
  );
  return messages.reduce((sum, { content, toolCalls = [] }) => {
    const said = content.reduce(
      (part, piece) => part + (piece.type === 'text' ? ofText(piece.text) : tokensPerMedia),
      0,
    );
    return sum + tokensPerMessage + said + toolCalls.reduce((part, call) => part + ofText(call.arguments), 0);
  }, tools);
}

export function ofText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** A frame is a token, unless it is too long for one; the usage at the end puts it right. */
export function tokensIn(characters: number): number {
  return characters <= 16 ? 1 : Math.ceil(characters / 4);
}
