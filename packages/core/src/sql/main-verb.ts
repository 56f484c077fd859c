import { after, nameAt, type Statement, signAt, tokenAt, wordAt } from './statement.ts'

const MAIN_VERBS = new Set(['select', 'insert', 'update', 'delete', 'merge', 'replace', 'values', 'table'])

/** The index of the word that tells what a statement is: behind opening brackets and WITH lists. `-1`: none. */
export function mainVerb(statement: Statement): number {
  let index = statement.from
  while (index >= 0 && index < statement.to) {
    if (signAt(statement, index, '(')) index++
    else if (wordAt(statement, index) !== 'with') return wordAt(statement, index) === '' ? -1 : index
    else index = behindWith(statement, index + 1)
  }
  return -1
}

/** The index behind `name [(columns)] AS [[NOT] MATERIALIZED] (…) [SEARCH … | CYCLE …], …`, `-1` where that isn't what stands. */
function behindWith(statement: Statement, from: number): number {
  let index = wordAt(statement, from) === 'recursive' ? from + 1 : from
  for (;;) {
    if (nameAt(statement, index) === undefined) return -1
    index++
    if (signAt(statement, index, '(')) index = after(statement, index)
    if (wordAt(statement, index) !== 'as') return -1
    index++
    if (wordAt(statement, index) === 'not') index++
    if (wordAt(statement, index) === 'materialized') index++
    if (!signAt(statement, index, '(')) return -1
    index = behindSearch(statement, after(statement, index))
    if (!signAt(statement, index, ',')) return index
    index++
  }
}

/** Skips SEARCH and CYCLE, whose column lists have commas of their own. */
function behindSearch(statement: Statement, from: number): number {
  let index = from
  while (/^(search|cycle)$/.test(wordAt(statement, index))) {
    const end = wordAt(statement, index) === 'search' ? 'set' : /^(using|restrict)$/
    while (tokenAt(statement, index) !== undefined && !matches(wordAt(statement, index), end)) index++
    index += wordAt(statement, index) === 'restrict' ? 1 : 2
  }
  return index
}

function matches(word: string, end: string | RegExp): boolean {
  return typeof end === 'string' ? word === end : end.test(word)
}

/** Whether the word can be the verb of a query or of a write, rather than of another statement. */
export function isMainVerb(word: string): boolean {
  return MAIN_VERBS.has(word)
}
