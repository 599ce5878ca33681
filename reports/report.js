// Draws the charts of the page with uPlot. assets.go puts faults.js and
// controls.js before this file, and one function around all three, so that
// nothing here is global.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const dashes = [[], [6, 4], [2, 3]];
const chartHeight = 250; // in pixels
const sync = uPlot.sync("storm");
const overTime = []; // the charts that share the axis of time
const all = []; // every chart, with the element it is in
const last = data.seconds.length ? data.seconds[data.seconds.length - 1] : 1;

// css is the value of a variable of the style sheet.
function css(name) {
  return getComputedStyle(root).getPropertyValue("--" + name).trim();
}

// short is a number for an axis: three digits, with k for thousands.
function short(n) {
  if (n == null) return "";
  return n >= 1000 ? +(n / 1000).toPrecision(3) + "k" : String(+n.toPrecision(3));
}

// show is a value for a legend; - where there is none.
function show(v, unit) {
  if (v == null) return "-";
  const digits = v >= 100 ? 0 : v >= 1 ? 1 : 2;
  return v.toFixed(digits) + (unit ? " " + unit : "");
}

// percentile is the name of the percentile beyond which one of so many lies.
function percentile(odds) {
  return +(100 * (1 - 1 / odds)).toFixed(4) + "%";
}

// isPowerOfTen tells which values of a logarithmic axis have a label.
function isPowerOfTen(n) {
  return n != null && Math.log10(n) % 1 === 0;
}

// heads are the entries of the legend for the horizontal axis, by its kind.
const heads = {
  time: { label: "second", value: (u, v) => v == null ? "-" : Math.round(v) + " s" },
  odds: { label: "percentile", value: (u, v) => v == null ? "-" : percentile(v) },
  ms: { label: "after", value: (u, v) => show(v, "ms") },
};

// acrossLabels are the labels of the horizontal axis, by its kind.
const acrossLabels = {
  time: (u, values) => values.map(s => s + "s"),
  odds: (u, values) => values.map(o => isPowerOfTen(o) ? percentile(o) : ""),
  ms: (u, values) => values.map(n => !isPowerOfTen(n) ? "" : n >= 1000 ? n / 1000 + "s" : n + "ms"),
};

// series describes the lines of a chart to uPlot.
function series(chart) {
  const storm = chart.id === "storm";
  const lines = chart.lines.map(l => ({
    label: l.name,
    stroke: () => css(l.colour),
    width: l.colour === "soft" ? 1 : 2,
    dash: dashes[l.dash],
    show: !l.hidden,
    spanGaps: chart.span,
    points: { show: chart.axis === "ms" },
    value: (u, v) => show(v, chart.unit),
    fill: storm ? () => css("grid") : undefined,
    paths: storm ? uPlot.paths.stepped({ align: 1 }) : undefined,
  }));
  return [heads[chart.axis], ...lines];
}

// column returns n values of a line. A logarithmic axis has no zero: what is
// under 0.1 is drawn at 0.1.
function column(line, n, log) {
  return Array.from({ length: n }, (_, i) => {
    const v = line.values[i];
    if (v == null) return null;
    return log ? Math.max(v, .1) : v;
  });
}

// linearRange returns the ends of a vertical axis that is not logarithmic. The
// storm's axis goes below zero to make room for the faults.
function linearRange(chart, max) {
  if (chart.id === "storm") {
    const top = Math.max(1, max);
    return [-top * (lanesHeight() + 8) / stormRate, top * 1.08];
  }
  return [0, Math.max(chart.unit === "%" ? 100 : 1, max * 1.08)];
}

// axes describes the horizontal and the vertical axis of a chart to uPlot.
function axes(chart) {
  const storm = chart.id === "storm";
  const soft = () => css("soft");
  const grid = { stroke: () => css("grid"), width: 1 };
  const axis = { stroke: soft, ticks: { stroke: () => css("grid") } };
  return [
    { ...axis, values: acrossLabels[chart.axis], grid: { show: !storm } },
    { ...axis, size: 62, grid: storm ? { show: false } : grid, values: (u, v) => v.map(n => n < 0 ? "" : short(n)) },
  ];
}

// options describes a chart to uPlot.
function options(chart, box) {
  const storm = chart.id === "storm";
  const time = chart.axis === "time";
  return {
    width: box.clientWidth,
    height: storm ? stormRate + lanesHeight() + 8 + 70 : chartHeight,
    series: series(chart),
    scales: {
      x: { time: false, distr: time ? 1 : 3 },
      y: chart.log ? { distr: 3 } : { range: (u, min, max) => linearRange(chart, max) },
    },
    axes: axes(chart),
    cursor: time ? { sync: { key: sync.key } } : {},
    legend: { show: !storm },
    hooks: time ? { drawAxes: [storm ? stormLanes : bands], setScale: [zoomed], setSeries: [toggled] } : {},
  };
}

// draw draws a chart in its place on the page; nothing where it has none.
function draw(chart) {
  const box = document.querySelector(`[data-chart="${CSS.escape(chart.id)}"] .canvas`);
  if (!box) return;
  box.appendChild(document.createElement("div")); // an empty box has no width
  const xs = chart.axis === "time" ? data.seconds : chart.x;
  const columns = chart.lines.map(l => column(l, xs.length, chart.log));
  const u = new uPlot(options(chart, box), [xs, ...columns], box);
  all.push([box, u]);
  box.uplot = u; // for the browser's tools and for the tests
  if (chart.axis === "time") overTime.push(u);
  keyboard(box, u);
}

root.classList.add("js");
data.charts.forEach(draw);
tellLegends();
zoomButtons();
tips();
addEventListener("resize", () => {
  all.forEach(([box, u]) => u.setSize({ width: box.clientWidth, height: u.height }));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  all.forEach(([, u]) => u.redraw(false, true));
});
