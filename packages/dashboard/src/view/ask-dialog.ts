import { type Html, html } from './html.ts'

/** The question before an action: what it does to whom, and why it is done. */
export function askDialog(): Html {
  return html`<dialog id="ask" aria-labelledby="ask-title"><form method="dialog">
<h2 id="ask-title"></h2><p id="ask-words"></p>
<label class="field" for="ask-reason">Reason<textarea id="ask-reason" name="reason" rows="2" maxlength="400" required aria-describedby="ask-hint"></textarea></label>
<p class="hint" id="ask-hint">Recorded in the audit trail together with your name.</p>
<div class="fields"><label class="field" for="ask-expect" data-for="freeze">Writes back in, minutes<input id="ask-expect" name="expect" type="number" min="1" max="1440" placeholder="not said"></label>
<label class="field" for="ask-most" data-for="freeze">Ends by itself after, minutes<input id="ask-most" name="most" type="number" min="1" max="1440" placeholder="never"></label>
<label class="field" for="ask-minutes" data-for="extend">Writes back in, minutes<input id="ask-minutes" name="minutes" type="number" min="1" max="1440" value="15"></label></div>
<p class="note bad" id="ask-problem" role="alert" hidden></p>
<div class="buttons"><button type="button" class="button" id="ask-cancel">Keep things as they are</button><button type="submit" class="button main" id="ask-do"></button></div>
</form></dialog>
<p class="toast" id="toast" role="status" hidden></p>`
}
