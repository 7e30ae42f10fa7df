import type { ReactNode } from 'react';
import { BackupNowPanel } from './backup-now-panel.tsx';
import { BackupSchedulePanel } from './backup-schedule-panel.tsx';
import { RestorePanel } from './restore-panel.tsx';

/** A backup now, one every day, and the way back. */
export function BackupView(): ReactNode {
  return (
    <>
      <BackupNowPanel />
      <BackupSchedulePanel />
      <RestorePanel />
    </>
  );
}
