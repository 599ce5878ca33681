"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const host = document.getElementById("charts");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = dark ? "#9aa5b1" : "#5b6570", grid = dark ? "#2a3138" : "#e7ebef";
  // One colour a variant, solid for the first line of a chart, dashed for the second.
  const colours = dark ? ["#f0a35e", "#6cb6ff", "#8ddb8c", "#dcbdfb"] : ["#c4560b", "#0b62c4", "#1a7f37", "#8250df"];
  const dashes = [[], [6, 4], [2, 3]];
  const stageColours = dark ? ["#6cb6ff", "#f0a35e", "#8ddb8c", "#dcbdfb", "#ff938a", "#e3b341", "#76e3ea", "#9aa5b1"]
    : ["#0b62c4", "#c4560b", "#1a7f37", "#8250df", "#cf222e", "#9a6700", "#0b7285", "#5b6570"];

  const charts = [
    { title: "Accept latency", note: "answer - intended, by the second in which the request was due; logarithmic", unit: "ms", log: true,
      lines: [["p50", s => s.accept_p50_ms], ["p99", s => s.accept_p99_ms]] },
    { title: "Throughput", note: "offered is the same for both; accepted and completed by when they happened", unit: "/s", shared: ["offered", s => s.offered],
      lines: [["accepted", s => s.accepted], ["completed", s => s.completed]] },
    { title: "Convergence lag", note: "last commit - the client's answer, by the second of the answer; logarithmic", unit: "ms", log: true,
      lines: [["p50", s => s.lag_p50_ms], ["p99", s => s.lag_p99_ms]] },
    { title: "Backlog", note: "orders and messages on their way: requests, outbox, queues, unacknowledged, waiting for a retry", unit: "",
      lines: [["backlog", s => s.backlog.total]] },
    { title: "Errors", note: "failed and indeterminate answers", unit: "/s", lines: [["errors", s => s.failed]] },
    { title: "CPU", note: "cores in use by the processes and servers under test", unit: "cores", lines: [["cpu", total("cpu")]] },
    { title: "Memory", note: "resident in the processes and servers under test", unit: "MiB", lines: [["memory", scaled(total("rss_bytes"), 1 / 1048576)]], gaps: true },
  ];
  // Where each variant's backlog waits: a chart of its own, a line a stage.
  data.variants.forEach(function (name) {
    const stages = Object.keys(data.series[name].backlog || {}).filter(k => k !== "total" && data.series[name].backlog[k].some(v => v > 0)).sort();
    if (stages.length > 1) charts.push({ title: "Where it waits: " + name, note: "the backlog by stage; what is parked stays", unit: "", only: name,
      lines: stages.map(k => [k, s => s.backlog[k]]) });
  });

  function scaled(of, by) { return s => { const v = of(s); return v && v.map(x => x * by); }; }

  function total(name) {
    return function (s) {
      const all = Object.values(s[name] || {});
      return all.length ? all[0].map((_, i) => all.reduce((sum, v) => sum + v[i], 0)) : null;
    };
  }

  // Bands lie behind the lines: faults shaded, phases divided.
  function bands(u) {
    const c = u.ctx, top = u.bbox.top, height = u.bbox.height;
    const x = v => Math.round(u.valToPos(v, "x", true));
    const clamp = v => Math.min(Math.max(v, u.bbox.left), u.bbox.left + u.bbox.width);
    c.save();
    c.textAlign = "left"; c.textBaseline = "alphabetic";
    data.faults.forEach(f => {
      const from = clamp(x(f.from)), to = clamp(Math.max(x(f.to), x(f.from) + 2));
      c.fillStyle = f.colour;
      c.globalAlpha = dark ? .3 : .14;
      c.fillRect(from, top, to - from, height);
      c.globalAlpha = 1;
      c.fillStyle = dark ? "#f0f3f6" : f.colour;
      c.font = 11 * devicePixelRatio + "px system-ui, sans-serif";
      c.fillText(f.name, from + 4, top + 14 * devicePixelRatio);
    });
    c.strokeStyle = ink; c.globalAlpha = .35; c.setLineDash([3, 4]);
    c.fillStyle = ink; c.font = 10 * devicePixelRatio + "px system-ui, sans-serif";
    data.phases.forEach(p => {
      const at = x(p.from);
      if (at < u.bbox.left || at > u.bbox.left + u.bbox.width) return;
      c.beginPath(); c.moveTo(at, top); c.lineTo(at, top + height); c.stroke();
      c.globalAlpha = .8; c.fillText(p.name, at + 3, top + height - 4); c.globalAlpha = .35;
    });
    c.restore();
  }

  const sync = uPlot.sync("storm");
  const drawn = [];
  charts.forEach(function (chart) {
    const xs = data.seconds;
    const pad = (values, none) => xs.map((_, i) => values && i < values.length ? values[i] : none);
    const columns = [xs];
    const series = [{ label: "second", value: (u, v) => v == null ? "-" : Math.round(v) + " s" }];
    const show = v => v == null ? "-" : (v >= 100 ? v.toFixed(0) : v >= 1 ? v.toFixed(1) : v.toFixed(2)) + (chart.unit ? " " + chart.unit : "");
    if (chart.shared) {
      columns.push(pad(chart.shared[1](data.series[data.variants[0]]), null));
      series.push({ label: chart.shared[0], stroke: ink, width: 1, value: (u, v) => show(v) });
    }
    let any = false;
    data.variants.forEach(function (name, n) {
      if (chart.only && chart.only !== name) return;
      chart.lines.forEach(function (line, i) {
        const values = line[1](data.series[name]);
        // A logarithmic axis has no zero: under 0.1 ms is drawn at 0.1 ms.
        const column = pad(values, null).map(v => v == null || chart.gaps && !v ? null : chart.log ? Math.max(v, .1) : v);
        any = any || column.some(v => v != null);
        columns.push(column);
        series.push({ label: chart.only ? line[0] : name + " " + line[0], stroke: chart.only ? stageColours[i % stageColours.length] : colours[n % colours.length],
          width: 2, dash: chart.only ? [] : dashes[i], spanGaps: false,
          points: { show: false }, value: (u, v) => show(v) });
      });
    });
    if (!any) return;
    const box = document.createElement("div");
    box.className = "chart";
    box.innerHTML = "<h3></h3><p></p>";
    box.children[0].textContent = chart.title + (chart.unit ? " (" + chart.unit + ")" : "");
    box.children[1].textContent = chart.note;
    host.appendChild(box);
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid } };
    drawn.push([box, new uPlot({
      width: box.clientWidth, height: 250, series,
      scales: { x: { time: false }, y: chart.log ? { distr: 3 } : { range: (u, min, max) => [0, Math.max(1, max * 1.08)] } },
      axes: [Object.assign({}, axis, { values: (u, v) => v.map(s => s + "s") }),
             Object.assign({}, axis, { size: 62, values: (u, v) => v.map(n => n == null ? "" : n >= 1000 ? n / 1000 + "k" : String(n)) })],
      cursor: { sync: { key: sync.key } },
      hooks: { drawAxes: [bands] },
    }, columns, box)]);
  });
  // Distributions: the odds of 1 in x on the horizontal axis, so that 90, 99 and
  // 99.9 % are equally far apart.
  const spread = document.getElementById("distributions");
  data.distributions.forEach(function (d) {
    const odds = [...new Set(data.variants.flatMap(v => (d.lines[v] || []).map(p => p.odds)))].sort((a, b) => a - b);
    if (odds.length < 2) return;
    const columns = [odds], series = [{ label: "percentile", value: (u, v) => v == null ? "-" : (100 * (1 - 1 / v)).toPrecision(5) + " %" }];
    data.variants.forEach(function (name, n) {
      const at = new Map((d.lines[name] || []).map(p => [p.odds, p.ms]));
      columns.push(odds.map(o => at.has(o) ? Math.max(at.get(o), .01) : null));
      series.push({ label: name, stroke: colours[n % colours.length], width: 2, spanGaps: true, points: { show: false }, value: (u, v) => v == null ? "-" : v.toPrecision(4) + " ms" });
    });
    const box = document.createElement("div");
    box.className = "chart";
    box.innerHTML = "<h3></h3><p></p>";
    box.children[0].textContent = d.title + " (ms)";
    box.children[1].textContent = d.note;
    spread.appendChild(box);
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid } };
    drawn.push([box, new uPlot({
      width: box.clientWidth, height: 250, series,
      scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
      axes: [Object.assign({}, axis, { values: (u, v) => v.map(o => o == null || Math.log10(o) % 1 ? "" : +(100 * (1 - 1 / o)).toFixed(4) + "%") }),
             Object.assign({}, axis, { size: 62, values: (u, v) => v.map(n => n == null ? "" : n >= 1000 ? n / 1000 + "k" : String(n)) })],
    }, columns, box)]);
  });
  addEventListener("resize", () => drawn.forEach(([box, u]) => u.setSize({ width: box.clientWidth, height: 250 })));
})();
