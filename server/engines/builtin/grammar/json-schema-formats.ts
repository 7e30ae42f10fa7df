/**
 * Formats as patterns. Where a format's own grammar is wide (email, hostname, uri) this is its everyday core: what it
 * accepts is of the format, but not every text of the format is accepted.
 */
const byName: Readonly<Record<string, string>> = {
  date: datePattern(),
  time: `${timePattern()}${zonePattern()}`,
  'date-time': `${datePattern()}T${timePattern()}${zonePattern()}`,
  // ISO 8601: weeks alone, or the other units in their order.
  duration: String.raw`P(?:\d{1,9}W|${orderedUnits('YMD')}(?:T${orderedUnits('HMS')})?|T${orderedUnits('HMS')})`,
  uuid: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  email: String.raw`[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@${looseHostPattern()}\.[A-Za-z]{2,24}`,
  hostname: hostPattern(),
  ipv4: ipv4Pattern(),
  ipv6: ipv6Pattern(),
  uri: uriPattern(),
};

/** Names that JSON Schema defines and that we cannot turn into a grammar. Names it does not define mean nothing. */
const definedElsewhere = new Set([
  'idn-email',
  'idn-hostname',
  'iri',
  'iri-reference',
  'uri-reference',
  'uri-template',
  'json-pointer',
  'relative-json-pointer',
  'regex',
]);

/** The pattern of a format; null if it cannot be enforced, undefined if the name means nothing. */
export function formatPattern(name: string): string | null | undefined {
  if (Object.hasOwn(byName, name)) return `^(?:${byName[name]})$`;
  return definedElsewhere.has(name) ? null : undefined;
}

function datePattern(): string {
  const shortMonths = '(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)';
  const longMonths = '(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])';
  const february = '02-(?:0[1-9]|1[0-9]|2[0-8])';
  const byFour = '(?:0[48]|[2468][048]|[13579][26])';
  const leapYear = `(?:[0-9][0-9]${byFour}|(?:${byFour}|00)00)`;
  return `(?:[0-9]{4}-(?:${longMonths}|${shortMonths}|${february})|${leapYear}-02-29)`;
}

function timePattern(): string {
  return String.raw`(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?`;
}

function zonePattern(): string {
  return '(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])';
}

function orderedUnits(letters: string): string {
  const [first, second, third] = Array.from(letters, (letter) => String.raw`\d{1,9}${letter}`);
  return `(?:${first}(?:${second}(?:${third})?)?|${second}(?:${third})?|${third})`;
}

/** RFC 1123: labels of up to 63 characters, 253 together; here up to four of 32. */
function hostPattern(): string {
  const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?';
  return String.raw`${label}(?:\.${label}){0,3}`;
}

/** Without counting characters, which takes a thousand states. */
function looseHostPattern(): string {
  const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
  return String.raw`${label}(?:\.${label})*`;
}

/** RFC 3986 with an authority; percent signs only before two hexadecimal digits. */
function uriPattern(): string {
  const character = (more: string): string =>
    String.raw`(?:[A-Za-z0-9._~!$&'()*+,;=:@\/${more}-]|%[0-9A-Fa-f]{2})`;
  const tail = String.raw`(?:\/${character('')}*)?(?:\?${character('?')}*)?(?:#${character('?')}*)?`;
  return String.raw`[A-Za-z][A-Za-z0-9+.-]*:\/\/${looseHostPattern()}(?::[0-9]{1,4})?${tail}`;
}

function ipv4Pattern(): string {
  const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
  return String.raw`${octet}(?:\.${octet}){3}`;
}

/** All eight groups, or `::` in place of at least one. */
function ipv6Pattern(): string {
  const group = '[0-9a-fA-F]{1,4}';
  const forms = [`${group}(?::${group}){7}`];
  for (let before = 0; before <= 7; before += 1) {
    const head = before === 0 ? '' : `${group}(?::${group}){${before - 1}}`;
    const most = 7 - before;
    const tail = most === 0 ? '' : `(?:${group}(?::${group}){0,${most - 1}})?`;
    forms.push(`${head}::${tail}`);
  }
  return `(?:${forms.join('|')})`;
}
