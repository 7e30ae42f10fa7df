import { lazy, useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Redirect, Route, Switch, useRoute } from 'wouter';
import type { ServerStatus, SessionState } from '../server/wire/admin.ts';
import { openLiveStream, type LiveState } from './live.ts';
import { ApprovePage } from './pages/approve.tsx';
import { HealthPage } from './pages/health.tsx';
import { HomePage } from './pages/home.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { PeoplePage } from './pages/people.tsx';
import { SetUpPage } from './pages/set-up.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { Entrance } from './parts/entrance.tsx';
import { LazyPart } from './parts/lazy-part.tsx';
import { QueryView } from './parts/query-view.tsx';
import { Shell } from './parts/shell.tsx';
import { UnsavedGuard } from './parts/unsaved-guard.tsx';
import { useOfStatus, useSession } from './queries.ts';
import { InvitationProvider } from './sections/invitation-provider.tsx';
import { JoinRequests } from './sections/join-requests.tsx';
import { OwnerAgainDialog } from './sections/owner-again-dialog.tsx';

/** Fetched when they are opened, so that the first page comes sooner. */
const UsagePage = lazy(async () => ({ default: (await import('./pages/usage.tsx')).UsagePage }));
const LogPage = lazy(async () => ({ default: (await import('./pages/log.tsx')).LogPage }));
const LivePage = lazy(async () => ({ default: (await import('./pages/live.tsx')).LivePage }));
const ModelsPage = lazy(async () => ({ default: (await import('./pages/models.tsx')).ModelsPage }));
const ConnectPage = lazy(async () => ({ default: (await import('./pages/connect.tsx')).ConnectPage }));
const PlaygroundPage = lazy(async () => ({
  default: (await import('./pages/playground.tsx')).PlaygroundPage,
}));
const WizardPage = lazy(async () => ({ default: (await import('./pages/wizard.tsx')).WizardPage }));
const SettingsPage = lazy(async () => ({ default: (await import('./pages/settings.tsx')).SettingsPage }));

/** Which page: before sign-in there are two, after it the console. */
export function App(): ReactNode {
  const session = useSession();
  if (session.data === undefined) {
    return (
      <Entrance>
        <QueryView query={session}>{() => null}</QueryView>
      </Entrance>
    );
  }
  return (
    <Switch>
      <Route path="/setup/:step?">
        {session.data.signedIn ? (
          <Console session={session.data} />
        ) : (
          <SetUpPage needsSetup={session.data.needsSetup} />
        )}
      </Route>
      <Route path="/sign-in">
        {session.data.signedIn ? (
          <Redirect to="/" replace />
        ) : (
          <SignInPage needsSetup={session.data.needsSetup} />
        )}
      </Route>
      <Route>
        {session.data.signedIn ? (
          <Console session={session.data} />
        ) : (
          <Redirect to={firstPage(session.data)} replace />
        )}
      </Route>
    </Switch>
  );
}

function firstPage(session: SessionState): string {
  return session.needsSetup ? '/setup' : '/sign-in';
}

const versionOf = ({ version }: ServerStatus): string => version;

function Console({ session }: { readonly session: SessionState }): ReactNode {
  const client = useQueryClient();
  const version = useOfStatus(versionOf).data;
  const [isSetUp, wizard] = useRoute('/setup/:step?');
  const [live, setLive] = useState<LiveState>({ phase: 'connecting' });
  useEffect(() => openLiveStream(client, setLive), [client]);

  if (isSetUp) {
    return (
      <InvitationProvider>
        <LazyPart waiting={null}>
          <WizardPage session={session} step={wizard?.step} />
        </LazyPart>
        <OwnerAgainDialog />
      </InvitationProvider>
    );
  }
  return (
    <InvitationProvider>
      <Shell
        live={live}
        version={version ?? null}
        canSignOut={session.via !== 'window'}
        notices={<JoinRequests />}
      >
        <Switch>
          <Route path="/" component={HomePage} />
          <Route path="/models/:view?">
            <LazyPart>
              <ModelsPage />
            </LazyPart>
          </Route>
          <Route path="/people" component={PeoplePage} />
          <Route path="/approve" component={ApprovePage} />
          {/* What the page was called before people had more than a key. */}
          <Route path="/keys">
            <Redirect to="/people" replace />
          </Route>
          <Route path="/usage">
            <LazyPart>
              <UsagePage />
            </LazyPart>
          </Route>
          <Route path="/usage/live">
            <LazyPart>
              <LivePage />
            </LazyPart>
          </Route>
          <Route path="/log">
            <LazyPart>
              <LogPage />
            </LazyPart>
          </Route>
          <Route path="/playground">
            <LazyPart>
              <PlaygroundPage />
            </LazyPart>
          </Route>
          <Route path="/settings/:view?">
            <LazyPart>
              <SettingsPage />
            </LazyPart>
          </Route>
          <Route path="/connect/:guide?">
            <LazyPart>
              <ConnectPage />
            </LazyPart>
          </Route>
          <Route path="/health" component={HealthPage} />
          <Route component={NotFoundPage} />
        </Switch>
        <UnsavedGuard />
        <OwnerAgainDialog />
      </Shell>
    </InvitationProvider>
  );
}
