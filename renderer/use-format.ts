import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createFormatter, type Formatter } from './format.ts';

export function useFormat(): Formatter {
  const { i18n } = useTranslation();
  const language = i18n.language === 'de' ? 'de' : 'en';
  return useMemo(() => createFormatter(language, navigator.languages), [language]);
}

const tickMs = 30_000;

/** The time, renewed often enough for "3 min ago" to stay true. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
