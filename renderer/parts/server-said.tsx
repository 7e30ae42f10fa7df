import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n.ts';
import { partsOfError, tell } from '../server-words.ts';
import styles from './server-said.module.css';

type ServerSaidProps = {
  /** A sentence of the server's, or an error of the log: `code: sentence`. */
  readonly said: string;
  readonly className?: string | undefined;
};

/** What the server says, in the language of the console; its own words are in a fold where those differ. */
export function ServerSaid({ said, className }: ServerSaidProps): ReactNode {
  const { t } = useTranslation();
  const own = partsOfError(said);
  const told = tell(own.said, own.code);
  const shown = told ?? own.said;
  return (
    <div className={className}>
      <p className={styles['sentence']} {...(told === null ? serverLanguage() : {})}>
        {shown}
      </p>
      {shown !== said && (
        <details className={styles['details']}>
          <summary>{t('state.details')}</summary>
          <p lang="en">{said}</p>
        </details>
      )}
    </div>
  );
}

function serverLanguage(): { readonly lang?: 'en' } {
  return currentLanguage() === 'en' ? {} : { lang: 'en' };
}
