import type { ReadOnlyError } from '@quiesce/core'
import Negotiator from 'negotiator'
import { fromCallback } from './callback.ts'
import type { AnswerOptions } from './http-options.ts'
import { isText, problemOf, type ReadOnlyProblem } from './problem.ts'

/** A whole response; header names are in lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Headers of the body that a handler meant to send before it was refused; none of them is true for the answer. */
export const bodyHeaders: readonly string[] = [
  'accept-ranges',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'etag',
  'last-modified',
]

/** Tells clients of a refusal without reading its body. */
const MODE_HEADER = 'quiesce-mode'

const LONGEST_ACCEPT = 1000
const html = 'text/html'
const json = 'application/problem+json'

/**
 * Builds the response to a refused write, the same in every framework: problem details, or a page for a browser.
 *
 * `accept` is the request's header; without one, or with one that wants neither, it is problem details.
 */
export function answerTo(
  error: ReadOnlyError,
  accept: string | undefined,
  options: AnswerOptions & Required<Pick<AnswerOptions, 'expose' | 'retryAfterJitter'>>,
): Answer {
  const problem = problemOf(error, options, Date.now())
  const wantsPage = accept?.includes(html) === true && accept.length <= LONGEST_ACCEPT && prefersPage(accept)
  return {
    status: problem.status,
    headers: { 'content-type': wantsPage ? 'text/html; charset=utf-8' : json, ...headersOf(problem) },
    body: wantsPage ? pageOf(problem, options) : JSON.stringify(problem),
  }
}

/** The headers of a refusal besides the type of its body, also for answers in a protocol's own envelope. */
export function headersOf({ retryAfter }: Pick<ReadOnlyProblem, 'retryAfter'>): Readonly<Record<string, string>> {
  return {
    'cache-control': 'no-store',
    [MODE_HEADER]: 'read-only',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  }
}

function prefersPage(accept: string): boolean {
  return new Negotiator({ headers: { accept } }).mediaType([json, 'application/json', html]) === html
}

function pageOf(problem: ReadOnlyProblem, { page, logger }: AnswerOptions): string {
  const text = defaultPage(problem)
  return page === undefined ? text : fromCallback('page', () => page({ ...problem }), isText, text, logger)
}

function defaultPage({ title, detail, reason }: Partial<ReadOnlyProblem>): string {
  const why = reason === undefined ? '' : `<p>${escaped(reason)}</p>`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body><h1>${escaped(title)}</h1><p>${escaped(detail)}</p>${why}</body></html>`
}

function escaped(text = ''): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
