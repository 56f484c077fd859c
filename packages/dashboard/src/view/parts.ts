import { type Html, html, type Part } from './html.ts'

/** What a colour says; the words beside it say it too. */
export type Tone = 'good' | 'wait' | 'frozen' | 'bad' | 'quiet'

/** A word in a colour that has a meaning. */
export function chip(tone: Tone, words: string): Html {
  return html`<span class="chip ${tone}">${words}</span>`
}

/** What a card is made of. */
export interface Card {
  readonly id: string
  readonly title: string
  /** Beside the title. */
  readonly aside?: Part
  readonly body: Part
}

/** One part of the page under a heading. */
export function card({ id, title, aside, body }: Card): Html {
  return html`<section class="card" id="${id}" aria-labelledby="${id}-title">
<header><h2 id="${id}-title">${title}</h2>${aside !== undefined && html`<p class="aside">${aside}</p>`}</header>
${body}
</section>`
}

/** What stands where there is nothing to show: what would be here, and how it comes to be. */
export function empty(title: string, words: string): Html {
  return html`<div class="empty"><p><strong>${title}</strong></p><p>${words}</p></div>`
}

/** A table that may be wider than the screen; the keyboard reaches what is outside. */
export function table(label: string, columns: readonly string[], rows: readonly Part[]): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}

/** What a button on the page asks for. */
export interface ActionButton {
  readonly action: 'freeze' | 'thaw' | 'extend' | 'cancel-run' | 'release-lock'
  readonly label: string
  readonly id?: string
  /** What it is done to, in words; shown in the question. */
  readonly subject?: string
  readonly isMain?: boolean
}

/** A button that opens the question for an action. */
export function actionButton({ action, label, id = '', subject = '', isMain = false }: ActionButton): Html {
  const hidden = subject !== '' && html`<span class="sr"> ${subject}</span>`
  return html`<button type="button" class="button${isMain && ' main'}" data-action="${action}" data-id="${id}" data-subject="${subject}">${label}${hidden}</button>`
}

/** A bar that fills; its value is told in words too. */
export function bar(label: string, value: number, max: number, tone: Tone): Html {
  return html`<progress class="${tone}" value="${value}" max="${Math.max(1, max)}" aria-label="${label}"></progress>`
}
