import { Anchor } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';
import type { CreatedKey } from '../../server/wire/admin.ts';
import type { ConnectGuide, ConnectPage as ConnectAnswer } from '../../server/wire/connect.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { Note } from '../parts/note.tsx';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useConnectPage } from '../queries.ts';
import { FirstRequestNote } from '../sections/first-request-note.tsx';
import { GuideStanding, UncheckedModels } from '../sections/guide-standing.tsx';
import { GuideTest } from '../sections/guide-test.tsx';
import { GuideTiles } from '../sections/guide-tiles.tsx';
import { AvailabilityChip, GuideView } from '../sections/guide-view.tsx';
import { OwnPagePanel } from '../sections/own-page-panel.tsx';
import styles from './connect.module.css';

/** How a tool is set up with this server: one tile each, and behind it what to do, with everything filled in. */
export function ConnectPage(): ReactNode {
  const { t } = useTranslation();
  const { guide: id } = useParams<{ guide?: string }>();
  const query = useConnectPage();
  // Kept while one goes from tool to tool, and gone with the page: nowhere else is the key's text.
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const guide = query.data?.guides.find((known) => known.id === id);

  if (guide !== undefined && query.data !== undefined) {
    return (
      <GuidePage key={guide.id} guide={guide} answer={query.data} created={created} onCreated={setCreated} />
    );
  }
  return (
    <Page key="all" title={t('connectPage.title')} lead={t('connectPage.lead')}>
      <QueryView query={query}>
        {(answer) => (
          <>
            <ServerNotes answer={answer} />
            <div className={styles['address']}>
              <CopyField label={t('home.baseUrl')} value={answer.baseUrl} />
            </div>
            <UncheckedModels roles={answer.roles} />
            <GuideTiles guides={answer.guides} roles={answer.roles} />
            <OwnPagePanel baseUrl={answer.baseUrl} />
            <div className={styles['seen']}>
              <FirstRequestNote created={created} />
            </div>
          </>
        )}
      </QueryView>
    </Page>
  );
}

type GuidePageProps = {
  readonly guide: ConnectGuide;
  readonly answer: ConnectAnswer;
  readonly created: CreatedKey | null;
  readonly onCreated: (created: CreatedKey) => void;
};

function GuidePage({ guide, answer, created, onCreated }: GuidePageProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Page
      title={guide.title}
      lead={
        <span className={styles['lead']}>
          {t(`connectPage.kind.${guide.kind}`)} <AvailabilityChip guide={guide} />
        </span>
      }
      action={
        <Anchor component={Link} href="/connect" className={styles['back'] ?? ''}>
          <ArrowLeft size={16} aria-hidden />
          {t('connectPage.allTools')}
        </Anchor>
      }
    >
      {guide.availability === 'ready' && !answer.isLanAddress && (
        <Note tone="quiet">{t('connectPage.thisComputerOnly')}</Note>
      )}
      <GuideStanding guide={guide} roles={answer.roles} />
      <GuideView guide={guide} created={created} onCreated={onCreated} />
      {guide.availability === 'ready' && <GuideTest guide={guide} answer={answer} created={created} />}
      {guide.availability === 'ready' && (
        <div className={styles['seen']}>
          <FirstRequestNote created={created} />
        </div>
      )}
    </Page>
  );
}

/** What is true of every tool alike. */
function ServerNotes({ answer }: { readonly answer: ConnectAnswer }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      {!answer.isLanAddress && <Note tone="quiet">{t('connectPage.thisComputerOnly')}</Note>}
      {answer.isTestModel && <Note tone="attention">{t('connectPage.testModel')}</Note>}
    </>
  );
}
