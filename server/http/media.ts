import { invalidRequest } from '../core/errors.ts';
import { fetchImage } from '../core/fetch-image.ts';
import type { ChatMessage, ContentPart, GenerateRequest, MediaContent } from '../core/generate.ts';
import { invalidImage } from '../core/media.ts';
import { fetchesRemoteImages } from '../store/remote-images.ts';
import type { ServeServices } from './exchange.ts';

/** One request could otherwise make us fetch from hundreds of places. */
const mostRemoteImages = 16;

/** Whether a message of the request names something that lies elsewhere. */
export function pointsElsewhere({ messages }: GenerateRequest): boolean {
  return messages.some(({ content }) => content.some(isRemote));
}

/**
 * The request with everything its messages point at fetched, so that an engine gets bytes only. Unless the owner
 * wants otherwise nothing is fetched for anybody, and such a request is refused.
 * @throws AppError 400 `invalid_image_url`, or the signal's reason
 */
export async function withMediaFetched(
  request: GenerateRequest,
  services: Pick<ServeServices, 'store' | 'timers' | 'isOffline'>,
  signal: AbortSignal,
): Promise<GenerateRequest> {
  const remote = request.messages.flatMap(({ content }) => content.filter(isRemote)).length;
  if (!fetchesRemoteImages(services.store)) {
    throw invalidImage(
      'This server does not fetch images from the web: send them as data: addresses. (Its owner can allow it by the setting images.fetchRemote.)',
      'messages',
    );
  }
  if (services.isOffline()) {
    throw invalidImage(
      'This server is set to never go online, so it fetches no images: send them as data: addresses.',
      'messages',
    );
  }
  if (remote > mostRemoteImages) {
    throw invalidImage(`At most ${mostRemoteImages} images of one request are fetched.`, 'messages');
  }
  const fetchPart = async (part: ContentPart): Promise<ContentPart> => {
    if (!isRemote(part)) return part;
    if (part.kind !== 'image')
      throw invalidRequest('Only images are fetched; send files as data.', 'messages');
    const options = { timers: services.timers, signal, param: 'messages' };
    return { ...part, source: { type: 'base64', ...(await fetchImage(part.source.url, options)) } };
  };
  const fetchAll = async (message: ChatMessage): Promise<ChatMessage> => ({
    ...message,
    content: await Promise.all(message.content.map(fetchPart)),
  });
  return { ...request, messages: await Promise.all(request.messages.map(fetchAll)) };
}

type RemoteMedia = MediaContent & { readonly source: { readonly type: 'url'; readonly url: string } };

function isRemote(part: ContentPart): part is RemoteMedia {
  return part.type === 'media' && part.source?.type === 'url';
}
