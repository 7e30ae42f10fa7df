import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { MediaContent } from '../core/generate.ts';
import { imageFromAddress } from '../core/media.ts';
import { parseBody } from './parse.ts';

/**
 * Parts of messages that are no text, in chat's form (`image_url`, `input_audio`, `file`) and in that of Responses
 * (`input_image`, `input_file`): openai-openapi 2.3.0, `ChatCompletionRequestUserMessageContentPart`, `InputContent`.
 */

const detailField = z.enum(['low', 'high', 'auto', 'original']).nullish().catch(null);
const address = z.string().min(1);

const imagePart = z.looseObject({
  image_url: z.union([address, z.looseObject({ url: address, detail: detailField })]).nullish(),
  detail: detailField,
});
const audioPart = z.looseObject({
  input_audio: z.looseObject({ data: z.string().min(1), format: z.string().max(50) }),
});
const fileFields = {
  file_data: z.string().nullish(),
  file_url: z.string().nullish(),
  filename: z.string().max(1000).nullish(),
};
const filePart = z.looseObject({ ...fileFields, file: z.looseObject(fileFields).nullish() });

/** Which kind a part of this type is; null for what is none of them. */
function kindOf(type: string): MediaContent['kind'] | null {
  if (type.includes('image')) return 'image';
  if (type.includes('audio')) return 'audio';
  return type.includes('file') ? 'file' : null;
}

/**
 * A part of a message as media. Ids of files uploaded to the vendor leave `source` out: no engine of ours can take
 * those. Throws an AppError (400) that names the field; `path` is where the part stands.
 */
export function toMediaPart(part: { readonly type: string }, path: string): MediaContent {
  const kind = kindOf(part.type);
  switch (kind) {
    case 'image':
      return toImage(parseBody(imagePart, part, path), path);
    case 'audio':
      return toAudio(parseBody(audioPart, part, path));
    case 'file':
      return toFile(parseBody(filePart, part, path), path);
    case null:
      throw invalidRequest(`A part of a message of type '${part.type.slice(0, 50)}' is not known.`, path);
  }
}

function toImage({ image_url: image, detail }: z.infer<typeof imagePart>, path: string): MediaContent {
  if (image === undefined || image === null) return { type: 'media', kind: 'image' };
  const url = typeof image === 'string' ? image : image.url;
  const wanted = typeof image === 'string' ? detail : (image.detail ?? detail);
  const param = typeof image === 'string' ? `${path}.image_url` : `${path}.image_url.url`;
  return imageFromAddress(url, { param, ...(wanted ? { detail: wanted } : {}) });
}

function toAudio({ input_audio: { data, format } }: z.infer<typeof audioPart>): MediaContent {
  const mimeType = `audio/${format === 'mp3' ? 'mpeg' : format.toLowerCase()}`;
  return { type: 'media', kind: 'audio', source: { type: 'base64', mimeType, data } };
}

/** As a `data:` address, or plain base64 as older clients send it. */
function toFile(part: z.infer<typeof filePart>, path: string): MediaContent {
  const { file_data: data, file_url: url, filename } = part.file ?? part;
  const name = filename ? { name: filename } : {};
  if (url) {
    if (!/^https?:\/\//iu.test(url) || !URL.canParse(url)) {
      throw invalidRequest('The address of a file is by https or http.', `${path}.file_url`);
    }
    return { type: 'media', kind: 'file', source: { type: 'url', url }, ...name };
  }
  if (!data) return { type: 'media', kind: 'file', ...name };
  const [, mimeType = 'application/octet-stream', base64 = data] =
    /^data:([\w.+/-]*)[^,]*;base64,(.*)$/isu.exec(data) ?? [];
  return { type: 'media', kind: 'file', source: { type: 'base64', mimeType, data: base64 }, ...name };
}
