"""The look of the report's page, light and dark."""

CSS = """\
:root {
  color-scheme: light dark;
  --page: #f4f6ee;
  --card: #fdfdf9;
  --ink: #1c2b26;
  --muted: #5d6f66;
  --line: #dde3d3;
  --ok: #1d7a4c;
  --miss: #b4472f;
  --series-0: #1f7a5c;
  --series-1: #c9812a;
  --series-2: #5b8fd6;
  --series-3: #8a9a90;
  --series-4: #b4472f;
  --series-5: #8a5fb0;
  --series-6: #3f9aa8;
  --series-7: #a0653a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121a17;
    --card: #1a2420;
    --ink: #e4ecdf;
    --muted: #9fb0a5;
    --line: #2e3c36;
    --ok: #6fd39f;
    --miss: #f09478;
    --series-0: #6fd39f;
    --series-1: #e9b25e;
    --series-2: #86b4f0;
    --series-3: #93a69b;
    --series-4: #f09478;
    --series-5: #c5a1e6;
    --series-6: #7fd0dc;
    --series-7: #dba071;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--ink);
  font: 16px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI",
    Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header { margin-bottom: 1.75rem; }
header h1 { margin: 0.7rem 0 0; font-size: 2.1rem; letter-spacing: -0.02em; }
header p { margin: 0.1rem 0 0; color: var(--muted); }
.shades { display: flex; gap: 4px; }
.shades i { width: 22px; height: 22px; border-radius: 4px; }
.shade-0 { background: #e6edd2; outline: 1px solid var(--line); }
.shade-1 { background: #a9c58e; }
.shade-2 { background: #54876d; }
.shade-3 { background: #1d3b38; outline: 1px solid var(--line); }
section {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 14px;
  padding: 1.3rem 1.5rem 1.4rem;
  margin-bottom: 1.25rem;
}
h2 { margin: 0 0 0.8rem; font-size: 1.15rem; letter-spacing: -0.01em; }
h3 { margin: 0 0 0.2rem; font-size: 0.92rem; font-weight: 600; }
.scroll { overflow-x: auto; }
table {
  width: 100%;
  border-collapse: collapse;
  font-variant-numeric: tabular-nums;
}
table.narrow { width: auto; }
th, td { padding: 0.42rem 0.45rem; text-align: right; white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th, thead td {
  color: var(--muted);
  font-size: 0.82rem;
  font-weight: 500;
  border-bottom: 1px solid var(--line);
}
th:first-child { text-align: left; }
tbody th { text-align: left; font-weight: 500; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody tr.detail > * {
  border-top: 0;
  padding-top: 0;
  font-size: 0.88rem;
  color: var(--muted);
}
tbody tr.detail th { padding-left: 1.2rem; font-weight: 400; }
tbody tr.detail b { font-weight: 400; }
tbody tr.detail .interval { font-size: 0.8rem; }
th small { display: block; }
th small, .interval {
  color: var(--muted);
  font-size: 0.8rem;
  font-weight: 400;
}
td.interval { padding-left: 0; }
.ok, .miss {
  border: 1px solid currentColor;
  border-radius: 999px;
  padding: 0.05rem 0.6rem;
  font-size: 0.8rem;
  font-weight: 600;
}
.ok { color: var(--ok); }
.miss { color: var(--miss); }
.note { margin: 0.9rem 0 0; color: var(--muted); font-size: 0.86rem; }
figure { margin: 0 0 1.1rem; }
figure img {
  display: block;
  max-width: 100%;
  border-radius: 10px;
}
figcaption { margin-top: 0.4rem; color: var(--muted); font-size: 0.86rem; }
.links { margin: 0; }
.links a { margin-right: 1.2rem; }
a { color: var(--ok); }
.chart svg { display: block; width: 100%; height: auto; }
.chart svg text { font-family: inherit; }
.grid {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr));
  gap: 1.1rem 1.4rem;
}
.grid figure { margin: 0; }
summary { cursor: pointer; font-weight: 600; }
details[open] summary { margin-bottom: 0.8rem; }
pre {
  overflow-x: auto;
  max-height: 30rem;
  margin: 1rem 0 0;
  padding: 1rem;
  border-radius: 10px;
  background: var(--page);
  font-size: 0.8rem;
}
@media print {
  body { background: none; }
  section { break-inside: avoid; }
}
"""
