import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from './brand.tsx';
import { PreferencesMenu } from './preferences-menu.tsx';
import styles from './wizard-frame.module.css';

const steps = ['owner', 'model', 'office'] as const;
export type WizardStep = (typeof steps)[number];

type WizardFrameProps = {
  readonly step: WizardStep;
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
};

/** One of the three screens of the first run: which it is, its title, and what is to be done. */
export function WizardFrame({ step, title, lead, children }: WizardFrameProps): ReactNode {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Inglenook`;
  }, [title]);
  // The first screen gives the focus to its field.
  useEffect(() => {
    if (step !== 'owner') heading.current?.focus();
  }, [step]);
  return (
    <div className={styles['page']}>
      <header className={styles['bar']}>
        <Brand />
        <PreferencesMenu onSignOut={null} />
      </header>
      <main className={styles['main']}>
        <div className={styles['column']}>
          <ol className={styles['steps']} aria-label={t('wizard.steps')}>
            {steps.map((one, index) => (
              <li key={one} className={styles['step']} aria-current={one === step ? 'step' : undefined}>
                <span className={styles['number']}>{index + 1}</span>
                <span className={styles['name']}>{t(`wizard.step.${one}`)}</span>
              </li>
            ))}
          </ol>
          <h1 ref={heading} tabIndex={-1} className={styles['title']}>
            {title}
          </h1>
          <p className={styles['lead']}>{lead}</p>
          {step === 'owner' ? <div className={styles['narrow']}>{children}</div> : children}
        </div>
      </main>
    </div>
  );
}

/** Back at the left, on at the right. */
export function WizardWays({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={styles['ways']}>{children}</div>;
}
