/** Text that is HTML already. */
export interface Html {
  readonly html: string
}

/** What may stand in a template; nothing is written for `false` and `undefined`. */
export type Part = Html | string | number | false | undefined | readonly Part[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes HTML from a template; everything that is put in is escaped unless it was made here. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.reduce((all, string, index) => all + textOf(parts[index - 1]) + string)
  return { html: text }
}

/** HTML that was written by us, as it is. */
export function raw(text: string): Html {
  return { html: text }
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') {
    return String(part).replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign)
  }
  return 'html' in part ? part.html : part.map(textOf).join('')
}
