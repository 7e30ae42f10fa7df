import { lazy, useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Redirect, Route, Switch } from 'wouter';
import type { SessionState } from '../server/wire/admin.ts';
import { openLiveStream, type LiveState } from './live.ts';
import { ConnectPage } from './pages/connect.tsx';
import { HealthPage } from './pages/health.tsx';
import { HomePage } from './pages/home.tsx';
import { LogPage } from './pages/log.tsx';
import { ModelsPage } from './pages/models.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { PeoplePage } from './pages/people.tsx';
import { SetUpPage } from './pages/set-up.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { Entrance } from './parts/entrance.tsx';
import { LazyPart } from './parts/lazy-part.tsx';
import { QueryView } from './parts/query-view.tsx';
import { Shell } from './parts/shell.tsx';
import { useSession, useStatus } from './queries.ts';
import { InvitationProvider } from './sections/invitation-provider.tsx';
import { JoinRequests } from './sections/join-requests.tsx';
import { OwnerAgainDialog } from './sections/owner-again-dialog.tsx';

/** Fetched when they are opened, so that the first page comes sooner. */
const UsagePage = lazy(async () => ({ default: (await import('./pages/usage.tsx')).UsagePage }));
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
      <Route path="/setup">
        {session.data.signedIn ? (
          <Redirect to="/" replace />
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

function Console({ session }: { readonly session: SessionState }): ReactNode {
  const client = useQueryClient();
  const status = useStatus();
  const [live, setLive] = useState<LiveState>({ phase: 'connecting' });
  useEffect(() => openLiveStream(client, setLive), [client]);

  return (
    <InvitationProvider>
      <Shell
        live={live}
        version={status.data?.version ?? null}
        canSignOut={session.via !== 'window'}
        notices={<JoinRequests />}
      >
        <Switch>
          <Route path="/" component={HomePage} />
          <Route path="/models/:view?" component={ModelsPage} />
          <Route path="/people" component={PeoplePage} />
          {/* What the page was called before people had more than a key. */}
          <Route path="/keys">
            <Redirect to="/people" replace />
          </Route>
          <Route path="/usage">
            <LazyPart>
              <UsagePage />
            </LazyPart>
          </Route>
          <Route path="/log" component={LogPage} />
          <Route path="/settings/:view?">
            <LazyPart>
              <SettingsPage />
            </LazyPart>
          </Route>
          <Route path="/connect/:guide?" component={ConnectPage} />
          <Route path="/health" component={HealthPage} />
          <Route component={NotFoundPage} />
        </Switch>
        <OwnerAgainDialog />
      </Shell>
    </InvitationProvider>
  );
}
