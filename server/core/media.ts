import { readWebAddress } from './egress.ts';
import { AppError } from './errors.ts';
import type { MediaContent } from './generate.ts';
import { readImageFacts } from './image.ts';

/** Images, sound and files as clients send them: checked before anything is decoded (security.md #54, #55). */

/** As the vendor has it. */
export const mostImageBytes = 20 * 1024 * 1024;
/** 65,535 squared would fill any memory once decoded; cameras make less than this. */
const mostPixels = 120_000_000;

type Details = { readonly param: string; readonly detail?: MediaContent['detail'] };

/**
 * An image by its `data:` address (base64) or an http(s) one, which is only noted here.
 * @throws AppError 400 `invalid_image_url`, 413 for one that is too large
 */
export function imageFromAddress(address: string, { param, detail }: Details): MediaContent {
  const details = detail === undefined ? {} : { detail };
  if (!/^data:/iu.test(address)) {
    return {
      type: 'media',
      kind: 'image',
      source: { type: 'url', url: webAddress(address, param) },
      ...details,
    };
  }
  const [, mimeType = '', data] = /^data:([\w.+/-]*);base64,(.*)$/isu.exec(address.trim()) ?? [];
  if (data === undefined) throw invalidImage('A data: address of an image must hold base64.', param);
  return { ...imageFromBase64(data, { mimeType, param }), ...details };
}

/** @throws AppError as `imageFromAddress` */
export function imageFromBase64(
  data: string,
  { mimeType, param }: { readonly mimeType: string; readonly param: string },
): MediaContent {
  if (data.length > (mostImageBytes / 3) * 4 + 4) throw imageTooLarge(param);
  const facts = readImageFacts(Buffer.from(data, 'base64'));
  assertImage(facts, param);
  // `image/jpg` is no type, but a frequent one.
  const said = mimeType.toLowerCase().replace('image/jpg', 'image/jpeg');
  if (said !== '' && said !== facts.mimeType) {
    throw invalidImage(`The image says it is ${said.slice(0, 50)}, but it is ${facts.mimeType}.`, param);
  }
  return { type: 'media', kind: 'image', source: { type: 'base64', mimeType: facts.mimeType, data } };
}

/** @throws AppError 400 for what is no image of a kind and size that models take */
export function assertImage(
  facts: ReturnType<typeof readImageFacts>,
  param: string,
): asserts facts is NonNullable<typeof facts> {
  if (facts === null) throw invalidImage('This is no PNG, JPEG, GIF or WebP image.', param);
  if (facts.width * facts.height > mostPixels || facts.width * facts.height === 0) {
    throw invalidImage(`An image of ${facts.width} × ${facts.height} pixels is not taken.`, param);
  }
}

/** What belongs to the house is refused when it is fetched, in the same words as what is not there. */
function webAddress(address: string, param: string): string {
  const url = readWebAddress(address);
  switch (url) {
    case 'no-address':
      throw invalidImage('This is neither a data: address nor one of the web.', param);
    case 'not-web':
      throw invalidImage('Images are taken as data: addresses, or by https or http.', param);
    case 'credentials':
      throw invalidImage('The address of the image holds a name or password.', param);
    case 'refused':
      throw invalidImage('Nothing is fetched from the address of this image.', param);
    default:
      return url.href;
  }
}

export function invalidImage(message: string, param: string): AppError {
  return new AppError(message, { status: 400, code: 'invalid_image_url', param, retryable: false });
}

export function imageTooLarge(param: string): AppError {
  return new AppError(`An image may have at most ${mostImageBytes / 1024 / 1024} MiB.`, {
    status: 413,
    code: 'request_too_large',
    param,
    retryable: false,
  });
}
