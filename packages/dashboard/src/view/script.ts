/**
 * What runs in the browser: takes over the sections that the server sends, runs clocks, asks before actions.
 *
 * Sections are merged into the page node by node, so that focus, scroll positions and selections survive an update.
 */
export const script: string = `
'use strict'
{
const body = document.body, byId = (id) => document.getElementById(id)
const home = body.dataset.home
let ahead = Date.parse(body.dataset.now) - Date.now()

const merge = (old, fresh) => {
  const isOther = old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName
  // A button never comes to mean another lock or freeze under the hand of who is about to press it.
  if (isOther || old.dataset?.id !== fresh.dataset?.id) return void old.replaceWith(fresh)
  if (old.nodeType !== 1) { if (old.data !== fresh.data) old.data = fresh.data; return }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name)
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  const next = [...fresh.childNodes], had = [...old.childNodes]
  next.forEach((child, at) => (had[at] ? merge(had[at], child) : old.append(child)))
  for (const left of had.slice(next.length)) left.remove()
}

const two = (number) => String(number).padStart(2, '0')
const clocks = () => {
  for (const each of document.querySelectorAll('time[data-clock]')) {
    const at = new Date(each.dateTime)
    const day = at.toDateString() === new Date().toDateString() ? '' : at.toLocaleDateString(undefined, { month: 'short', day: 'numeric' }) + ' '
    const text = day + [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
    if (each.textContent !== text) each.textContent = text
  }
}
const countdowns = () => {
  for (const each of document.querySelectorAll('time[data-until]')) {
    const left = Math.ceil((Date.parse(each.dateTime) - Date.now() - ahead) / 1000)
    const parts = [Math.floor(left / 3600), Math.floor((left % 3600) / 60), left % 60]
    const text = left <= 0 ? each.dataset.over : (parts[0] ? parts : parts.slice(1)).map(two).join(':')
    if (each.textContent !== text) each.textContent = text
  }
}

const mode = () => document.querySelector('#mode-title').textContent
let told = mode()
const titled = () => { document.title = mode() + ' · ' + body.dataset.namespace + ' · Quiesce' }
const announce = () => {
  if (mode() === told) return
  told = mode()
  byId('announce').textContent = 'The cluster is ' + told + '. ' + document.querySelector('#mode .lead').textContent
}
const live = (state, words) => {
  byId('live').dataset.state = state
  byId('live').lastElementChild.textContent = words
  body.toggleAttribute('data-stale', state !== 'live')
}

const source = new EventSource(home + 'stream')
source.addEventListener('open', () => live('live', 'Live'))
source.addEventListener('error', () => source.readyState === 2 ? live('gone', 'Disconnected: reload the page') : live('waiting', 'Reconnecting'))
source.addEventListener('view', ({ data }) => {
  const { now, sections } = JSON.parse(data)
  ahead = Date.parse(now) - Date.now()
  const focused = document.activeElement
  for (const [id, text] of Object.entries(sections)) {
    const fresh = document.createElement('template')
    fresh.innerHTML = text
    merge(byId(id), fresh.content.firstElementChild)
  }
  if (focused && !focused.isConnected) byId('mode').focus()
  clocks(); countdowns(); titled(); announce()
})
setInterval(countdowns, 1000)
clocks(); countdowns(); titled()

const ask = byId('ask')
if (ask) {
  const questions = {
    freeze: ['Freeze the cluster?', () => 'Every node stops admitting writes and finishes those in flight. It stays so until somebody thaws it.', 'Freeze'],
    thaw: ['Give the writes back?', (what) => 'This ends ' + what + '. Work that relies on it must be over.', 'Thaw'],
    extend: ['Expect it to take longer?', (what) => 'Clients of ' + what + ' are told the new time.', 'Extend'],
    'cancel-run': ['Cancel the run?', (what) => 'This stops ' + what + '. What it has done is undone as its steps say.', 'Cancel the run'],
    'release-lock': ['Take the lock away?', (what) => 'This frees ' + what + ' without asking its holder, who learns that it is lost.', 'Release'],
  }
  const form = ask.querySelector('form'), problem = byId('ask-problem'), go = byId('ask-do')
  let wanted, opener
  document.addEventListener('click', ({ target }) => {
    const button = target.closest && target.closest('[data-action]')
    if (!button) return
    opener = button
    wanted = { action: button.dataset.action, id: button.dataset.id }
    const [title, words, label] = questions[wanted.action]
    form.reset()
    byId('ask-title').textContent = title
    byId('ask-words').textContent = words(button.dataset.subject)
    go.textContent = label
    problem.hidden = true
    for (const field of form.querySelectorAll('[data-for]')) field.hidden = field.dataset.for !== wanted.action
    ask.showModal()
    byId('ask-reason').focus()
  })
  byId('ask-cancel').addEventListener('click', () => ask.close())
  ask.addEventListener('close', () => (opener && opener.isConnected ? opener : byId('mode')).focus())
  const toast = (text) => {
    const box = byId('toast')
    box.textContent = text
    box.hidden = false
    clearTimeout(toast.timer)
    toast.timer = setTimeout(() => (box.hidden = true), 6000)
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const request = { action: wanted.action, reason: form.elements.reason.value }
    if (wanted.id) request.id = wanted.id
    for (const field of form.querySelectorAll('[data-for]:not([hidden]) input')) request[field.name] = field.value
    go.disabled = true
    problem.hidden = true
    try {
      const answer = await fetch(home + 'actions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'quiesce-csrf': body.dataset.csrf },
        body: JSON.stringify(request),
      })
      const text = await answer.text()
      if (answer.ok) { ask.close(); toast(text) } else { problem.textContent = text; problem.hidden = false }
    } catch {
      problem.textContent = 'The server does not answer. Look at the page before you try again: it may have been done.'
      problem.hidden = false
    }
    go.disabled = false
  })
}
}
`
