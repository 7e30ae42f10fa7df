import { useTranslation } from 'react-i18next';

/** A sentence of a guide. The server sends its key, so it is looked up by a name that only shows at run time. */
export function useGuideSentence(): (textKey: string, values?: Readonly<Record<string, string>>) => string {
  const { i18n } = useTranslation();
  return (textKey, values = {}) => {
    const lookUp = i18n.t as (key: string, values: Readonly<Record<string, string>>) => string;
    return lookUp(textKey, values);
  };
}
