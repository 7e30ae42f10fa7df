import { useTranslation } from 'react-i18next';
import { ApiError } from './api.ts';
import { tell } from './server-words.ts';

/** An error as a sentence for the owner: the server's own where it gave one, ours where it could not. */
export function useErrorSentence(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('error.page');
    switch (error.kind) {
      case 'unreachable':
        return t('error.unreachable');
      case 'unexpected-answer':
        return t('error.unexpectedAnswer');
      case 'refused':
        return tell(error.message, error.code) ?? error.message;
      default:
        return error.kind satisfies never;
    }
  };
}
