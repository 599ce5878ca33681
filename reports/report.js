"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  root.classList.add("js");
  const css = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const dashes = [[], [6, 4], [2, 3]];
  const height = 250, stormRate = 70, stormBar = 7, stormLane = 14;
  const sync = uPlot.sync("storm");
  const overTime = []; // the charts that share the axis of time
  const all = [];
  const last = data.seconds.length ? data.seconds[data.seconds.length - 1] : 1;

  const short = n => n == null ? "" : n >= 1000 ? +(n / 1000).toPrecision(3) + "k" : String(+n.toPrecision(3));
  const show = (v, unit) => v == null ? "-" : (v >= 100 ? v.toFixed(0) : v >= 1 ? v.toFixed(1) : v.toFixed(2)) + (unit ? " " + unit : "");
  const percentile = o => +(100 * (1 - 1 / o)).toFixed(4) + "%";

  // Bands lie behind the lines: faults shaded, phases divided.
  function bands(u) {
    const c = u.ctx, top = u.bbox.top, tall = u.bbox.height, px = devicePixelRatio;
    const right = u.bbox.left + u.bbox.width;
    const x = v => Math.round(u.valToPos(v, "x", true));
    const clamp = v => Math.min(Math.max(v, u.bbox.left), right);
    c.save();
    c.textAlign = "left"; c.textBaseline = "alphabetic";
    const ends = []; // of the names, by row: none is written over another
    data.faults.forEach(f => {
      const from = clamp(x(f.from)), to = clamp(Math.max(x(f.to), x(f.from) + 2));
      if (to <= u.bbox.left || from >= right) return;
      c.fillStyle = f.colour; c.globalAlpha = +css("band");
      c.fillRect(from, top, to - from, tall);
      c.globalAlpha = 1; c.fillStyle = css("ink"); c.font = 11 * px + "px system-ui, sans-serif";
      const wide = c.measureText(f.name).width;
      let row = 0;
      while (row < ends.length && ends[row] > from) row++;
      if (row > 3) return;
      const at = Math.min(from + 4 * px, right - wide - 2);
      ends[row] = at + wide + 6 * px;
      c.fillText(f.name, at, top + (14 + 13 * row) * px);
    });
    phases(u, x, top, tall);
    c.restore();
  }

  function phases(u, x, top, tall) {
    const c = u.ctx;
    c.strokeStyle = c.fillStyle = css("soft"); c.globalAlpha = .45; c.setLineDash([3, 4]);
    c.font = 10 * devicePixelRatio + "px system-ui, sans-serif";
    data.phases.forEach(p => {
      const at = x(p.from);
      if (at < u.bbox.left || at > u.bbox.left + u.bbox.width) return;
      c.beginPath(); c.moveTo(at, top); c.lineTo(at, top + tall); c.stroke();
    });
    c.globalAlpha = .9;
    data.phases.forEach(p => { // a name only where there is room for it, above the lines
      const from = Math.max(x(p.from), u.bbox.left), to = Math.min(x(p.to), u.bbox.left + u.bbox.width);
      if (c.measureText(p.name).width < to - from) c.fillText(p.name, from + 2, top - 4);
    });
  }

  // The storm's own picture: below the load a lane for each fault, with a bar
  // for each variant.
  const lane = f => stormLane + stormBar * (f.bars || []).length + 4;
  const lanes = data.faults.reduce((sum, f) => sum + lane(f), 0);
  function stormLanes(u) {
    const c = u.ctx, px = devicePixelRatio, right = u.bbox.left + u.bbox.width;
    const x = v => Math.min(Math.max(u.valToPos(v, "x", true), u.bbox.left), right);
    const ground = u.valToPos(0, "y", true);
    let top = ground + 6 * px;
    c.save();
    c.font = 11 * px + "px system-ui, sans-serif"; c.textBaseline = "alphabetic"; c.textAlign = "left";
    data.faults.forEach(f => {
      const bars = f.bars || [], name = f.name + bars.map(b => " " + b.mark).join("");
      c.fillStyle = css("ink");
      c.fillText(name, Math.min(x(f.from), right - c.measureText(name).width - 2), top + 11 * px);
      bars.forEach((b, i) => {
        c.fillStyle = css(b.colour);
        c.fillRect(x(b.from), top + (stormLane + i * stormBar) * px, Math.max(2 * px, x(b.to) - x(b.from)), (stormBar - 2) * px);
      });
      top += lane(f) * px;
    });
    phases(u, v => Math.round(u.valToPos(v, "x", true)), u.bbox.top, ground - u.bbox.top);
    c.restore();
  }

  function series(chart) {
    const head = { time: { label: "second", value: (u, v) => v == null ? "-" : Math.round(v) + " s" },
      odds: { label: "percentile", value: (u, v) => v == null ? "-" : percentile(v) }, ms: { label: "after", value: (u, v) => v == null ? "-" : show(v, "ms") } };
    return [head[chart.axis]].concat(chart.lines.map(l => ({
      label: l.name, stroke: () => css(l.colour), width: l.colour === "soft" ? 1 : 2, dash: dashes[l.dash], show: !l.hidden,
      spanGaps: chart.span, points: { show: chart.axis === "ms" }, value: (u, v) => show(v, chart.unit),
      fill: chart.id === "storm" ? () => css("grid") : undefined, paths: chart.id === "storm" ? uPlot.paths.stepped({ align: 1 }) : undefined,
    })));
  }

  // A logarithmic axis has no zero: under 0.1 is drawn at 0.1.
  const column = (l, n, log) => Array.from({ length: n }, (_, i) => { const v = l.values[i]; return v == null ? null : log ? Math.max(v, .1) : v; });

  function options(chart, box) {
    const storm = chart.id === "storm", time = chart.axis === "time";
    const axis = { stroke: () => css("soft"), grid: { stroke: () => css("grid"), width: 1 }, ticks: { stroke: () => css("grid") } };
    const across = { time: (u, v) => v.map(s => s + "s"), odds: (u, v) => v.map(o => o == null || Math.log10(o) % 1 ? "" : percentile(o)),
      ms: (u, v) => v.map(n => n == null || Math.log10(n) % 1 ? "" : n >= 1000 ? n / 1000 + "s" : n + "ms") };
    const flat = (u, min, max) => storm ? [-Math.max(1, max) * (lanes + 8) / stormRate, Math.max(1, max) * 1.08] : [0, Math.max(chart.unit === "%" ? 100 : 1, max * 1.08)];
    return {
      width: box.clientWidth, height: storm ? stormRate + lanes + 8 + 70 : height, series: series(chart),
      scales: { x: { time: false, distr: time ? 1 : 3 }, y: chart.log ? { distr: 3 } : { range: flat } },
      axes: [Object.assign({}, axis, { values: across[chart.axis], grid: { show: !storm } }),
             Object.assign({}, axis, { size: 62, grid: storm ? { show: false } : axis.grid, values: (u, v) => v.map(n => n < 0 ? "" : short(n)) })],
      cursor: time ? { sync: { key: sync.key } } : {}, legend: { show: !storm },
      hooks: time ? { drawAxes: [storm ? stormLanes : bands], setScale: [zoomed], setSeries: [toggled] } : {},
    };
  }

  // A name that is hidden in one chart is hidden in all.
  let toggling = false;
  function toggled(u, i, change) {
    if (toggling || i == null || change.show == null) return;
    toggling = true;
    const name = u.series[i].label;
    overTime.forEach(o => o.series.forEach((s, n) => { if (n && o !== u && s.label === name && s.show !== change.show) o.setSeries(n, { show: change.show }); }));
    toggling = false;
    pressed();
  }

  function zoomed(u, key) {
    if (key !== "x" || u.status !== 1) return;
    const x = u.scales.x;
    overTime.forEach(o => { if (o !== u && (o.scales.x.min !== x.min || o.scales.x.max !== x.max)) o.setScale("x", { min: x.min, max: x.max }); });
    document.querySelectorAll("#zoom button").forEach(b => b.setAttribute("aria-pressed", String(Math.abs(b.dataset.from - x.min) < .01 && Math.abs(b.dataset.to - x.max) < .01)));
  }

  // Legends are buttons: for the keyboard and for those who listen.
  function pressed() {
    document.querySelectorAll(".u-legend .u-series").forEach(row => { const th = row.querySelector("th"); if (th.tabIndex === 0) th.setAttribute("aria-pressed", String(!row.classList.contains("u-off"))); });
  }
  function keyboard(box, u) {
    box.querySelectorAll(".u-legend .u-series").forEach((row, i) => {
      if (!i) return;
      const th = row.querySelector("th");
      th.tabIndex = 0; th.setAttribute("role", "button");
      th.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); th.click(); pressed(); } });
      th.addEventListener("click", pressed);
    });
    const over = u.over;
    over.tabIndex = 0; over.setAttribute("role", "application");
    over.setAttribute("aria-label", box.closest("figure").querySelector("h4").textContent + ": left and right move the cursor, + and - zoom");
    over.addEventListener("keydown", e => {
      const xs = u.data[0], x = u.scales.x;
      if (e.key === "ArrowLeft" || e.key === "ArrowRight") {
        const at = u.cursor.idx == null ? 0 : Math.min(Math.max(u.cursor.idx + (e.key === "ArrowLeft" ? -1 : 1), 0), xs.length - 1);
        u.setCursor({ left: u.valToPos(xs[at], "x"), top: over.clientHeight / 2 });
      } else if ((e.key === "+" || e.key === "-") && overTime.includes(u)) {
        const middle = u.cursor.idx == null ? (x.min + x.max) / 2 : xs[u.cursor.idx], wide = (x.max - x.min) * (e.key === "+" ? .5 : 2);
        zoom(Math.max(0, middle - wide / 2), Math.min(last, middle + wide / 2));
      } else return;
      e.preventDefault();
    });
  }

  const zoom = (from, to) => overTime.length && overTime[0].setScale("x", { min: from, max: to });
  function zoomButtons() {
    const host = document.getElementById("zoom");
    if (!host) return;
    const add = (text, from, to) => {
      const b = document.createElement("button");
      b.type = "button"; b.textContent = text; b.dataset.from = from; b.dataset.to = to;
      b.setAttribute("aria-pressed", String(from === 0 && to === last));
      b.addEventListener("click", () => zoom(from, to));
      host.appendChild(b);
    };
    add("the whole run", 0, last);
    data.faults.slice(0, 8).forEach(f => { // with as much before and after it as it took
      const to = Math.max(f.to, f.from), margin = Math.max(1, Math.min(10, to - f.from));
      add(f.name, Math.max(0, f.from - margin), Math.min(last, to + margin));
    });
  }

  // What a figure means, on hover and on focus.
  function tips() {
    const tip = document.getElementById("tip");
    document.querySelectorAll(".term").forEach(a => {
      const text = a.title;
      a.removeAttribute("title");
      const open = () => {
        tip.textContent = text; tip.hidden = false; a.setAttribute("aria-describedby", "tip");
        const r = a.getBoundingClientRect(), t = tip.getBoundingClientRect();
        tip.style.left = Math.max(8, Math.min(r.left, innerWidth - t.width - 8)) + "px";
        tip.style.top = (r.bottom + t.height + 8 < innerHeight ? r.bottom + 6 : r.top - t.height - 6) + "px";
      };
      const close = () => { tip.hidden = true; a.removeAttribute("aria-describedby"); };
      a.addEventListener("mouseenter", open); a.addEventListener("focus", open);
      a.addEventListener("mouseleave", close); a.addEventListener("blur", close);
      a.addEventListener("keydown", e => { if (e.key === "Escape") close(); });
    });
  }

  data.charts.forEach(chart => {
    const box = document.querySelector(`[data-chart="${CSS.escape(chart.id)}"] .canvas`);
    if (!box) return;
    box.appendChild(document.createElement("div")); // an empty box has no width
    const xs = chart.axis === "time" ? data.seconds : chart.x;
    const u = new uPlot(options(chart, box), [xs].concat(chart.lines.map(l => column(l, xs.length, chart.log))), box);
    all.push([box, u]);
    box.uplot = u; // for whoever looks at the page with the browser's tools
    if (chart.axis === "time") overTime.push(u);
    keyboard(box, u);
  });
  pressed(); zoomButtons(); tips();
  addEventListener("resize", () => all.forEach(([box, u]) => u.setSize({ width: box.clientWidth, height: u.height })));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all.forEach(([, u]) => u.redraw(false, true)));
})();
