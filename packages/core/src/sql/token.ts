/** What a token is; comments and whitespace leave no token. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'variable' | 'sign'

/** One token of a statement's text. */
export interface Token {
  readonly kind: TokenKind
  /** A word or a `@variable` in lower case (ASCII), a sign as itself, `''` for everything else. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** The index of the other bracket of the pair, `-1` for every other token. */
  match: number
}
