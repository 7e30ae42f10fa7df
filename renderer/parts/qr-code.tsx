import { Button } from '@mantine/core';
import { Eye } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './qr-code.module.css';

type QrCodeProps = {
  /** An SVG document, as the server draws it. */
  readonly svg: string;
  /** What it leads to, for those who cannot see it. */
  readonly label: string;
};

/** Black on white in either theme, as cameras want it. */
export function QrCode({ svg, label }: QrCodeProps): ReactNode {
  return (
    <div className={styles['tile']}>
      <img className={styles['code']} src={dataUrl(svg)} alt={label} />
    </div>
  );
}

/** Long enough to reach for a phone; a secret that stays on a screen is photographed by somebody else. */
const shownForMs = 60_000;

/** One that lets somebody in: blurred after a minute, until it is asked for again. */
export function SecretQrCode({ svg, label }: QrCodeProps): ReactNode {
  const { t } = useTranslation();
  const [isShown, setIsShown] = useState(true);
  useEffect(() => {
    if (!isShown) return undefined;
    const timer = setTimeout(() => setIsShown(false), shownForMs);
    return () => clearTimeout(timer);
  }, [isShown]);
  return (
    <div className={styles['tile']}>
      <img
        className={styles['code']}
        src={dataUrl(svg)}
        alt={isShown ? label : t('qr.blurred')}
        data-blurred={!isShown || undefined}
      />
      {!isShown && (
        <div className={styles['over']}>
          <Button leftSection={<Eye size={16} aria-hidden />} onClick={() => setIsShown(true)}>
            {t('qr.show')}
          </Button>
        </div>
      )}
    </div>
  );
}

function dataUrl(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}
