import { Anchor, Button } from '@mantine/core';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import * as api from '../api.ts';
import { sumFor, type CatalogueModel, type Fit, type Recommendation } from '../fit.ts';
import { Chip } from '../parts/chip.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { FitSentence, FitSum } from '../parts/fit-sum.tsx';
import { Fold } from '../parts/more-options.tsx';
import { DownloadState } from '../parts/state-word.tsx';
import { useDownloadChange, useDownloads } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import styles from './catalogue-row.module.css';
import { FreeByUnloading } from './free-by-unloading.tsx';

type CatalogueRowProps = {
  readonly model: CatalogueModel;
  /** Set where it is what to take on this computer: then the sum is the advice's own. */
  readonly advised: Recommendation | null;
  /** As fast as the last long download was; null before the first. */
  readonly bytesPerSecond: number | null;
};

/** One well-known model: whose it is, how big, whether it fits, and the way to it. */
export function CatalogueRow({ model, advised, bytesPerSecond }: CatalogueRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const isRecommended = advised !== null;
  const fit = fitFor(model, advised);
  return (
    <li className={styles['row']}>
      <div className={styles['head']}>
        <div className={styles['names']}>
          <h3 className={styles['name']}>{model.name}</h3>
          {isRecommended && <Chip tone="ok">{t('getModel.recommendedShort')}</Chip>}
        </div>
        <GetButton name={model.name} uri={model.uri} verdict={fit.verdict} isFirst={isRecommended} />
      </div>
      <FitSentence fit={fit} />
      <FreeByUnloading fit={fit} />
      <Facts>
        <Fact label={t('getModel.download')} value={format.fileSize(model.sizeBytes)} />
        {bytesPerSecond !== null && (
          <Fact
            label={t('discover.time')}
            value={t('discover.about', { time: format.timeLeft(model.sizeBytes / bytesPerSecond) })}
            title={t('discover.atSpeed', { speed: format.speed(bytesPerSecond) })}
          />
        )}
        <Fact label={t('getModel.licence')} value={model.licence} />
        <Fact label={t('getModel.publisher')} value={model.publisher} />
        {quantiserOf(model.uri) !== null && (
          <Fact
            label={t('discover.quantiser')}
            value={quantiserOf(model.uri)}
            title={t('discover.quantiserMeans')}
          />
        )}
        <Fact
          label={t('getModel.context')}
          value={t('getModel.upTo', { tokens: format.integer(model.contextTokens) })}
        />
        <Fact label={t('getModel.tools')} value={t(model.canUseTools ? 'getModel.yes' : 'getModel.no')} />
      </Facts>
      {/* Where it matters, the sum is seen at once. */}
      {isRecommended || (fit.verdict !== 'fits' && fit.verdict !== 'unknown') ? (
        <FitSum sum={fit} />
      ) : (
        <Fold label={t('fit.showSum')}>
          <FitSum sum={fit} />
        </Fold>
      )}
    </li>
  );
}

/** Who has made the file: `hf:OWNER/REPO…`. */
function quantiserOf(uri: string): string | null {
  return /^hf:([^/]+)\//.exec(uri)?.[1] ?? null;
}

/** Nothing is advised that does not fit. */
function fitFor(model: CatalogueModel, advised: Recommendation | null): Fit {
  if (advised === null || advised.slots === null || advised.contextTokens === null) return model.fit;
  const plan = { slots: advised.slots, contextTokens: advised.contextTokens };
  const sum = sumFor(model, plan, model.fit.freeBytes);
  const { tokensPerSecond } = advised;
  return { ...model.fit, ...sum, verdict: 'fits', fitsWithContextTokens: null, tokensPerSecond };
}

type GetButtonProps = {
  /** For people. */
  readonly name: string;
  readonly uri: string;
  readonly verdict: CatalogueModel['fit']['verdict'];
  readonly isFirst: boolean;
};

/** Starts the download, or says how far it is. Nothing is forbidden: what does not fit says so and can be had. */
export function GetButton({ name, uri, verdict, isFirst }: GetButtonProps): ReactNode {
  const { t } = useTranslation();
  const add = useDownloadChange(api.addDownload);
  const known = useDownloads().data?.find((download) => download.uri === (add.data?.uri ?? uri));
  if (known !== undefined && known.state !== 'cancelled' && known.state !== 'failed') {
    return (
      <span className={styles['known']}>
        <DownloadState state={known.state} />
        <Anchor component={Link} href={known.state === 'ready' ? '/models' : '/models/downloads'} size="sm">
          {t(known.state === 'ready' ? 'getModel.toModels' : 'getModel.toDownloads')}
        </Anchor>
      </span>
    );
  }
  return (
    <>
      <Button
        variant={isFirst ? 'filled' : 'default'}
        loading={add.isPending}
        leftSection={<Download size={16} aria-hidden />}
        aria-label={t(verdict === 'too-big' ? 'getModel.getAnywayWhat' : 'getModel.getWhat', { model: name })}
        onClick={() => add.mutate(uri)}
      >
        {t(verdict === 'too-big' ? 'getModel.getAnyway' : 'getModel.get')}
      </Button>
      {add.error !== null && (
        <div className={styles['error']}>
          <ErrorNote error={add.error} />
        </div>
      )}
    </>
  );
}
