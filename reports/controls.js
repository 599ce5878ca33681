// How a reader works with the charts: hiding lines, zooming, the keyboard, and
// the definitions of figures. report.js defines data, css and overTime, which
// these functions use.

// toggled hides or shows a line in all charts over time when it was hidden or
// shown in one of them; a line is the same one where its name is the same.
let toggling = false;
function toggled(u, i, change) {
  if (toggling || i == null || change.show == null) return;
  toggling = true; // setSeries below calls this function again
  const name = u.series[i].label;
  overTime.forEach(other => {
    if (other === u) return;
    other.series.forEach((s, n) => {
      if (n && s.label === name && s.show !== change.show) other.setSeries(n, { show: change.show });
    });
  });
  toggling = false;
  tellLegends();
}

// tellLegends sets aria-pressed of the names below the charts, which says
// whether their lines are shown.
function tellLegends() {
  document.querySelectorAll(".u-legend .u-series").forEach(row => {
    const th = row.querySelector("th");
    if (th.tabIndex === 0) th.setAttribute("aria-pressed", String(!row.classList.contains("u-off")));
  });
}

// zoomed gives all charts over time the span of the one that was zoomed.
function zoomed(u, key) {
  if (key !== "x" || u.status !== 1) return;
  const { min, max } = u.scales.x;
  overTime.forEach(other => {
    const x = other.scales.x;
    if (other !== u && (x.min !== min || x.max !== max)) other.setScale("x", { min, max });
  });
  document.querySelectorAll("#zoom button").forEach(b => {
    const same = Math.abs(b.dataset.from - min) < .01 && Math.abs(b.dataset.to - max) < .01;
    b.setAttribute("aria-pressed", String(same));
  });
}

// zoom shows so many seconds of the run in all charts over time.
function zoom(from, to) {
  if (overTime.length) overTime[0].setScale("x", { min: from, max: to });
}

// zoomButtons adds a button for the whole run and one for each of the first
// faults, which shows as much time before and after the fault as it took.
function zoomButtons() {
  const host = document.getElementById("zoom");
  if (!host) return;
  const add = (text, from, to) => {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = text;
    b.dataset.from = from;
    b.dataset.to = to;
    b.setAttribute("aria-pressed", String(from === 0 && to === last));
    b.addEventListener("click", () => zoom(from, to));
    host.appendChild(b);
  };
  add("the whole run", 0, last);
  data.faults.slice(0, 8).forEach(f => {
    const to = Math.max(f.to, f.from);
    const margin = Math.max(1, Math.min(10, to - f.from));
    add(f.name, Math.max(0, f.from - margin), Math.min(last, to + margin));
  });
}

// keyboard makes a chart usable without a mouse and tells screen readers what
// its parts are: the names below it are buttons, and the chart takes keys.
function keyboard(box, u) {
  box.querySelectorAll(".u-legend .u-series").forEach((row, i) => {
    if (!i) return; // the first row is the horizontal axis
    const th = row.querySelector("th");
    th.tabIndex = 0;
    th.setAttribute("role", "button");
    th.addEventListener("keydown", e => {
      if (e.key !== "Enter" && e.key !== " ") return;
      e.preventDefault();
      th.click();
      tellLegends();
    });
    th.addEventListener("click", tellLegends);
  });
  const title = box.closest("figure").querySelector("h4").textContent;
  u.over.tabIndex = 0;
  u.over.setAttribute("role", "application");
  u.over.setAttribute("aria-label", title + ": left and right move the cursor, + and - zoom");
  u.over.addEventListener("keydown", e => {
    if (pressed(u, e.key)) e.preventDefault();
  });
}

// pressed does what a key asks of a chart, and returns whether it asks for
// anything: the arrows move the cursor, + and - zoom around it.
function pressed(u, key) {
  const xs = u.data[0];
  const x = u.scales.x;
  const idx = u.cursor.idx;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const step = key === "ArrowLeft" ? -1 : 1;
    const at = idx == null ? 0 : Math.min(Math.max(idx + step, 0), xs.length - 1);
    u.setCursor({ left: u.valToPos(xs[at], "x"), top: u.over.clientHeight / 2 });
    return true;
  }
  if ((key === "+" || key === "-") && overTime.includes(u)) {
    const middle = idx == null ? (x.min + x.max) / 2 : xs[idx];
    const wide = (x.max - x.min) * (key === "+" ? .5 : 2);
    zoom(Math.max(0, middle - wide / 2), Math.min(last, middle + wide / 2));
    return true;
  }
  return false;
}

// tips shows the definition of a figure beside its name while the mouse is over
// the name or the name has the focus.
function tips() {
  const tip = document.getElementById("tip");
  document.querySelectorAll(".term").forEach(a => {
    const text = a.title;
    a.removeAttribute("title"); // else the browser shows its own tip, too
    const open = () => {
      tip.textContent = text;
      tip.hidden = false;
      a.setAttribute("aria-describedby", "tip");
      const r = a.getBoundingClientRect();
      const t = tip.getBoundingClientRect();
      const fits = r.bottom + t.height + 8 < innerHeight;
      tip.style.left = Math.max(8, Math.min(r.left, innerWidth - t.width - 8)) + "px";
      tip.style.top = (fits ? r.bottom + 6 : r.top - t.height - 6) + "px";
    };
    const close = () => {
      tip.hidden = true;
      a.removeAttribute("aria-describedby");
    };
    a.addEventListener("mouseenter", open);
    a.addEventListener("focus", open);
    a.addEventListener("mouseleave", close);
    a.addEventListener("blur", close);
    a.addEventListener("keydown", e => {
      if (e.key === "Escape") close();
    });
  });
}
