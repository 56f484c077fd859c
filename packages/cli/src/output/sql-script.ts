/** Statements as people read them, and as clients take them: each ended by a semicolon, with an empty line behind. */
export function sqlScript(statements: readonly string[]): string {
  return statements.map((sql) => `${sql};`).join('\n\n')
}
