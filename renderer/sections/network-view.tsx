import type { ReactNode } from 'react';
import { AllowPanel } from './allow-panel.tsx';
import { AuthorityPanel } from './authority-panel.tsx';
import { BlocksPanel } from './blocks-panel.tsx';
import { CertificateNamesPanel } from './certificate-names-panel.tsx';
import { EdgeLimitsPanel } from './edge-limits-panel.tsx';
import { HttpsPanel } from './https-panel.tsx';
import { OwnCertificatePanel } from './own-certificate-panel.tsx';
import { PortPanel } from './port-panel.tsx';
import { ProxiesPanel } from './proxies-panel.tsx';
import { TrustPanel } from './trust-panel.tsx';

/** How the office comes in: whether anybody can listen, and who may knock how often. */
export function NetworkView(): ReactNode {
  return (
    <>
      <PortPanel />
      <HttpsPanel />
      <CertificateNamesPanel />
      <AuthorityPanel />
      <TrustPanel />
      <OwnCertificatePanel />
      <AllowPanel />
      <BlocksPanel />
      <EdgeLimitsPanel />
      <ProxiesPanel />
    </>
  );
}
