import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { MediaContent } from '../core/generate.ts';
import { imageFromAddress, imageFromBase64 } from '../core/media.ts';
import { parseBody } from './parse.ts';

/** Images and documents of Anthropic's language (@anthropic-ai/sdk 1.12, `ImageBlockParam`, `DocumentBlockParam`). */

export const mediaSource = z.looseObject({
  type: z.string().max(200),
  media_type: z.string().max(200).optional(),
  data: z.string().optional(),
  url: z.string().min(1).optional(),
});
const image = z.looseObject({ source: mediaSource });

/** Ids of files uploaded to the vendor leave `source` out: no engine of ours can take those. */
export function toImage(block: unknown, path: string): MediaContent {
  const { source } = parseBody(image, block, path);
  const { type, data, media_type: mimeType = '', url } = source;
  if (type === 'base64' && data !== undefined)
    return imageFromBase64(data, { mimeType, param: `${path}.source.data` });
  if (type === 'url' && url !== undefined) return imageFromAddress(url, { param: `${path}.source.url` });
  if (type === 'file') return { type: 'media', kind: 'image' };
  throw unknownSource(path);
}

/** A document that is no text, such as a PDF. */
export function toFile(
  { type, data, media_type: mimeType = 'application/pdf', url }: z.infer<typeof mediaSource>,
  name: string | null,
  path: string,
): MediaContent {
  const named = name === null || name === '' ? {} : { name };
  if (type === 'base64' && data !== undefined)
    return { type: 'media', kind: 'file', source: { type: 'base64', mimeType, data }, ...named };
  if (type === 'url' && url !== undefined && /^https?:\/\//iu.test(url) && URL.canParse(url))
    return { type: 'media', kind: 'file', source: { type: 'url', url }, ...named };
  if (type === 'file') return { type: 'media', kind: 'file', ...named };
  throw unknownSource(path);
}

function unknownSource(path: string): Error {
  return invalidRequest(
    `${path}.source: send it as base64 with its data, or by an http or https url.`,
    `${path}.source`,
  );
}
