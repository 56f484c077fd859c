import type { View } from '../watch.ts'
import { askDialog } from './ask-dialog.ts'
import { html, raw } from './html.ts'
import { icon } from './icons.ts'
import { script } from './script.ts'
import { sectionsOf } from './sections.ts'
import { layoutStyle } from './style-layout.ts'
import { partsStyle } from './style-parts.ts'
import { themeStyle } from './style-theme.ts'

/** What one page is made for. */
export interface PageContext {
  readonly nonce: string
  /** Where the dashboard's other addresses are, from this page. */
  readonly home: string
  readonly viewer: string
  /** Proves actions; `undefined` for viewers who only look. */
  readonly csrf: string | undefined
}

const favicon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%233b82f6' stroke-width='2'%3E%3Cpath d='M12 2.8 20 7.4v9.2l-8 4.6-8-4.6V7.4z'/%3E%3Cpath d='M9.3 8.6v6.8M14.7 8.6v6.8'/%3E%3C/svg%3E"

/** The whole page: complete without its script, which only keeps it up to date. */
export function pageOf(view: View, { nonce, home, viewer, csrf }: PageContext): string {
  const sections = sectionsOf(view, csrf !== undefined)
  const part = (...ids: readonly string[]) => ids.map((id) => raw(sections.get(id) ?? ''))
  const namespace = view.seen?.status.namespace ?? 'unknown'
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${namespace} · Quiesce</title>
<link rel="icon" href="${raw(favicon)}">
<style nonce="${nonce}">${raw(themeStyle + layoutStyle + partsStyle)}</style>
</head>
<body data-home="${home}" data-now="${view.now.toISOString()}" data-namespace="${namespace}"${csrf !== undefined && html` data-csrf="${csrf}"`}>
<a class="skip" href="#mode">Skip to the state of the cluster</a>
<header class="top"><p class="brand">${icon('mark')}<span>Quiesce</span><span class="namespace">${namespace}</span></p>
<p class="meta"><span class="live" id="live" data-state="still"><i></i><span>Not live</span></span><span class="who">${viewer}${csrf === undefined && ' · only looking'}</span></p></header>
<main id="main">
${part('mode', 'figures')}
<div class="columns"><div class="column">${part('nodes', 'refusals', 'timeline')}</div><div class="column">${part('runs', 'locks', 'history')}</div></div>
</main>
<p class="sr" id="announce" role="status" aria-live="polite"></p>
${csrf !== undefined && askDialog()}
<script nonce="${nonce}">${raw(script)}</script>
</body>
</html>
`.html
}
