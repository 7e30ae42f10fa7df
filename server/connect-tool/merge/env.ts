import { eolOf } from './jsonc.ts';

/** `NAME=value` lines: each is put in place of the one there is, or at the end. Names and values without quotes or spaces. */
export function mergeEnv(existing: string | null, wanted: string): string {
  let text = existing ?? '';
  for (const line of wanted.split('\n').filter((one) => one !== '')) {
    const name = line.slice(0, line.indexOf('='));
    const there = new RegExp(`^([ \\t]*(?:export[ \\t]+)?)${name}[ \\t]*=[^\\r\\n]*`, 'gm');
    if (there.test(text)) text = text.replaceAll(there, (_all, lead: string) => `${lead}${line}`);
    else text = `${text}${text === '' || /[\r\n]$/.test(text) ? '' : eolOf(text)}${line}${eolOf(text)}`;
  }
  return text;
}
