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

/** The index behind a WITH list, `-1` where its end can't be told. */
function behindWith(statement: Statement, from: number): number {
  let index = wordAt(statement, from) === 'recursive' ? from + 1 : from
  for (;;) {
    const query = queryBracket(statement, index)
    if (query < 0) return -1
    index = behindSearch(statement, after(statement, query))
    if (!signAt(statement, index, ',')) return index
    index++
  }
}

/** The bracket of the query in `name [(columns)] AS [[NOT] MATERIALIZED] (…)`, `-1` where that isn't what stands. */
function queryBracket(statement: Statement, from: number): number {
  if (nameAt(statement, from) === undefined) return -1
  let index = signAt(statement, from + 1, '(') ? after(statement, from + 1) : from + 1
  if (wordAt(statement, index) !== 'as') return -1
  index++
  if (wordAt(statement, index) === 'not') index++
  if (wordAt(statement, index) === 'materialized') index++
  return signAt(statement, index, '(') ? index : -1
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
