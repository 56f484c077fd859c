/** Colours with a meaning, and how text is set; dark and light as the viewer's system is. */
export const themeStyle = `
:root {
  color-scheme: light dark;
  --sans: Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  --mono: ui-monospace, 'JetBrains Mono', 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace;
  --page: #f4f5f7; --card: #fff; --sunken: #f6f7f9; --line: #e2e5ea; --edge: #cdd3db;
  --ink: #12161c; --soft: #4d5765; --faint: #5f6977; --focus: #2463d6;
  --good: #0b6b4d; --good-bg: #e2f4ea; --good-line: #b9e2cb;
  --wait: #8a4b00; --wait-bg: #fdf0d9; --wait-line: #f1d6a4; --wait-fill: #e08e0b;
  --frozen: #1a52ad; --frozen-bg: #e4eefd; --frozen-line: #bcd4f8; --frozen-fill: #3b7df0;
  --bad: #ab211a; --bad-bg: #fde8e7; --bad-line: #f5c3c0; --bad-fill: #d9372d;
  --quiet: #4d5765; --quiet-bg: #eceff3;
  --c0: #2f6fe4; --c1: #e08e0b; --c2: #12966f; --c3: #9a4fd3; --c4: #d4447c; --c5: #8592a3;
  --shadow: 0 1px 2px rgb(16 24 40 / 5%), 0 1px 3px rgb(16 24 40 / 4%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0c0f14; --card: #14181f; --sunken: #1a1f28; --line: #262c37; --edge: #3a4352;
    --ink: #e9ecf1; --soft: #a9b3c2; --faint: #929dad; --focus: #82b1ff;
    --good: #6ed7ac; --good-bg: #10271e; --good-line: #1d4636;
    --wait: #f4bf69; --wait-bg: #2c210d; --wait-line: #513d17; --wait-fill: #eda62f;
    --frozen: #93bdff; --frozen-bg: #122139; --frozen-line: #21406f; --frozen-fill: #5b96fa;
    --bad: #ff9d96; --bad-bg: #331817; --bad-line: #62302d; --bad-fill: #f0655c;
    --quiet: #a9b3c2; --quiet-bg: #222833;
    --c0: #6ba1ff; --c1: #f2b653; --c2: #4cc99d; --c3: #c18ff3; --c4: #f37fa8; --c5: #8d99aa;
    --shadow: none;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
html { -webkit-text-size-adjust: 100%; }
body { background: var(--page); color: var(--ink); font: 400 14px/1.5 var(--sans); font-feature-settings: 'cv05', 'ss03'; -webkit-font-smoothing: antialiased; }
h1, h2, strong, b, th[scope=row] { font-weight: 600; }
ul, ol { list-style: none; }
[hidden] { display: none !important; }
.mono, code { font-family: var(--mono); font-size: .92em; }
.num, .number, time, .more { font-variant-numeric: tabular-nums; }
.small { font-size: 12.5px; color: var(--soft); }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.ink.good { color: var(--good); } .ink.wait { color: var(--wait); } .ink.bad { color: var(--bad); } .ink.quiet { color: var(--soft); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
`
