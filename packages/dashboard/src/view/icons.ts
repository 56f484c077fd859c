import { type Html, html, raw } from './html.ts'

const paths = {
  // A pencil: writes flow.
  'read-write':
    '<path d="M4 20l1.2-4.6L16.4 4.2a2 2 0 0 1 2.8 0l.6.6a2 2 0 0 1 0 2.8L8.6 18.8 4 20z"/><path d="M14.2 6.4l3.4 3.4"/>',
  // An hourglass: something is waited for.
  draining:
    '<path d="M6 3h12M6 21h12M7.5 3v3.6c0 2.2 4.5 3.4 4.5 5.4s-4.5 3.2-4.5 5.4V21M16.5 3v3.6c0 2.2-4.5 3.4-4.5 5.4s4.5 3.2 4.5 5.4V21"/>',
  // A snowflake: frozen.
  'read-only':
    '<path d="M12 2.5v19M3.8 7.2l16.4 9.6M3.8 16.8l16.4-9.6M9.4 4.6L12 7l2.6-2.4M9.4 19.4L12 17l2.6 2.4M3.9 10.9l3.4-1-.9-3.5M20.1 13.1l-3.4 1 .9 3.5M3.9 13.1l3.4 1-.9 3.5M20.1 10.9l-3.4-1 .9-3.5"/>',
  unknown: '<circle cx="12" cy="12" r="9"/><path d="M9.4 9.4a2.7 2.7 0 1 1 3.9 2.5c-.9.5-1.3 1-1.3 2M12 17.2v.1"/>',
  // A dotted circle: an empty place.
  nobody: '<circle cx="12" cy="12" r="9" stroke-dasharray="3 3.3"/>',
  mark: '<path d="M12 2.8 20 7.4v9.2l-8 4.6-8-4.6V7.4z"/><path d="M9.3 8.6v6.8M14.7 8.6v6.8"/>',
} as const

/** A drawing beside words, which say the same. */
export function icon(name: keyof typeof paths): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${raw(paths[name])}</svg>`
}
