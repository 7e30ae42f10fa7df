import type { ReportLanguage, SecurityReport } from '../../wire/report.ts';
import { words, type Words } from './words.ts';

/** One page without anything from elsewhere: it can be printed, or kept as a file. */
export const reportStyle = `
body { font: 10.5pt/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #999; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; } th, td { text-align: left; vertical-align: top; padding: 0.2rem 0.7rem 0.2rem 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
.number { text-align: right; } .bad { font-weight: 700; } code { overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;

/** HTML that is safe to put anywhere: made by `html` alone, which escapes whatever is put in. */
type Html = { readonly html: string };

/** The page in one language. Everything that people have typed is shown as text. */
export function renderReport(report: SecurityReport, language: ReportLanguage): string {
  const say = words[language];
  const show = formats(report.timeZone, language, say);
  const sections = [
    section(say.data, dataPart(report, say, show)),
    section(say.access, accessPart(report, say)),
    section(say.encryption, certificatePart(report, say)),
    section(say.keys, keysPart(report, say, show)),
    section(say.teams, teamsPart(report, say, show)),
    section(say.leaving, leavingPart(report, say, show)),
    section(say.exports, exportsPart(report, say, show)),
    section(say.tracing, tracingPart(report, say, show)),
    section(say.retention, retentionPart(report, say, show)),
    section(say.settings, settingsPart(report, say)),
    section(say.backups, backupsPart(report, say, show)),
    section(say.audit, auditPart(report, say, show)),
  ];
  const page = html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${say.title}, Inglenook, ${report.madeAt.slice(0, 10)}</title>
        <style>
          ${raw(reportStyle)}
        </style>
      </head>
      <body>
        <h1>${say.title}</h1>
        <p>
          Inglenook ${report.version}, ${report.computer}. ${say.made}: ${show.time(report.madeAt)}
          (${report.timeZone})
        </p>
        ${join(sections)}
      </body>
    </html> `;
  return page.html;
}

type Formats = ReturnType<typeof formats>;

function formats(timeZone: string, language: ReportLanguage, say: Words) {
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const number = new Intl.NumberFormat(language);
  const bytes = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return {
    time: (iso: string | null): string => (iso === null ? say.never : time.format(new Date(iso))),
    number: (value: number): string => number.format(value),
    size: (value: number): string =>
      value < 1e9 ? `${bytes.format(value / 1e6)} MB` : `${bytes.format(value / 1e9)} GB`,
    yes: (value: boolean): string => (value ? say.yes : say.no),
  };
}

function dataPart({ dataDir, data }: SecurityReport, say: Words, show: Formats): Html {
  const { columns } = say;
  const rows = data.map(({ name, kind, bytes, othersMayRead }) => [
    name,
    othersMayRead === true ? `${say.kinds[kind]} (${say.othersMayRead})` : say.kinds[kind],
    show.size(bytes),
  ]);
  return html`<p>${say.dataIntro}</p>
    <p><code>${dataDir}</code></p>
    ${table([columns.name, columns.what, columns.size], rows, say)}`;
}

function accessPart({ access }: SecurityReport, say: Words): Html {
  const { passwordSet, officeLetIn, officeAddress, refusedSignIns } = access;
  const { adminOnThisComputerOnly } = access;
  return html`<ul>
    <li>${passwordSet ? say.password.set : say.password.notSet}</li>
    <li>${adminOnThisComputerOnly ? say.adminHere : say.adminByHttps}</li>
    <li>${officeLetIn ? `${say.office.open} ${officeAddress ?? '–'}` : say.office.closed}</li>
    <li>${say.refusedSignIns} ${refusedSignIns}</li>
  </ul>`;
}

function certificatePart({ access: { transport, certificate } }: SecurityReport, say: Words): Html {
  const issued =
    certificate === null
      ? ''
      : html`<p>${say.certificate} ${certificate.issuer}, ${certificate.validUntil.slice(0, 10)}</p>`;
  return html`<p class="${transport === 'https' ? 'good' : 'bad'}">${say.transport[transport]}</p>
    ${issued}`;
}

function keysPart({ keys }: SecurityReport, say: Words, show: Formats): Html {
  const { columns } = say;
  const headings = [
    columns.name,
    columns.person,
    columns.team,
    columns.device,
    columns.status,
    columns.models,
    columns.limits,
    columns.addresses,
    columns.traced,
    columns.mayLeave,
    columns.expires,
    columns.lastUsed,
  ];
  const rows = keys.map((key) => [
    key.name,
    key.person ?? '–',
    key.team ?? '–',
    key.device ?? '–',
    say.statuses[key.status],
    key.models?.join(', ') ?? say.all,
    limitsText(key.limits, say, show),
    key.ips?.join(', ') ?? say.all,
    key.traceUntil === null ? show.yes(key.trace) : `${say.until} ${show.time(key.traceUntil)}`,
    show.yes(key.mayLeave),
    show.time(key.expiresAt),
    show.time(key.lastUsedAt),
  ]);
  return html`<p>${say.keysIntro}</p>
    ${table(headings, rows, say)}`;
}

function teamsPart({ teams }: SecurityReport, say: Words, show: Formats): Html {
  const rows = teams.map(({ name, limits }) => [name, limitsText(limits, say, show)]);
  return table([say.columns.name, say.columns.limits], rows, say);
}

function limitsText(limits: SecurityReport['teams'][number]['limits'], say: Words, show: Formats): string {
  const counts = (['requestsPerMinute', 'tokensPerMinute', 'maxParallel'] as const).flatMap((name) => {
    const value = limits[name];
    return value === null ? [] : [`${show.number(value)} ${say.limit[name]}`];
  });
  const budgets = limits.budgets.map(({ unit, amount, period }) =>
    [show.number(amount), unit === 'tokens' ? say.limit.tokens : '¤', say.limit[period]].join(' '),
  );
  return [...counts, ...budgets].join('; ') || '–';
}

