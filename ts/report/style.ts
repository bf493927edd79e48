// The page's style sheet. Series colours keep their order and stay apart for colour-blind readers in both schemes.

/** Colours in light and dark: also of pictures that stand alone. */
export const COLORS = `
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1c2430; --muted: #5c6675; --line: #d9dee6; --accent: #1f5fbf; --on-accent: #ffffff;
  --good: #18794e; --warn-back: #fff4d6; --warn-ink: #6b4a00; --best: #eaf2fd;
  --s1: #2b6cc4; --s2: #d9730d; --s3: #2a8f6d; --s4: #a6398f; --s5: #7a5c00; --s6: #5b5bd6; --s7: #c2334d; --s8: #0e7c93; }
@media (prefers-color-scheme: dark) { :root {
  --page: #11151b; --card: #1a2029; --ink: #e7ebf1; --muted: #9aa5b5; --line: #323b48; --accent: #7db2ff; --on-accent: #0c1219;
  --good: #5fd3a0; --warn-back: #3a2f10; --warn-ink: #ffd98a; --best: #1d2c42;
  --s1: #6fa8f5; --s2: #f5a15a; --s3: #5cc9a3; --s4: #e08ad0; --s5: #d9bd55; --s6: #a3a3ff; --s7: #f28298; --s8: #5cc6dc; } }`;

export const STYLE = `${COLORS}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 12px; }
h3 { font-size: 14px; font-weight: 600; margin: 0 0 8px; }
p { margin: 0 0 12px; }
a { color: var(--accent); }
.muted { color: var(--muted); }
.facts { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--muted); margin: 8px 0 0; padding: 0; list-style: none; }
.facts b { color: var(--ink); font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin-top: 20px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; min-width: 0; }
.tile.wide { grid-column: span 2; }
.tile b { display: block; font-size: 24px; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile b.word { font-size: 18px; line-height: 1.67; }
.tile span { color: var(--muted); font-size: 13px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 16px; align-items: start; }
figure, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; margin: 0 auto; }
figcaption { color: var(--muted); font-size: 13px; margin-top: 8px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--muted); font-size: 13px; white-space: nowrap; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > td, tr:last-child > th { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
td b { color: var(--good); }
td.best, th.best { background: var(--best); }
tr > *:first-child { padding-left: 8px; } tr > *:last-child { padding-right: 8px; }
th small { display: block; font-weight: 400; }
td.name { overflow-wrap: anywhere; min-width: 8em; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; }
pre { overflow-x: auto; margin: 8px 0 0; padding: 0; white-space: pre; }
.warn { background: var(--warn-back); color: var(--warn-ink); border-radius: 8px; padding: 10px 14px; margin: 16px 0 0; }
.warn ul { margin: 0; padding-left: 18px; }
details { margin-top: 12px; } summary { cursor: pointer; color: var(--accent); }
.badge { display: inline-block; font-size: 12px; border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; color: var(--muted); white-space: nowrap; }
@media (max-width: 560px) { main { padding: 16px 10px 48px; } figure, .card { padding: 10px; } h1 { font-size: 22px; } th, td { padding-right: 10px; } }
@media print { body { background: none; } figure, .card, .tile { break-inside: avoid; } }
`;
