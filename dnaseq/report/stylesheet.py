"""How the report looks: dark text on white, one column on a phone, without pictures or fonts from elsewhere."""

CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1rem 3rem; background: #fff; color: #1a1a1a;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid #ccc; }
p { margin: .5rem 0; max-width: 46rem; overflow-wrap: anywhere; }
.lead { color: #444; margin-top: 0; }
.verdict { border-left: 4px solid #0072b2; padding: .3rem .8rem; background: #f3f7fa; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
caption { text-align: left; color: #444; padding-bottom: .3rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top; }
th:first-child, .words th, .words td { text-align: left; }
thead th { border-bottom: 2px solid #888; font-weight: 600; }
tbody th { font-weight: 500; }
.headline tbody tr:first-child > * { font-weight: 700; }
td small { display: block; font-weight: 400; white-space: nowrap; }
.words td { overflow-wrap: anywhere; max-width: 30rem; }
td.count { text-align: center; min-width: 4.2rem; }
figure { margin: .8rem 0; }
figure svg { display: block; width: 100%; max-width: 30rem; height: auto; }
figcaption { color: #444; font-size: .92rem; max-width: 30rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1.5rem; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: #00507d; }
pre { overflow-x: auto; background: #f6f6f6; padding: .7rem; font-size: .82rem; line-height: 1.4; }
@media (max-width: 30rem) {
  body { padding: .6rem .8rem 2rem; }
  th, td { padding: .3rem .4rem; }
  table { font-size: .85rem; }
  td small { white-space: normal; }
}
@media print {
  body { max-width: none; font-size: 10pt; padding: 0; }
  h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; }
}
"""
