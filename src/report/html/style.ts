/** The style sheet of the page: light and dark, narrow and wide, screen and paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #fbfbfa; --card: #ffffff; --text: #1c1f23; --quiet: #5d646d; --line: #e4e5e7; --grid: #ececee;
  --good: #0a7d46; --bad: #c2281c; --doubt: #935500; --code: #f2f3f4; --accent: #2059c9;
  --s0: #2059c9; --s1: #c2500c; --s2: #0b7f60; --s3: #8a3ec8; --s4: #8f6a00; --s5: #c42b74; --s6: #0b7790; --s7: #5a626d;
  --shadow: 0 1px 2px rgb(20 24 30 / .05), 0 4px 16px rgb(20 24 30 / .04);
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14161a; --card: #1b1e24; --text: #e8eaed; --quiet: #a3abb6; --line: #30353d; --grid: #292d34;
    --good: #55cd92; --bad: #ff8577; --doubt: #efb252; --code: #252930; --accent: #8db4ff;
    --s0: #83adff; --s1: #ff9f69; --s2: #54d0a8; --s3: #cb9dff; --s4: #e2be5a; --s5: #ff8fbe; --s6: #5ccbe3; --s7: #a9b2be;
    --shadow: none;
  }
}
.s0 { --c: var(--s0) } .s1 { --c: var(--s1) } .s2 { --c: var(--s2) } .s3 { --c: var(--s3) }
.s4 { --c: var(--s4) } .s5 { --c: var(--s5) } .s6 { --c: var(--s6) } .s7 { --c: var(--s7) }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body {
  margin: 0; background: var(--back); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { max-width: 1120px; margin: 0 auto; padding: 0 28px }
header { padding-top: 48px; padding-bottom: 8px }
.kicker { color: var(--quiet); font-size: 14px; margin: 0 0 14px; display: flex; flex-wrap: wrap; gap: 4px 18px }
.kicker > * { min-width: 0; overflow-wrap: anywhere } .kicker b { color: var(--text) }
h1 { font-size: clamp(24px, 3.6vw, 36px); line-height: 1.2; letter-spacing: -.02em; margin: 0; max-width: 30em; text-wrap: balance; overflow-wrap: anywhere }
.lead { font-size: 18px; color: var(--quiet); max-width: 46em; margin: 14px 0 0; overflow-wrap: anywhere }
section { margin-top: 44px }
h2 { font-size: 22px; letter-spacing: -.01em; line-height: 1.3; margin: 0 0 14px; overflow-wrap: anywhere }
h2:not(:first-child) { margin-top: 36px }
h3 { font-size: 16px; margin: 22px 0 8px; overflow-wrap: anywhere }
h2 small, h3 small, figcaption small { font-size: 14px; font-weight: 400; letter-spacing: 0; color: var(--quiet); margin-left: 6px }
p { max-width: 72ch; margin: 10px 0 }
figure {
  margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px 12px;
  box-shadow: var(--shadow); break-inside: avoid; min-width: 0;
}
figcaption { font-weight: 600; font-size: 15px; margin-bottom: 8px; overflow-wrap: anywhere }
figcaption small { display: inline-block; font-size: 13px }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; margin: 16px 0 }
.figures > figure:only-child { max-width: 760px }
.figures.wide { grid-template-columns: 1fr }
.figures.wide > figure:only-child { max-width: none }
.figures.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)) }
.figures.small > figure:only-child { max-width: 520px }
svg { display: block; width: 100%; height: auto; overflow: visible }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--quiet); font-variant-numeric: tabular-nums }
.grid path { stroke: var(--grid); stroke-width: 1 }
.base { stroke: var(--quiet); stroke-width: 1; opacity: .55 }
svg text.axis { font-size: 11.5px }
.level { stroke: var(--text); stroke-width: 1.2; stroke-dasharray: 5 4; opacity: .7 }
.curve .line { fill: none; stroke: var(--c); stroke-width: 2.2; stroke-linejoin: round }
.curve .band { fill: var(--c); opacity: .16 }
.curve circle, .curve path:not(.line):not(.band) { fill: var(--c); stroke: var(--card); stroke-width: 1 }
.curve circle.marked { fill: var(--doubt) }
.crossing rect { fill: var(--c); opacity: .14 }
.crossing text { fill: var(--c); font-weight: 600 }
.roof { fill: none; stroke: var(--c); stroke-width: 2 }
.roof.measured { stroke-dasharray: 7 4 }
.dots circle { fill: var(--c); opacity: .62 }
.dots .marked { fill: var(--doubt); stroke: var(--card); stroke-width: .8 }
.dots .many { fill: none; stroke: var(--c); stroke-linecap: round; opacity: .62 }
.dots .slower { fill: var(--bad); opacity: 1 } .dots .faster { fill: var(--good); opacity: 1 }
.dots .column { fill: transparent } .dots .column:hover { fill: var(--quiet); opacity: .16 }
.dots .leader { stroke: var(--quiet); stroke-width: 1; opacity: .6 } .dots text { fill: var(--text); paint-order: stroke; stroke: var(--card); stroke-width: 4px }
.interval { fill: var(--quiet); opacity: .14 }
.median { stroke: var(--text); stroke-width: 1.3; opacity: .75 }
.run { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 2 3; opacity: .7 }
.density path { fill: var(--c); fill-opacity: .14; stroke: var(--c); stroke-width: 1.4 }
[data-tip] { cursor: default }
circle[data-tip]:hover, path[data-tip]:hover { opacity: 1; stroke: var(--text); stroke-width: 1.5 }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 8px; padding: 0; font-size: 13.5px }
.legend li { display: flex; align-items: center; gap: 6px; overflow-wrap: anywhere }
.legend svg { width: 12px; flex: none } .legend circle, .legend path { fill: var(--c) }
.bars { list-style: none; margin: 4px 0; padding: 0; display: grid; gap: 10px }
.bars li { display: grid; grid-template-columns: fit-content(15em) minmax(0, 1fr) fit-content(18em); align-items: center; gap: 4px 14px }
.bars .who { font-weight: 600; min-width: 7em; overflow-wrap: anywhere }
.track { position: relative; height: 22px; border-radius: 5px; background: var(--code) }
.bar { position: absolute; inset: 0 auto 0 0; background: var(--c); border-radius: 5px; min-width: 3px }
.whisker { position: absolute; top: 50%; height: 2px; margin-top: -1px; background: var(--text); min-width: 2px }
.whisker::before, .whisker::after { content: ""; position: absolute; top: -4px; width: 2px; height: 10px; background: var(--text) }
.whisker::before { left: 0 } .whisker::after { right: 0 }
/* One scale for all rows: their tracks begin and end at the same place. */
.ratios li { grid-template-columns: 15em minmax(0, 1fr) 15em }
.band { position: absolute; top: 0; bottom: 0; background: var(--quiet); opacity: .18 }
.one { position: absolute; left: 50%; top: -3px; bottom: -3px; width: 1px; background: var(--quiet) }
.point { position: absolute; top: 50%; width: 12px; height: 12px; margin: -6px 0 0 -6px; border-radius: 50%; background: var(--text) }
.point.slower { background: var(--bad) } .point.faster { background: var(--good) } .point.unclear { background: var(--doubt) }
.value { min-width: 15em; font-variant-numeric: tabular-nums; font-size: 14.5px } .value small { display: block; color: var(--quiet); font-size: 13px }
.scroll { overflow-x: auto; margin: 12px 0; border: 1px solid var(--line); border-radius: 12px; background: var(--card) }
.scroll:focus-visible, button:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums }
th, td { padding: 8px 14px; text-align: left; vertical-align: top; white-space: nowrap }
th { font-weight: 600 } td.wraps, th.wraps { white-space: normal; min-width: 14em; overflow-wrap: anywhere }
thead th { color: var(--quiet); font-weight: 500; font-size: 13.5px; border-bottom: 1px solid var(--line) }
tbody tr + tr > * { border-top: 1px solid var(--grid) }
.right { text-align: right }
td.good { color: var(--good); font-weight: 600 } td.bad, th.bad { color: var(--bad); font-weight: 600 } .doubtful { color: var(--doubt) } td.quiet { color: var(--quiet) }
dl { margin: 12px 0; display: grid; gap: 8px } dl > div { display: grid; grid-template-columns: minmax(8em, 11em) 1fr; gap: 2px 16px }
dt { color: var(--quiet); font-size: 14.5px; overflow-wrap: anywhere } dd { margin: 0; overflow-wrap: anywhere; min-width: 0 }
ul.notes, ul.findings { list-style: none; margin: 12px 0; padding: 0; display: grid; gap: 10px }
.notes li, .findings li { display: grid; grid-template-columns: 22px 1fr; gap: 8px; color: var(--text); overflow-wrap: anywhere }
.notes li > div, .findings li > div { min-width: 0; max-width: 86ch }
.mark { width: 22px; height: 22px; border-radius: 50%; display: grid; place-items: center; font-size: 13px; font-weight: 700; line-height: 1; color: var(--quiet); background: var(--code) }
.notes .bad .mark, .findings .fail .mark { color: #fff; background: #c2281c } .notes .doubtful .mark, .findings .warning .mark, .findings .unchecked .mark { color: #231500; background: #f2b544 }
.findings .pass .mark { color: #fff; background: #0a7d46 }
.state { font-size: 12.5px; font-weight: 600; text-transform: uppercase; letter-spacing: .04em; color: var(--quiet); margin-right: 4px }
.findings .fail .state { color: var(--bad) } .findings .warning .state { color: var(--doubt) }
.findings .below { margin-left: 30px }
.advice, .fix, .source { margin: 3px 0 0; color: var(--quiet); font-size: 14.5px }
.source, .check { font-size: 13px; color: var(--quiet) }
code { font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere }
.command { display: inline-flex; align-items: flex-start; gap: 8px; background: var(--code); border-radius: 8px; padding: 4px 5px 4px 10px; max-width: 100%; color: var(--text) }
.command code { padding: 2px 0; min-width: 0 }
button { font: inherit; font-size: 13px; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 2px 10px; cursor: pointer; flex: none }
button:hover { border-color: var(--quiet) }
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: 6px; padding: 0; margin: 8px 0 }
.chips li { border: 1px solid var(--line); border-left: 4px solid var(--c); background: var(--card); border-radius: 6px; padding: 2px 10px; font-size: 13.5px; overflow-wrap: anywhere }
.chips .moved { outline: 2px solid var(--doubt) }
details { margin: 10px 0 } summary { cursor: pointer; color: var(--quiet); font-size: 14.5px }
footer { margin-top: 56px; padding-top: 18px; padding-bottom: 48px; color: var(--quiet); font-size: 14px; display: flex; flex-wrap: wrap; gap: 10px 20px; align-items: center; justify-content: space-between }
#tip { position: fixed; z-index: 9; pointer-events: none; white-space: pre-line; max-width: min(340px, 90vw); background: #1c1f23; color: #fff; font-size: 13px; line-height: 1.45; padding: 6px 10px; border-radius: 8px; box-shadow: 0 4px 18px rgb(0 0 0 / .3); overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
#tip[hidden] { display: none }
@media (max-width: 640px) {
  body { font-size: 15.5px }
  header, main, footer { padding-left: 16px; padding-right: 16px } header { padding-top: 26px }
  section { margin-top: 34px }
  figure { padding: 12px 10px 8px }
  svg text { font-size: 14px } .small svg text { font-size: 12px }
  .bars li, .ratios li { grid-template-columns: minmax(0, 1fr) auto } .bars .who, .bars .value { min-width: 0 } .bars .track { grid-column: 1 / -1; grid-row: 2 } .bars .value { text-align: right }
  dl > div { grid-template-columns: 1fr }
  th, td { padding: 7px 10px }
}
@media print {
  :root {
    color-scheme: light; --back: #fff; --card: #fff; --text: #000; --quiet: #444; --line: #bbb; --grid: #ddd; --code: #f2f2f2; --shadow: none;
    --good: #06582f; --bad: #a11c12; --doubt: #7a4600; --s0: #2059c9; --s1: #c2500c; --s2: #0b7f60; --s3: #8a3ec8; --s4: #8f6a00; --s5: #c42b74; --s6: #0b7790; --s7: #5a626d;
  }
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0 } header { padding-top: 0 }
  h1 { font-size: 20pt } section { margin-top: 22px }
  h2, h3 { break-after: avoid } tr, li, dl > div { break-inside: avoid }
  button, #tip { display: none } .scroll { overflow: visible } table { font-size: 8.5pt } th, td { padding: 4px 6px }
  .figures { grid-template-columns: 1fr 1fr }
}
`;
