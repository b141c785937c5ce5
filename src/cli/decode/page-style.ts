/** How the page of `decode --html` looks. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --shade: #f1f3f5; --page: #fff; --live: #6e7781; --sync: #0f766e; --data: #0a5ec2;
  --problem: #c4561a; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --soft: #9aa4ae; --line: #363c44; --shade: #1d2228; --page: #12161a;
    --live: #8b949e; --sync: #4fb8ab; --data: #6cb0ff; --problem: #f0955a; }
}
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; background: var(--page);
  color: var(--text); font: 14px/1.4 system-ui, sans-serif; }
header { padding: 12px 16px 8px; border-bottom: 1px solid var(--line); }
h1 { font-size: 18px; margin: 0; }
h2 { font-size: 14px; margin: 0 0 6px; }
p { color: var(--soft); margin: 2px 0 8px; }
form { display: flex; flex-wrap: wrap; gap: 6px 16px; }
label { color: var(--soft); }
input, select { font: inherit; color: var(--text); background: var(--page);
  border: 1px solid var(--line); border-radius: 4px; padding: 2px 6px; }
input[type=number] { width: 90px; }
input[type=search] { width: 220px; }
#legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 8px 0 0;
  padding: 0; color: var(--soft); font-size: 12px; }
#legend li::before { content: ''; display: inline-block; width: 18px; height: 3px;
  margin-right: 6px; vertical-align: middle; background: currentColor; }
#legend .live::before { background: var(--live); }
#legend .sync::before { background: var(--sync); }
#legend .data::before { background: var(--data); }
#legend .problem::before { background: var(--problem); }
#legend .unanswered::before { background: repeating-linear-gradient(90deg, currentColor 0 5px,
  transparent 5px 8px); }
main { flex: 1; display: flex; min-height: 0; }
#scroll { flex: 1; overflow: auto; min-width: 0; }
#lanes { position: sticky; top: 0; z-index: 1; display: block; background: var(--page);
  border-bottom: 1px solid var(--line); }
#space { position: relative; }
#rows { position: absolute; left: 0; display: block; }
svg text { fill: var(--text); font-size: 11px; }
svg .time, svg .bytes { fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .lane { stroke: var(--line); }
svg .name { font-weight: 600; text-anchor: middle; }
svg .text { text-anchor: middle; paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
.row { cursor: pointer; }
.row .back { fill: transparent; }
.row:hover .back, .row:focus .back { fill: var(--shade); }
.row:focus { outline: none; }
.row.chosen .back { fill: var(--shade); stroke: var(--data); }
.row.paired .back { fill: var(--shade); stroke: var(--soft); stroke-dasharray: 3 3; }
.arrow { stroke-width: 1.5; fill: none; }
.live .arrow { stroke: var(--live); } .live .head { fill: var(--live); }
.sync .arrow { stroke: var(--sync); } .sync .head { fill: var(--sync); }
.data .arrow { stroke: var(--data); } .data .head { fill: var(--data); }
.problem .arrow { stroke: var(--problem); }
.unanswered .arrow { stroke-dasharray: 8 5; }
.problem .head { fill: var(--problem); }
aside { width: 380px; overflow: auto; padding: 12px 16px; border-left: 1px solid var(--line); }
pre { margin: 0; font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 800px) {
  main { flex-direction: column; }
  aside { width: auto; height: 35%; border-left: 0; border-top: 1px solid var(--line); }
}
`;
