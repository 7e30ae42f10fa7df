import type { ServerResponse } from 'node:http';

/**
 * Headers that go out with an answer's head, names and values in turn. Node takes such a list as it is (`writeHead`), while
 * each `setHeader` costs it another look at the name, a table and a way back out of it, and an answer has twenty of them. What is
 * set the other way goes out beside these. A name stands in the list once.
 */
export function headList(response: ServerResponse): (string | number)[] {
  return ((response as Listing)[listed] ??= []);
}

/** Gives the list away, for whoever writes the head. */
export function takeHeadList(response: ServerResponse): (string | number)[] {
  const list = headList(response);
  (response as Listing)[listed] = undefined;
  return list;
}

const listed = Symbol('headers for the head');
type Listing = ServerResponse & { [listed]?: (string | number)[] | undefined };
