import { useTranslation } from 'react-i18next';
import { addSentences } from './i18n.ts';
import de from './locales/connect.de.json';
import en from './locales/connect.en.json';

// In files of their own, without types: the pairing page has them too, and their keys come from the server.
addSentences({ en, de });

/** A sentence of a guide. The server sends its key, so it is looked up by a name that only shows at run time. */
export function useGuideSentence(): (textKey: string, values?: Readonly<Record<string, string>>) => string {
  const { i18n } = useTranslation();
  return (textKey, values = {}) => {
    const lookUp = i18n.t as (key: string, values: Readonly<Record<string, string>>) => string;
    return lookUp(textKey, values);
  };
}
