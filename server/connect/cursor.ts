import { step, type GuideStep, type OutsideFacts, type Settings, type Template } from './context.ts';
import { shellWord } from './quote.ts';

/**
 * Cursor's own servers make the call, and they refuse private addresses (design decision 16; clients.md §3.2): no address
 * of the office is ever shown here. Continue and Cline run inside Cursor and call from the desk. For Cursor's own chat the
 * owner brings a public https name; what may be reached by it is decided in `http/outside-door.ts`.
 */
export const cursorTemplate: Template = {
  id: 'cursor',
  title: 'Cursor',
  kind: 'editor',
  roles: ['code'],
  availability: 'outside',
  needsTokens: null,
  notes: ['note.cursorCloud', 'note.cursorVerify'],
  tested: null,
  steps: (settings) => {
    const { name, port } = settings.outside;
    if (port !== null) return [step('cursor.extension'), ...ownerSteps(settings, { name, port })];
    if (name !== null) return [step('cursor.extension'), ...fieldSteps(settings, name)];
    return [step('cursor.extension'), step('cursor.askOwner')];
  },
};

/** Where the owner has brought no name yet (RFC 2606). */
const exampleName = 'ai.example.org';

type Facts = OutsideFacts & { readonly port: number };

function ownerSteps(settings: Settings, { name, port }: Facts): readonly GuideStep[] {
  const shown = name ?? exampleName;
  return [
    step('cursor.bring'),
    step('cursor.nginx', { snippet: { language: 'text', text: nginxServer(shown, port) } }),
    step('cursor.caddy', { snippet: { language: 'text', text: caddySite(shown, port) } }),
    step('cursor.funnel', { snippet: { language: 'sh', text: `tailscale funnel --bg ${port}\n` } }),
    step('cursor.tunnel', {
      snippet: { language: 'sh', text: `cloudflared tunnel --url http://127.0.0.1:${port}\n` },
    }),
    name === null
      ? step('cursor.setName', {
          snippet: { language: 'sh', text: `npx inglenook settings set outside.name ${exampleName}\n` },
        })
      : step('cursor.nameIs', { values: { name } }),
    step('cursor.makeKey', { snippet: { language: 'sh', text: keyCommand(settings.roles.code) } }),
    step('cursor.check', { snippet: { language: 'sh', text: checkCommand(shown, settings.keyText) } }),
    ...fieldSteps(settings, shown),
    step('cursor.close', {
      snippet: { language: 'sh', text: 'npx inglenook settings set outside.name null\n' },
    }),
  ];
}

/** Cursor Settings → Models. Names beginning like OpenAI's or Anthropic's change how Cursor asks. */
function fieldSteps({ keyText, roles }: Settings, name: string): readonly GuideStep[] {
  return [
    step('cursor.settings'),
    step('form.key', { snippet: { language: 'text', text: keyText } }),
    step('cursor.override', { snippet: { language: 'text', text: `https://${name}/v1` } }),
    step('cursor.model', { snippet: { language: 'text', text: roles.code } }),
  ];
}

/**
 * The name is written out instead of `$host`: nginx takes its first server for every name nobody has, and whoever asks for
 * 127.0.0.1 must not be taken for somebody at this computer.
 */
function nginxServer(name: string, port: number): string {
  return `server {
    listen 443 ssl;
    server_name ${name};
    ssl_certificate     /etc/letsencrypt/live/${name}/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/${name}/privkey.pem;

    location /v1/ {
        proxy_pass http://127.0.0.1:${port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host ${name};
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_buffering off;
        proxy_read_timeout 1h;
        client_max_body_size 32m;
    }
    location / {
        return 404;
    }
}
`;
}

/** Caddy gets its certificate itself, keeps the name it was asked for, and answers to no other. */
function caddySite(name: string, port: number): string {
  return `${name} {
    handle /v1/* {
        reverse_proxy 127.0.0.1:${port}
    }
    handle {
        respond 404
    }
}
`;
}

function keyCommand(model: string): string {
  return `npx inglenook key create --name Cursor --outside --rpm 20 --expires 30d --models ${shellWord(model)}\n`;
}

function checkCommand(name: string, keyText: string): string {
  return `curl https://${name}/v1/models -H ${shellWord(`Authorization: Bearer ${keyText}`)}\n`;
}
