import type { ReactNode } from 'react';
import { AuditPanel } from './audit-panel.tsx';
import { ReportPanel } from './report-panel.tsx';
import { VerifyPanel } from './verify-panel.tsx';

/** Who did what, whether that is still as it was written, and the page for whoever asks. */
export function AuditView(): ReactNode {
  return (
    <>
      <ReportPanel />
      <VerifyPanel />
      <AuditPanel />
    </>
  );
}