function leavingPart({ upstreams, leftOffice }: SecurityReport, say: Words, show: Formats): Html {
  const { columns } = say;
  const known = upstreams.map(({ name, url, mayLeave }) => [name, url, show.yes(mayLeave)]);
  const left = leftOffice.map(({ engine, key, requests, promptTokens, completionTokens }) => [
    engine,
    key ?? '–',
    show.number(requests),
    show.number(promptTokens),
    show.number(completionTokens),
  ]);
  const headings = [columns.address, columns.key, columns.requests, columns.tokensIn, columns.tokensOut];
  return html`<p>${say.leavingIntro}</p>
    ${table([columns.name, columns.address, columns.mayLeave], known, say)}
    <p>${left.length === 0 ? say.leftNothing : say.left}</p>
    ${left.length === 0 ? html`` : table(headings, left, say)}`;
}

function exportsPart({ exports }: SecurityReport, say: Words, show: Formats): Html {
  const { columns } = say;
  const rows = exports.map((one) => [
    one.name,
    say.exportKinds[one.kind],
    one.host,
    show.yes(one.mayLeave),
    sentThere(one, say),
    `${show.number(one.sent)} / ${show.number(one.backlog)}`,
    one.problem === null ? show.time(one.lastSuccessAt) : `${show.time(one.lastSuccessAt)} (${one.problem})`,
  ]);
  const headings = [
    columns.name,
    columns.what,
    columns.address,
    columns.mayLeave,
    columns.content,
    columns.sent,
    columns.lastSuccess,
  ];
  return html`<p>${say.exportsIntro}</p>
    ${table(headings, rows, say)}`;
}

function sentThere({ people, prompts }: SecurityReport['exports'][number], say: Words): string {
  const parts = [say.sends.rows, people ? say.sends.people : say.sends.noPeople];
  return [...parts, prompts ? say.sends.prompts : say.sends.noPrompts].join(', ');
}

function tracingPart({ tracing }: SecurityReport, say: Words, show: Formats): Html {
  const { office, tracedKeys, keepDays, kept } = tracing;
  return html`<ul>
    <li>${say.officeTracing[office]}</li>
    <li>${say.tracedKeys} ${show.number(tracedKeys)}</li>
    <li>${say.tracesKept} ${show.number(keepDays)} ${say.units.days}</li>
    <li>
      ${
        kept === null
          ? say.tracesUnreadable
          : `${say.tracesNow} ${show.number(kept.requests)}${kept.oldest === null ? '' : `, ${say.oldest} ${show.time(kept.oldest)}`}`
      }
    </li>
  </ul>`;
}

function retentionPart({ retention }: SecurityReport, say: Words, show: Formats): Html {
  const rows = retention.map(({ kind, amount, unit }) => [
    say.keeps[kind],
    amount === null ? say.forEver : `${show.number(amount)} ${say.units[unit]}`,
  ]);
  return table([say.columns.what, say.columns.keptFor], rows, say);
}

function settingsPart({ settings }: SecurityReport, say: Words): Html {
  const { columns } = say;
  const rows = settings.map(({ name, value, meaning }) => [
    name,
    value === null ? '–' : String(value),
    say.settingMeanings[name] ?? meaning,
  ]);
  return html`<p>${say.settingsIntro}</p>
    ${table([columns.setting, columns.value, columns.meaning], rows, say)}`;
}

function backupsPart({ backups }: SecurityReport, say: Words, show: Formats): Html {
  const { on, folder, lastSuccessAt, lastError } = backups;
  const when = lastSuccessAt === null ? say.neverYet : show.time(lastSuccessAt);
  return html`<p>${on ? `${say.backupsOn} ${folder ?? '–'}.` : say.backupsOff} ${when}</p>
    ${lastError === null ? html`` : html`<p class="bad">${lastError}</p>`}`;
}

function auditPart({ audit }: SecurityReport, say: Words, show: Formats): Html {
  const problems = audit.problems.map(({ sentence }) => html`<li>${sentence}</li>`);
  const purged = audit.purgedThrough === 0 ? html`` : html`<p>${say.auditPurged} ${audit.purgedThrough}.</p>`;
  return html`${
      audit.ok
        ? html`<p>${say.auditOk} ${show.number(audit.rows)}.</p>`
        : html`<p class="bad">${say.auditNotOk}</p>
            <ul>
              ${join(problems)}
            </ul>`
    }
    ${purged}
    <p>${say.auditHead} <code>${audit.head.seq}:${audit.head.hash}</code></p>`;
}

function section(heading: string, content: Html): Html {
  return html`<section>
    <h2>${heading}</h2>
    ${content}
  </section>`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[], say: Words): Html {
  if (rows.length === 0) return html`<p>${say.none}</p>`;
  const head = headings.map((heading) => html`<th scope="col">${heading}</th>`);
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${join(cells.map((cell) => html`<td>${cell}</td>`))}
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        ${join(head)}
      </tr>
    </thead>
    <tbody>
      ${join(body)}
    </tbody>
  </table>`;
}

function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html)[]): Html {
  const texts = values.map((value) => (typeof value === 'object' ? value.html : escapeText(String(value))));
  return raw(parts.map((part, index) => part + (texts[index] ?? '')).join(''));
}

function raw(text: string): Html {
  return { html: text };
}

function join(parts: readonly Html[]): Html {
  return raw(parts.map((part) => part.html).join('\n'));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
