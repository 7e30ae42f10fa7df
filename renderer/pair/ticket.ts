/** 128 bits in base64url are 22 characters; what is much longer was not made by us. */
const longestTicket = 200;

/**
 * The ticket of the link's fragment, `#t=…`, which leaves the address bar and the tab's history at once. After
 * that it exists in this page's memory alone. Null where the link has none, empty where it is damaged: that is
 * then what the server says of every ticket it does not know.
 */
export function takeTicket(): string | null {
  const { hash, pathname } = location;
  if (hash === '') return null;
  history.replaceState(null, '', pathname);
  const ticket = new URLSearchParams(hash.slice(1)).get('t');
  return ticket === null || ticket.length <= longestTicket ? ticket : '';
}
