import { useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Redirect, Route, Switch } from 'wouter';
import type { SessionState } from '../server/wire/admin.ts';
import { openLiveStream, type LiveState } from './live.ts';
import { HomePage } from './pages/home.tsx';
import { KeysPage } from './pages/keys.tsx';
import { LogPage } from './pages/log.tsx';
import { ModelsPage } from './pages/models.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { SetUpPage } from './pages/set-up.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { Entrance } from './parts/entrance.tsx';
import { QueryView } from './parts/query-view.tsx';
import { Shell } from './parts/shell.tsx';
import { useSession, useStatus } from './queries.ts';

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
    <Shell live={live} version={status.data?.version ?? null} canSignOut={session.via !== 'window'}>
      <Switch>
        <Route path="/" component={HomePage} />
        <Route path="/models" component={ModelsPage} />
        <Route path="/keys" component={KeysPage} />
        <Route path="/log" component={LogPage} />
        <Route component={NotFoundPage} />
      </Switch>
    </Shell>
  );
}
