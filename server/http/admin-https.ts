import { X509Certificate } from 'node:crypto';
import { trustTools } from '../connect/guides.ts';
import { fetchSteps } from '../connect/trust.ts';
import type { Current } from '../tls/authority.ts';
import type { Https } from '../tls/https.ts';
import type { OwnState } from '../tls/own-certificate.ts';
import { factsOf, pinOf, type CertificateFacts } from '../tls/pair.ts';
import { connectTrust, type ConnectTrust } from '../wire/connect.ts';
import {
  authorityPath,
  httpsState,
  setCertificateRequest,
  setHttpsRequest,
  type HttpsCertificate,
  type HttpsState,
} from '../wire/https.ts';
import { trialQuery } from '../wire/trials.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** How the server speaks https. The switches have names too: `https.only` and so on. */
export const httpsRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/https',
    summary:
      'Whether and how https is spoken: switches, our certificate authority, certificates and their names.',
    answer: httpsState,
    handle: ({ context }) => stateOf(context),
  }),
  route({
    method: 'put',
    path: '/https',
    summary:
      'Changes what is given; it counts at once, for the next requests. With trial=true, answering by https alone is taken back after a minute unless it is kept. Another office domain makes a new authority, which devices must be told to trust.',
    query: trialQuery,
    body: setHttpsRequest,
    answer: httpsState,
    handle: async ({ context, body, query }) => {
      const wasOnly = context.https.settings().only;
      await context.https.change(body);
      if (body.only === false) context.trials.drop('https-only');
      if (body.only === true && query.trial === 'true') context.trials.begin('https-only', { only: wasOnly });
      return stateOf(context);
    },
  }),
  route({
    method: 'put',
    path: '/https/certificate',
    summary:
      'Serves your own certificate where it covers the name asked for: PEM files, which are read again when they change, or PEM texts. 400 with the reason where it cannot be; the one before stays.',
    body: setCertificateRequest,
    answer: httpsState,
    handle: async ({ context, body }) => {
      await context.https.setOwn(body);
      return stateOf(context);
    },
  }),
  route({
    method: 'delete',
    path: '/https/certificate',
    summary: 'Serves the certificate of our own authority alone. Your files stay as they are.',
    answer: httpsState,
    handle: ({ context }) => {
      context.https.removeOwn();
      return stateOf(context);
    },
  }),
  route({
    method: 'post',
    path: '/https/authority',
    summary:
      'Makes a new certificate authority in place of the one there is. Every device must be told to trust it.',
    needsRecentPassword: true,
    answer: httpsState,
    handle: async ({ context }) => {
      await context.https.replaceAuthority();
      return stateOf(context);
    },
  }),
  route({
    method: 'get',
    path: '/https/trust',
    summary: 'How each tool is told to trust our certificate authority; null while there is none.',
    answer: connectTrust,
    handle: ({ context }) => trustOf(context),
  }),
];

/** Also where tools use plain http so far, so that they can be told beforehand. */
function trustOf({ https, status }: AdminContext): ConnectTrust {
  const current = https.authority();
  if (current === null) return null;
  const { address, lan } = status();
  const caUrl = new URL(authorityPath, lan.address ?? address);
  caUrl.protocol = 'http:';
  const fingerprint = current.authorityCertificate.fingerprint256;
  return { steps: [...fetchSteps({ caUrl: caUrl.href, fingerprint })], tools: trustTools() };
}

function stateOf({ https, office, clock }: AdminContext): HttpsState {
  const { only, networkConsole, publicNames, officeDomain } = https.settings();
  const current = https.authority();
  const { address } = office.state();
  return {
    on: https.served.usual() !== null,
    only,
    networkConsole,
    publicNames: [...publicNames],
    officeDomain,
    address: address === null ? null : address.replace(/^http:/, 'https:'),
    authority: current === null ? null : authorityOf(https, current),
    leaf: current === null ? null : certificateOf(current.facts),
    own: ownOf(https.own(), clock.nowMs()),
    problem: https.problem(),
  };
}

function authorityOf(https: Https, current: Current): NonNullable<HttpsState['authority']> {
  const certificate = new X509Certificate(current.authority.certificate);
  return {
    certificate: certificateOf(factsOf(certificate)),
    pin: pinOf(certificate),
    path: authorityPath,
    permittedNames: [...current.authority.permittedNames],
    notCovered: [...https.notCovered()],
  };
}

function ownOf(own: OwnState | null, nowMs: number): HttpsState['own'] {
  if (own === null) return null;
  const { from, served, problem } = own;
  const isOver = served !== null && served.facts.validUntilMs <= nowMs;
  return {
    kind: from.kind,
    certFile: from.kind === 'files' ? from.certFile : null,
    keyFile: from.kind === 'files' ? from.keyFile : null,
    certificate: served === null ? null : certificateOf(served.facts),
    warnings: served === null ? [] : [...served.warningsAt(nowMs)],
    problem: problem ?? (isOver ? 'The certificate has come to its end. Give a renewed one.' : null),
  };
}

function certificateOf({ validFromMs, validUntilMs, ...facts }: CertificateFacts): HttpsCertificate {
  return {
    subject: facts.subject,
    issuer: facts.issuer,
    names: [...facts.names],
    addresses: [...facts.addresses],
    validFrom: new Date(validFromMs).toISOString(),
    validUntil: new Date(validUntilMs).toISOString(),
    fingerprint: facts.fingerprint,
  };
}
