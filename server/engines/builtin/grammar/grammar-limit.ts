/**
 * The request asks for a grammar that would cost too much to make or to follow. Always a 400: a schema or pattern
 * made to be expensive must not cost anybody else's time.
 */
export class GrammarLimit extends Error {
  override readonly name = 'GrammarLimit';
}
