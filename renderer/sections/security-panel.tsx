import type { ReactNode } from 'react';
import { AdminTokensPanel } from './admin-tokens-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { SecondStepPanel } from './second-step-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';

/** The owner's own doors, one panel each; stands in Settings and on a page of its own. */
export function SecurityPanel(): ReactNode {
  return (
    <>
      <SecondStepPanel />
      <PasswordPanel />
      <SessionsPanel />
      <AdminTokensPanel />
    </>
  );
}
