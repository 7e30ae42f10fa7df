/** Of a long list of texts, only how many there are. */
export type EntryValue = string | number | readonly number[] | { readonly texts: number };

/** The metadata of a header, by key. */
export type Entries = Map<string, EntryValue>;
