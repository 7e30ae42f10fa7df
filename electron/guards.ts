import type { ContentsApi, SessionApi } from './electron-api.ts';

/** With no handler installed Electron grants everything; both are needed. */
export function denyPermissions(windowSession: SessionApi, isOurs: (url: string) => boolean): void {
  const isAllowed = (permission: string, url: string): boolean =>
    permission === 'clipboard-sanitized-write' && isOurs(url);
  windowSession.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isAllowed(permission, details.requestingUrl));
  });
  windowSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isAllowed(permission, requestingOrigin),
  );
}

/**
 * Signs the requests of the window's page with the secret of this start of the server; replaces what was set for the
 * start before. Only the admin API needs it: `/v1` on the same port takes API keys and would refuse it. The page itself
 * never sees the secret.
 */
export function signRequests(windowSession: SessionApi, origin: string, windowToken: string): void {
  const { webRequest } = windowSession;
  webRequest.onBeforeSendHeaders(null);
  webRequest.onBeforeSendHeaders({ urls: [`${origin}/api/*`] }, (details, proceed) => {
    const { requestHeaders, url } = details;
    // The filter's pattern matching is Chromium's; a secret deserves a second look of our own.
    if (!isWithin(url, origin)) return proceed({ requestHeaders });
    proceed({ requestHeaders: { ...requestHeaders, Authorization: `Bearer ${windowToken}` } });
  });
}

/** Nothing in the window leads away from the server's own pages, whoever asks for it. */
export function guardContents(contents: ContentsApi, isOurs: (url: string) => boolean): void {
  for (const event of ['will-navigate', 'will-redirect'] as const) {
    contents.on(event, (navigation) => {
      if (!isOurs(navigation.url)) navigation.preventDefault();
    });
  }
  contents.on('will-frame-navigate', (navigation) => {
    if (!isOurs(navigation.url)) navigation.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Compared as parsed origins: `http://127.0.0.1:1@elsewhere.example` begins the right way and is not ours. */
export function isWithin(url: string, origin: string): boolean {
  return URL.parse(url)?.origin === origin;
}

/**
 * Whether an address may be handed to the system's browser: a page of a server on this computer. The system would start
 * other programs for other schemes.
 */
export function isOnThisComputer(url: string): boolean {
  const parsed = URL.parse(url);
  return (
    parsed?.protocol === 'http:' &&
    parsed.hostname === '127.0.0.1' &&
    parsed.port !== '' &&
    parsed.username === ''
  );
}
