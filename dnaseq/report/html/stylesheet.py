"""The look of the report: dark text on white, one column on a phone, without pictures or fonts from elsewhere."""

CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1rem 3rem; background: #fff; color: #1a1a1a;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid #ccc; }
p { margin: .5rem 0; max-width: 46rem; overflow-wrap: anywhere; }
.lead { color: #444; margin-top: 0; }
nav { display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: .6rem 0 0; font-size: .92rem; }
a { color: #00507d; }
.verdict { border-left: 4px solid #0072b2; padding: .3rem .8rem; background: #f3f7fa; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
.caption { color: #444; font-size: .92rem; margin: 1rem 0 0; break-after: avoid; }
.caption + .scroll { margin-top: .2rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top; }
th:first-child, .words th, .words td { text-align: left; }
thead th { border-bottom: 2px solid #888; font-weight: 600; }
tbody th { font-weight: 500; }
.headline tbody tr:first-child > * { font-weight: 700; }
td small { display: block; font-weight: 400; white-space: nowrap; }
.words td { overflow-wrap: anywhere; min-width: 5.5rem; max-width: 30rem; }
.first td:nth-child(2) { font-weight: 600; }
.pairs td { white-space: nowrap; }
.verdicts { list-style: none; padding: 0; max-width: 52rem; }
.verdicts li { position: relative; min-height: 1.8rem; margin: .45rem 0; padding-left: 6.8rem;
  overflow-wrap: anywhere; }
.badge { position: absolute; left: 0; top: .1rem; width: 6rem; border: 1.5px solid;
  border-radius: .3rem; font-size: .85rem; font-weight: 600; text-align: center; }
.badge.ok { color: #00664c; background: #e8f5f0; }
.badge.note { color: #00507d; background: #eaf3f9; }
.badge.warning { color: #a04500; background: #fdf0e7; }
.findings li { margin: .4rem 0; max-width: 46rem; overflow-wrap: anywhere; }
.command { white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: .8rem 0; }
figure svg { display: block; width: 100%; max-width: 30rem; height: auto; }
figcaption { color: #444; font-size: .92rem; max-width: 30rem; }
.wide svg, .wide figcaption { max-width: 58rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1.5rem; }
@media (min-width: 52rem) {
  .one figure { display: grid; grid-template-columns: minmax(0, 30rem) minmax(0, 1fr); gap: 1.5rem;
    align-items: center; }
}
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
  figure svg { max-width: 9cm; }
  .wide svg { max-width: 17cm; }
  .one figure { display: grid; grid-template-columns: 9cm 1fr; gap: 1cm; align-items: center; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  nav { display: none; }
  td, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; }
}
"""
