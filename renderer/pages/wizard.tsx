import { useEffect, type ReactNode } from 'react';
import { Redirect } from 'wouter';
import type { SessionState } from '../../server/wire/admin.ts';
import { useChangeSetUpStage, useSetUpStage } from '../queries-set-up.ts';
import { WizardModel } from '../sections/wizard-model.tsx';
import { WizardOffice } from '../sections/wizard-office.tsx';
import { WizardOwner } from '../sections/wizard-owner.tsx';

type WizardPageProps = { readonly session: SessionState; readonly step: string | undefined };

/** The screens of the first run for who is in: each has its address, so that a reload stays where one was. */
export function WizardPage({ session, step }: WizardPageProps): ReactNode {
  const stage = useSetUpStage();
  const { mutate: setStage } = useChangeSetUpStage();
  const isNew = stage === 'new';
  // From now on the app's own window opens Home, where what is left is listed.
  useEffect(() => {
    if (isNew) setStage('begun');
  }, [isNew, setStage]);
  if (step === 'model') return <WizardModel />;
  if (step === 'office') return <WizardOffice />;
  // The window needs no password; whoever has one has been here.
  if (session.via === 'window' && session.needsSetup) return <WizardOwner token={null} />;
  return <Redirect to="/" replace />;
}
