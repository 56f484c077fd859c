/** Where things stand: the head, the state of the cluster, figures, two columns of cards. */
export const layoutStyle = `
.skip { position: absolute; left: 16px; top: -60px; z-index: 5; background: var(--card); color: var(--ink); padding: 10px 14px; border-radius: 8px; border: 1px solid var(--edge); }
.skip:focus { top: 8px; }
.top { display: flex; justify-content: space-between; align-items: center; gap: 16px; flex-wrap: wrap; max-width: 1320px; margin: 0 auto; padding: 18px 28px; }
.brand, .meta { display: flex; align-items: center; gap: 10px; }
.brand { font-weight: 650; font-size: 15px; letter-spacing: -.01em; }
.brand .icon { color: var(--frozen-fill); width: 24px; height: 24px; }
.namespace { font-weight: 500; color: var(--soft); padding-left: 12px; border-left: 1px solid var(--edge); }
.meta { gap: 18px; color: var(--soft); font-size: 13px; }
.live { display: inline-flex; align-items: center; gap: 7px; }
.live i { width: 8px; height: 8px; border-radius: 50%; background: var(--faint); }
.live[data-state=live] i { background: var(--c2); animation: pulse 2.4s ease-out infinite; }
.live[data-state=waiting] i { background: var(--wait-fill); } .live[data-state=gone] i { background: var(--bad-fill); border-radius: 2px; }
@keyframes pulse { 0% { box-shadow: 0 0 0 0 color-mix(in srgb, var(--c2) 45%, transparent); } 70%, 100% { box-shadow: 0 0 0 7px transparent; } }
.icon { width: 1em; height: 1em; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; flex: none; }
main { max-width: 1320px; margin: 0 auto; padding: 0 28px 56px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 20px; }
[data-stale] main { filter: grayscale(1); opacity: .8; }
.hero { border-radius: 16px; padding: 28px 32px; border: 1px solid var(--tone-line); background: var(--tone-bg); }
.hero:focus { outline: none; }
.hero.good { --tone: var(--good); --tone-bg: var(--good-bg); --tone-line: var(--good-line); }
.hero.wait { --tone: var(--wait); --tone-bg: var(--wait-bg); --tone-line: var(--wait-line); }
.hero.frozen { --tone: var(--frozen); --tone-bg: var(--frozen-bg); --tone-line: var(--frozen-line); }
.hero.bad { --tone: var(--bad); --tone-bg: var(--bad-bg); --tone-line: var(--bad-line); }
.hero.quiet { --tone: var(--ink); --tone-bg: var(--card); --tone-line: var(--line); }
.headline { display: flex; align-items: center; gap: 22px; flex-wrap: wrap; }
.headline > div:nth-child(2) { flex: 1 1 340px; }
.glyph { display: grid; place-items: center; width: 60px; height: 60px; border-radius: 16px; background: var(--card); border: 1px solid var(--tone-line); color: var(--tone); font-size: 30px; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -.025em; color: var(--tone); }
.lead { margin-top: 3px; font-size: 15px; }
.countdown { text-align: right; }
.countdown .number { font-size: 38px; line-height: 1.1; font-weight: 600; letter-spacing: -.02em; color: var(--tone); }
.countdown .label { font-size: 13px; color: var(--soft); }
.drain { margin-top: 22px; }
.drain .row { font-size: 14px; flex-wrap: wrap; }
.drain progress { margin: 10px 0; height: 10px; }
.oldest { font-size: 13.5px; color: var(--soft); } .oldest code { color: var(--ink); overflow-wrap: anywhere; }
.freezes { margin-top: 22px; display: grid; gap: 8px; }
.freezes li { display: flex; justify-content: space-between; align-items: center; gap: 16px; flex-wrap: wrap; padding: 14px 18px; background: var(--card); border: 1px solid var(--tone-line); border-radius: 12px; }
.reason { font-weight: 600; font-size: 15px; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(6, 1fr); background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); overflow: hidden; }
.figures > div { padding: 16px 22px; border-left: 1px solid var(--line); margin-left: -1px; }
.figures dt { font-size: 12.5px; color: var(--soft); }
.figures dd { display: flex; align-items: baseline; gap: 8px; flex-wrap: wrap; }
.figures .number { font-size: 26px; line-height: 1.3; font-weight: 600; letter-spacing: -.02em; }
.figures small { font-size: 16px; color: var(--faint); font-weight: 500; }
.figures .more { font-size: 12.5px; color: var(--faint); }
.columns { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(0, 1fr); gap: 20px; align-items: start; }
.column { display: grid; gap: 20px; min-width: 0; }
@media (max-width: 980px) { .columns { grid-template-columns: minmax(0, 1fr); } .figures { grid-template-columns: repeat(3, 1fr); } .figures > div { border-top: 1px solid var(--line); margin-top: -1px; } }
@media (max-width: 560px) { .top, main { padding-left: 14px; padding-right: 14px; } .hero { padding: 20px 18px; } .figures { grid-template-columns: repeat(2, 1fr); } .countdown { text-align: left; } h1 { font-size: 28px; } .glyph { width: 48px; height: 48px; font-size: 24px; } }
`
