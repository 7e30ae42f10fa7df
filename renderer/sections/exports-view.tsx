import type { ReactNode } from 'react';
import { ExportsPanel } from './exports-panel.tsx';
import { PrometheusPanel } from './prometheus-panel.tsx';

/** Where the numbers go besides. */
export function ExportsView(): ReactNode {
  return (
    <>
      <PrometheusPanel />
      <ExportsPanel />
    </>
  );
}
