import './no-eval.ts';
import './styles/library.css';
import './styles/tokens.css';
import './styles/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { App } from './app.tsx';
import { startLanguage } from './i18n.ts';
import { Toasts } from './parts/toasts.tsx';
import { createQueryClient } from './queries.ts';
import { colorSchemeManager, cssVariablesResolver, theme } from './theme.ts';

// The server writes a fresh nonce into the page for the few style elements that are made at run time.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// Read by react-remove-scroll (in Mantine's dialogs), whose name for it this is.
Object.assign(globalThis, { __webpack_nonce__: nonce });

await startLanguage();

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={createQueryClient()}>
        <Router base="/console">
          <App />
        </Router>
      </QueryClientProvider>
      <Toasts />
    </MantineProvider>
  </StrictMode>,
);
