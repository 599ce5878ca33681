// What the charts show of the faults and of the phases of the load. report.js
// defines data and css, which these functions use.

// The heights in the storm's own chart, in pixels; timeline.go has the same.
const stormRate = 70;
const stormBar = 7;
const stormLane = 14;

const mostRowsOfNames = 4;

// bands draws behind the lines of a chart over time: each fault is a shaded
// band with its name, and dotted lines divide the phases.
function bands(u) {
  const c = u.ctx;
  const px = devicePixelRatio;
  const x = v => Math.round(u.valToPos(v, "x", true));
  c.save();
  c.textAlign = "left";
  c.textBaseline = "alphabetic";
  const ends = []; // where the last name of each row ends
  data.faults.forEach(f => {
    const at = shade(u, f, x);
    if (at === null) return;
    c.fillStyle = css("ink");
    c.font = 11 * px + "px system-ui, sans-serif";
    nameBand(u, f.name, at, ends);
  });
  phases(u, x, u.bbox.top, u.bbox.height);
  c.restore();
}

// shade draws the band of a fault and returns where it begins on the canvas,
// or null where the chart does not show that time.
function shade(u, fault, x) {
  const c = u.ctx;
  const left = u.bbox.left;
  const right = left + u.bbox.width;
  const clamp = v => Math.min(Math.max(v, left), right);
  const from = clamp(x(fault.from));
  const to = clamp(Math.max(x(fault.to), x(fault.from) + 2));
  if (to <= left || from >= right) return null;
  c.fillStyle = fault.colour;
  c.globalAlpha = +css("band");
  c.fillRect(from, u.bbox.top, to - from, u.bbox.height);
  c.globalAlpha = 1;
  return from;
}

// nameBand writes a fault's name at the top of its band, in the first row in
// which it covers no other name. With no row left, the name is not written.
function nameBand(u, name, from, ends) {
  const c = u.ctx;
  const px = devicePixelRatio;
  const wide = c.measureText(name).width;
  let row = 0;
  while (row < ends.length && ends[row] > from) row++;
  if (row >= mostRowsOfNames) return;
  const at = Math.min(from + 4 * px, u.bbox.left + u.bbox.width - wide - 2);
  ends[row] = at + wide + 6 * px;
  c.fillText(name, at, u.bbox.top + (14 + 13 * row) * px);
}

// phases draws a dotted line where each phase begins, and the phase's name
// above the lines where there is room for it.
function phases(u, x, top, tall) {
  const c = u.ctx;
  const left = u.bbox.left;
  const right = left + u.bbox.width;
  c.strokeStyle = css("soft");
  c.fillStyle = css("soft");
  c.globalAlpha = .45;
  c.setLineDash([3, 4]);
  c.font = 10 * devicePixelRatio + "px system-ui, sans-serif";
  data.phases.forEach(p => {
    const at = x(p.from);
    if (at < left || at > right) return;
    c.beginPath();
    c.moveTo(at, top);
    c.lineTo(at, top + tall);
    c.stroke();
  });
  c.globalAlpha = .9;
  data.phases.forEach(p => {
    const from = Math.max(x(p.from), left);
    const to = Math.min(x(p.to), right);
    if (c.measureText(p.name).width < to - from) c.fillText(p.name, from + 2, top - 4);
  });
}

// laneHeight is the height of a fault in the storm's chart, in pixels.
function laneHeight(fault) {
  return stormLane + stormBar * (fault.bars || []).length + 4;
}

// lanesHeight is the height of all faults in the storm's chart, in pixels.
function lanesHeight() {
  return data.faults.reduce((sum, f) => sum + laneHeight(f), 0);
}

// stormLanes draws the faults of the storm's chart below the load: a lane for
// each fault, with a bar for each variant.
function stormLanes(u) {
  const c = u.ctx;
  const px = devicePixelRatio;
  const left = u.bbox.left;
  const right = left + u.bbox.width;
  const x = v => Math.min(Math.max(u.valToPos(v, "x", true), left), right);
  const ground = u.valToPos(0, "y", true);
  let top = ground + 6 * px;
  c.save();
  c.font = 11 * px + "px system-ui, sans-serif";
  c.textBaseline = "alphabetic";
  c.textAlign = "left";
  data.faults.forEach(f => {
    const bars = f.bars || [];
    const name = f.name + bars.map(b => " " + b.mark).join("");
    c.fillStyle = css("ink");
    c.fillText(name, Math.min(x(f.from), right - c.measureText(name).width - 2), top + 11 * px);
    bars.forEach((b, i) => {
      c.fillStyle = css(b.colour);
      const wide = Math.max(2 * px, x(b.to) - x(b.from));
      c.fillRect(x(b.from), top + (stormLane + i * stormBar) * px, wide, (stormBar - 2) * px);
    });
    top += laneHeight(f) * px;
  });
  phases(u, v => Math.round(u.valToPos(v, "x", true)), u.bbox.top, ground - u.bbox.top);
  c.restore();
}
