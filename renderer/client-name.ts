/** Programs whose User-Agent says less than their name does; the first that fits. */
const known: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/continue/i, 'Continue'],
  [/cline/i, 'Cline'],
  [/claude-(cli|code)/i, 'Claude Code'],
  [/codex/i, 'Codex'],
  [/open.?webui/i, 'Open WebUI'],
  [/^(Async)?OpenAI\/Python/i, 'Python'],
  [/^(Async)?Anthropic\/Python/i, 'Python'],
  [/^python|^aiohttp|^httpx/i, 'Python'],
  [/^OpenAI\/JS|^Anthropic\/JS|^node|^undici/i, 'JavaScript'],
  [/^curl/i, 'curl'],
  // Browsers claim to be each other: the most particular first.
  [/Edg\//, 'Edge'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** What a User-Agent most likely is: "Continue", "Firefox on Windows"; its first word where nothing is known. */
export function guessClient(userAgent: string | null): string | null {
  if (userAgent === null || userAgent.trim() === '') return null;
  const program = nameOf(known, userAgent) ?? userAgent.trim().split(/[\s/]/, 1)[0] ?? '';
  const system = userAgent.startsWith('Mozilla/') ? nameOf(systems, userAgent) : null;
  return system === null ? program : `${program} · ${system}`;
}

function nameOf(table: typeof known, userAgent: string): string | null {
  return table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}
