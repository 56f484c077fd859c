/** How cards, tables, plots, buttons and the dialog look. */
export const partsStyle = `
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); overflow: hidden; }
.card > header { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; flex-wrap: wrap; padding: 16px 22px 12px; }
h2 { font-size: 15px; letter-spacing: -.01em; }
.aside { font-size: 12.5px; color: var(--faint); }
.empty { padding: 0 22px 22px; color: var(--soft); } .empty strong { color: var(--ink); font-weight: 500; }
.rest { padding: 10px 22px 16px; color: var(--soft); font-size: 13px; }
.row { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
.row strong, .row .name { overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 1px 0; font-size: 12.5px; color: var(--soft); overflow-wrap: anywhere; margin-left: -17px; clip-path: inset(0 0 0 17px); }
.facts > span { position: relative; padding-left: 17px; }
.facts > span::before { content: '·'; position: absolute; left: 6px; color: var(--faint); }
.facts b { font-weight: 500; color: var(--ink); }
.chip { display: inline-block; font-size: 12px; line-height: 18px; font-weight: 550; padding: 1px 8px; border-radius: 99px; white-space: nowrap; }
.chip.good { color: var(--good); background: var(--good-bg); } .chip.wait { color: var(--wait); background: var(--wait-bg); }
.chip.frozen { color: var(--frozen); background: var(--frozen-bg); } .chip.bad { color: var(--bad); background: var(--bad-bg); }
.chip.quiet { color: var(--quiet); background: var(--quiet-bg); }
.scroll { position: relative; overflow-x: auto; } .scroll.tall { max-height: 420px; overflow-y: auto; }
.scroll:focus-visible { outline-offset: -2px; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 10px 12px; vertical-align: top; border-top: 1px solid var(--line); }
thead th { font-size: 12px; font-weight: 500; color: var(--faint); padding-top: 6px; padding-bottom: 6px; border-top: 0; white-space: nowrap; }
th:first-child { padding-left: 22px; } tbody th .name { display: block; min-width: 170px; } td:last-child, thead th:last-child { padding-right: 22px; }
td.num { white-space: nowrap; }
.sub { display: block; font-size: 12px; font-weight: 400; color: var(--faint); }
td .sub { display: inline; } td .sub.mono { display: block; white-space: normal; max-width: 26ch; overflow-wrap: anywhere; }
progress { display: block; width: 100%; height: 6px; appearance: none; border: 0; border-radius: 99px; background: var(--quiet-bg); overflow: hidden; color: var(--frozen-fill); }
progress::-webkit-progress-bar { background: var(--quiet-bg); border-radius: 99px; }
progress::-webkit-progress-value { background: currentColor; border-radius: 99px; transition: inline-size .4s; }
progress::-moz-progress-bar { background: currentColor; border-radius: 99px; }
progress.wait { color: var(--wait-fill); } progress.bad { color: var(--bad-fill); }
.hero progress, .hero progress::-webkit-progress-bar { background: color-mix(in srgb, var(--tone) 16%, transparent); }
.items > li, .timeline > li, .history > li { padding: 12px 22px; border-top: 1px solid var(--line); }
.items > li:first-child, .timeline > li:first-child, .history > li:first-child { border-top: 0; padding-top: 4px; }
.items > li:last-child, .timeline > li:last-child { padding-bottom: 18px; }
.items progress { margin: 8px 0 5px; }
.plot { display: grid; grid-template-columns: minmax(0, 1fr) minmax(150px, 210px); gap: 8px 28px; padding: 4px 22px 20px; align-items: start; }
.axes { position: relative; padding-top: 16px; }
.axes svg { display: block; width: 100%; height: 132px; }
.axes .top { all: unset; position: absolute; left: 0; top: 0; font-size: 11.5px; line-height: 14px; color: var(--faint); }
.times { display: flex; justify-content: space-between; font-size: 11.5px; color: var(--faint); padding-top: 5px; }
.grid { stroke: var(--line); vector-effect: non-scaling-stroke; } .base { stroke: var(--edge); vector-effect: non-scaling-stroke; }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); } .c4 { fill: var(--c4); } .c5 { fill: var(--c5); }
.legend th:first-child, .legend th, .legend td { padding: 4px 0; border: 0; font-weight: 400; font-size: 13px; overflow-wrap: anywhere; } .legend td { text-align: right; padding-left: 10px; }
.key { width: 10px; height: 10px; margin-right: 9px; }
.phases { display: block; width: 100%; height: 8px; border-radius: 99px; margin: 8px 0 7px; } .phases .track { fill: var(--quiet-bg); } .phases .wait { fill: var(--wait-fill); } .phases .frozen { fill: var(--frozen-fill); }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin: 0 5px 0 10px; } .dot.wait { background: var(--wait-fill); } .dot.frozen { background: var(--frozen-fill); }
.history > li { padding-top: 9px; padding-bottom: 9px; }
.event { font-weight: 550; font-size: 13px; } .event::before { content: ''; display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 9px; background: var(--edge); }
.event.good::before { background: var(--c2); } .event.wait::before { background: var(--wait-fill); } .event.frozen::before { background: var(--frozen-fill); } .event.bad::before { background: var(--bad-fill); border-radius: 2px; }
.note { font-size: 13.5px; padding: 10px 14px; border-radius: 10px; } .note.bad { color: var(--bad); background: var(--card); border: 1px solid var(--bad-line); }
.hero .note { margin-bottom: 18px; }
.do { display: flex; gap: 8px; } .items .do { margin-top: 9px; }
.button { font: 550 13px/20px var(--sans); color: var(--ink); background: var(--card); border: 1px solid var(--edge); border-radius: 9px; padding: 6px 13px; cursor: pointer; }
.button:hover { background: var(--sunken); } .button:disabled { opacity: .55; cursor: progress; }
.button.main { background: var(--ink); color: var(--card); border-color: var(--ink); } .button.main:hover { opacity: .88; }
dialog { margin: auto; width: min(480px, calc(100vw - 32px)); border: 1px solid var(--line); border-radius: 16px; padding: 26px 28px; background: var(--card); color: var(--ink); box-shadow: 0 24px 60px rgb(0 0 0 / 28%); }
dialog::backdrop { background: rgb(10 14 20 / 46%); }
dialog h2 { font-size: 19px; letter-spacing: -.02em; } dialog #ask-words { margin: 6px 0 18px; color: var(--soft); overflow-wrap: anywhere; }
.field { display: block; font-weight: 550; font-size: 13px; } .fields { display: grid; grid-template-columns: repeat(2, 1fr); gap: 14px; margin-top: 14px; }
.field input, .field textarea { display: block; width: 100%; margin-top: 5px; font: 400 14px/1.5 var(--sans); color: var(--ink); background: var(--sunken); border: 1px solid var(--edge); border-radius: 9px; padding: 8px 11px; resize: vertical; }
.field ::placeholder { color: var(--faint); opacity: 1; } .hint { font-size: 12.5px; color: var(--soft); margin-top: 5px; }
dialog .note { margin-top: 16px; } .buttons { display: flex; justify-content: flex-end; gap: 10px; margin-top: 22px; }
.toast { position: fixed; left: 50%; bottom: 28px; transform: translateX(-50%); background: var(--ink); color: var(--card); padding: 11px 18px; border-radius: 11px; font-weight: 500; box-shadow: 0 12px 34px rgb(0 0 0 / 30%); }
@media (max-width: 700px) { .plot { grid-template-columns: minmax(0, 1fr); } }
`
