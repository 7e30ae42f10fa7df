import {
  connectFilePaths,
  type ConnectFileId,
  type ConnectSettings,
  type ConnectToolSettings,
} from '../wire/connect-tool.ts';
import { ask, fieldOf, sentenceOf, type Connection } from './ask.ts';
import { Refused } from './failures.ts';

/** What belongs into the tools' files for this key. Null for a key that does not count any more. @throws Refused */
export async function fetchSettings(connection: Connection, key: string): Promise<ConnectSettings | null> {
  const answer = await ask(connection, { path: '/pair/settings', key });
  if (answer.status === 401) return null;
  if (answer.status === 404)
    throw new Refused(`The Inglenook at ${connection.origin} is too old for this tool.`);
  if (answer.status !== 200) throw new Refused(sentenceOf(answer));
  const settings = readSettings(answer.json);
  if (settings === null)
    throw new Refused(`${connection.origin} answers in a way that this tool does not know.`);
  return settings;
}

/** The content of a file that the server keeps whole. @throws Refused */
export async function fetchSource(connection: Connection, key: string, source: string): Promise<string> {
  if (!source.startsWith('/v1/'))
    throw new Refused(`The server names a file that this tool does not fetch: ${source}`);
  const answer = await ask(connection, { path: source, key });
  if (answer.status !== 200) throw new Refused(sentenceOf(answer));
  if (answer.json === null) throw new Refused(`What is at ${source} is no JSON.`);
  return answer.text;
}

/** Gives a key back. Null where that was done; else why not. */
export async function revokeKey(connection: Connection, key: string): Promise<string | null> {
  try {
    const answer = await ask(connection, { method: 'POST', path: '/pair/revoke', key });
    // 401: it did not count any more.
    return answer.status === 200 || answer.status === 401 ? null : sentenceOf(answer);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

function readSettings(json: unknown): ConnectSettings | null {
  const texts = ['office', 'baseUrl', 'keyName', 'keyPlaceholder', 'authorityPlaceholder'] as const;
  const tools = fieldOf(json, 'tools');
  if (!texts.every((name) => isText(fieldOf(json, name))) || !Array.isArray(tools)) return null;
  const readTools = tools.map(readTool);
  if (!readTools.every((tool) => tool !== null)) return null;
  const text = (name: (typeof texts)[number]): string => String(fieldOf(json, name));
  return {
    office: text('office'),
    baseUrl: text('baseUrl'),
    keyName: text('keyName'),
    keyExpiresAt: textOrNull(fieldOf(json, 'keyExpiresAt')),
    contextTokens: numberOrNull(fieldOf(json, 'contextTokens')),
    isTestModel: fieldOf(json, 'isTestModel') === true,
    plain: fieldOf(json, 'plain') !== false,
    keyPlaceholder: text('keyPlaceholder'),
    authorityPlaceholder: text('authorityPlaceholder'),
    tools: readTools,
  };
}

function readTool(json: unknown): ConnectToolSettings | null {
  const id = fieldOf(json, 'id');
  const title = fieldOf(json, 'title');
  const files = fieldOf(json, 'files');
  const trustLines = fieldOf(json, 'trustLines');
  if (!isText(id) || !isText(title) || !Array.isArray(files) || !Array.isArray(trustLines)) return null;
  const readFiles = files.map((file: unknown) => {
    const fileId = fieldOf(file, 'id');
    const [text, source] = [textOrNull(fieldOf(file, 'text')), textOrNull(fieldOf(file, 'source'))];
    return isFileId(fileId) && (text === null) !== (source === null) ? { id: fileId, text, source } : null;
  });
  if (!readFiles.every((file) => file !== null)) return null;
  const needsTokens = numberOrNull(fieldOf(json, 'needsTokens'));
  return { id, title, needsTokens, files: readFiles, trustLines: trustLines.filter(isText) };
}

function isFileId(value: unknown): value is ConnectFileId {
  return typeof value === 'string' && Object.hasOwn(connectFilePaths, value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textOrNull(value: unknown): string | null {
  return isText(value) ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
