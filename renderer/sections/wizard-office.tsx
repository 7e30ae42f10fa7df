import { Anchor, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { WizardFrame, WizardWays } from '../parts/wizard-frame.tsx';
import { useLan } from '../queries.ts';
import { ownSystem } from './office-phase.tsx';
import { OfficePanel } from './office-panel.tsx';
import { UpdateQuestionPanel } from './update-question.tsx';
import styles from './wizard.module.css';

/** The third screen: whether others may use it, at which address, and who gets through. */
export function WizardOffice(): ReactNode {
  const { t } = useTranslation();
  const isOn = useLan().data?.on === true;
  return (
    <WizardFrame step="office" title={t('wizard.office.title')} lead={t('wizard.office.lead')}>
      <div className={styles['body']}>
        <OfficePanel />
        {!isOn && <p className={styles['second']}>{t(`wizard.office.dialog.${ownSystem()}`)}</p>}
        {/* What the first run asks besides, once: one panel for each question. */}
        <UpdateQuestionPanel />
      </div>
      <WizardWays>
        <Anchor component={Link} href="/setup/model">
          {t('wizard.back')}
        </Anchor>
        <Button component={Link} href="/">
          {t(isOn ? 'wizard.office.finish' : 'wizard.office.finishClosed')}
        </Button>
      </WizardWays>
    </WizardFrame>
  );
}
