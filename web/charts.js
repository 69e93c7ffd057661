// Charts over time and over durations, by uPlot.

function axis(values, more) {
  return Object.assign({
    stroke: () => color("soft"), grid: { stroke: () => color("line"), width: 1 }, ticks: { stroke: () => color("line"), width: 1 },
    font: "11px system-ui, sans-serif", values: values, size: 58,
  }, more);
}

// Widths follow the page.
function fitted(box, make, height) {
  const width = () => Math.max(260, Math.floor(box.clientWidth) || 0);
  const u = make(width(), height);
  new ResizeObserver(() => {
    if (box.clientWidth > 0 && Math.abs(u.width - width()) > 1) u.setSize({ width: width(), height });
  }).observe(box);
  redraws.add(() => u.redraw(false, true));
  const legend = box.querySelector(".u-legend");
  const rest = () => legend.classList.toggle("idle", u.cursor.idx === null || u.cursor.idx === undefined);
  if (legend) {
    (u.hooks.setCursor = u.hooks.setCursor || []).push(rest);
    rest();
  }
  return u;
}

function zoomTo(u, min, max, all) {
  const span = Math.max(max - min, (all[1] - all[0]) / 100000);
  let from = Math.max(all[0], Math.min(min, all[1] - span));
  u.setScale("x", { min: from, max: Math.min(all[1], from + span) });
}

// Buttons and keys that do what the wheel of a mouse cannot do everywhere.
function controls(u, box, all, about, onAll) {
  const by = (factor) => {
    const { min, max } = u.scales.x;
    const log = u.scales.x.distr === 3;
    const at = u.cursor.left >= 0 && u.cursor.left !== null ? u.posToVal(u.cursor.left, "x") : log ? Math.sqrt(min * max) : (min + max) / 2;
    if (log) {
      zoomTo(u, at * Math.pow(min / at, factor), at * Math.pow(max / at, factor), all());
    } else {
      zoomTo(u, at - (at - min) * factor, at + (max - at) * factor, all());
    }
  };
  const pan = (part) => {
    const { min, max } = u.scales.x;
    zoomTo(u, min + (max - min) * part, max + (max - min) * part, all());
  };
  const whole = () => {
    u.setScale("x", { min: all()[0], max: all()[1] });
    if (onAll) onAll();
  };
  const move = (step) => {
    const xs = u.data[0];
    let i = u.cursor.idx;
    i = i === null || i === undefined ? 0 : Math.max(0, Math.min(xs.length - 1, i + step));
    const left = u.valToPos(xs[i], "x");
    if (left < 0 || left > u.over.clientWidth) pan(step > 0 ? 0.5 : -0.5);
    u.setCursor({ left: u.valToPos(xs[i], "x"), top: u.over.clientHeight / 2 });
  };
  const keys = {
    "+": () => by(0.5), "=": () => by(0.5), "-": () => by(2), "0": whole, Escape: whole,
    ArrowLeft: (e) => (e.shiftKey ? pan(-0.25) : move(-1)), ArrowRight: (e) => (e.shiftKey ? pan(0.25) : move(1)),
    Home: () => move(-1e9), End: () => move(1e9),
  };
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", about + ". Arrow keys read values, plus and minus zoom, 0 shows all.");
  box.addEventListener("keydown", (e) => {
    if (e.target !== box || e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
    e.preventDefault();
    keys[e.key](e);
  });
  u.over.addEventListener("dblclick", whole);
  const button = (text, label, f) => el("button", { type: "button", "aria-label": label, text, on: { click: f } });
  return el("span", { class: "zoom" }, button("+", "Zoom in", () => by(0.5)), button("\u2212", "Zoom out", () => by(2)),
    button("All", "Show all", whole));
}

// ---------------------------------------------------------------- throughput over time

const EVENTS = [
  { key: "retransmissions", name: "retransmissions", tone: "lost", glyph: "up" },
  { key: "resets", name: "resets", tone: "reset", glyph: "cross" },
  { key: "zero_windows", name: "zero windows", tone: "zero", glyph: "square" },
];

function mark(ctx, glyph, x, y, r) {
  ctx.beginPath();
  if (glyph === "cross") {
    ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r);
    ctx.lineWidth = Math.max(2, r / 2.2);
    ctx.stroke();
    return;
  } else if (glyph === "square") {
    ctx.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  } else {
    ctx.moveTo(x, y - r); ctx.lineTo(x + r, y + r * 0.8); ctx.lineTo(x - r, y + r * 0.8);
    ctx.closePath();
  }
  ctx.fill();
}

const hasPayload = (t) => [t.up, t.down].some((side) => side.payload_bytes.some((v) => v > 0));

// What goes to the client above the axis, to the server below it; events in rows at the edges, one mark a bucket.
// It is payload, or packets where none has any.
function timelineChart(box, t) {
  const n = t.down.packets.length;
  const width = t.bucket_ms / 1000;
  const [lane, what, factor, said, words] = hasPayload(t) ? ["payload_bytes", "payload", 8 / width, rate, (vs) => ticks(vs, RATES)]
    : ["packets", "packets", 1, (v) => plural(v, "packet"), (vs) => wholeTicks(vs, [""])];
  const per = (list, sign) => list.map((v) => sign * v * factor);
  const xs = Array.from({ length: n }, (_, i) => i * width);
  const down = per(t.down[lane], 1);
  const up = per(t.up[lane], -1);
  const events = EVENTS.filter((e) => t.up[e.key].some((v) => v > 0) || t.down[e.key].some((v) => v > 0));
  const all = [0, n * width];
  const peak = Math.max(1, ...down, ...up.map((v) => -v));
  const least = peak * 0.18;
  const top = Math.max(...down, least) * (1 + 0.09 * events.length) + peak * 0.05;
  const bottom = -(Math.max(...up.map((v) => -v), least) * (1 + 0.09 * events.length) + peak * 0.05);
  const marked = {};
  const drawEvents = (u) => {
    const ctx = u.ctx;
    const dpr = devicePixelRatio;
    const r = 4 * dpr;
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    events.forEach((e, row) => {
      let marks = 0;
      let sum = 0;
      ctx.fillStyle = ctx.strokeStyle = color(e.tone);
      for (const side of ["down", "up"]) {
        const y = side === "down" ? u.bbox.top + (row * 11 + 8) * dpr : u.bbox.top + u.bbox.height - (row * 11 + 8) * dpr;
        t[side][e.key].forEach((v, i) => {
          if (v === 0) return;
          marks += 1;
          sum += v;
          mark(ctx, e.glyph, u.valToPos(xs[i] + width / 2, "x", true), y, r);
        });
      }
      marked[e.key] = { marks, sum };
    });
    ctx.restore();
    box.dataset.marks = JSON.stringify(marked);
  };
  const sides = (key) => (u, v, s, i) => (i === null || i === undefined ? "\u2013"
    : count(t.down[key][i]) + " to client, " + count(t.up[key][i]) + " to server");
  const bars = uPlot.paths.bars({ align: 1, size: [0.94, Infinity] });
  const series = [
    { label: "after", value: (u, v) => (v === null ? "\u2013" : duration(v * 1000)) },
    { label: "to the client", stroke: () => color("down"), fill: () => color("down"), paths: bars, points: { show: false },
      value: (u, v) => (v === null ? "\u2013" : said(v)) },
    { label: "to the server", stroke: () => color("up"), fill: () => color("up"), paths: bars, points: { show: false },
      value: (u, v) => (v === null ? "\u2013" : said(-v)) },
    { label: "packets", paths: () => null, points: { show: false }, value: sides("packets"), scale: "n", stroke: () => color("soft") },
    ...events.map((e) => ({ label: e.name, paths: () => null, points: { show: false }, value: sides(e.key), scale: "n",
      stroke: () => color(e.tone), fill: () => color(e.tone) })),
  ];
  const zeros = xs.map(() => 0);
  const u = fitted(box, (w, h) => new uPlot({
    width: w, height: h, series, pxAlign: false,
    cursor: { drag: { x: true, y: false, setScale: true }, points: { show: false } },
    scales: { x: { time: false, min: all[0], max: all[1], range: (self, min, max) => [min, max] }, y: { range: () => [bottom, top] }, n: { range: () => [0, 1] } },
    axes: [axis((self, vs) => timeTicks(vs.map((v) => v * 1000)), { size: 34, space: 70 }),
      axis((self, vs) => words(vs), { size: 76 })],
    hooks: { draw: [drawEvents] }, legend: { live: true },
  }, [xs, down, up, zeros, ...events.map(() => zeros)], box), 300);
  u.setScale("x", { min: all[0], max: all[1] });
  const legend = box.querySelector(".u-legend");
  const bar = el("div", { class: "bar" },
    el("span", { class: "grow sub", text: "Drag to zoom, double-click for all." }),
    controls(u, box, () => all, (lane === "packets" ? "Packets" : "Throughput") + " over time"));
  const key = el("p", { class: "key" }, ...[["down", what + " to the client (above)"], ["up", what + " to the server (below)"],
    ...events.map((e) => [e.tone, e.name])].map(([tone, text]) => el("span", null, el("i", { class: tone }), text)));
  box.before(bar, key);
  if (legend) {
    legend.setAttribute("aria-live", "polite");
    legend.classList.add("keyed");
  }
  return u;
}

// ------------------------------------------------------------------------ durations

const HUES = ["p8", "p10", "p1", "p4", "lost", "soft"];

// Shares of the samples by steps of a quarter of an octave, all series over one scale.
function spreadChart(box, spreads) {
  const edges = [...new Set(spreads.flatMap((s) => s.edges.map((e) => Math.max(e, 1e-4))))].sort((a, b) => a - b);
  const at = new Map(edges.map((e, i) => [e, i]));
  const columns = spreads.map((s) => {
    const sum = s.counts.reduce((a, b) => a + b, 0) || 1;
    const list = edges.map(() => null);
    s.counts.forEach((c, i) => { list[at.get(Math.max(s.edges[i], 1e-4))] = c / sum; });
    list[at.get(Math.max(s.edges[s.edges.length - 1], 1e-4))] = 0;
    return list;
  });
  // from the axis up and down to it again
  const first = edges[0] / 1.19;
  const xs = [first, ...edges];
  columns.forEach((list) => {
    list.unshift(null);
    const i = list.findIndex((v) => v !== null);
    list[i - 1] = 0;
  });
  const stepped = uPlot.paths.stepped({ align: 1 });
  const all = [first, edges[edges.length - 1] * 1.19];
  const u = fitted(box, (w, h) => new uPlot({
    width: w, height: h, pxAlign: false,
    cursor: { drag: { x: true, y: false }, points: { show: false } },
    scales: { x: { time: false, distr: 3, range: (self, min, max) => [min, max] }, y: { range: (self, min, max) => [0, Math.max(0.05, max * 1.05)] } },
    axes: [axis((self, vs) => logTicks(vs), { size: 34, space: 60 }),
      axis((self, vs) => vs.map((v) => Math.round(v * 100) + " %"), { size: 54 })],
    series: [
      { label: "from", value: (self, v) => (v === null ? "\u2013" : duration(v)) },
      ...spreads.map((s, i) => ({
        label: s.name + " (" + count(s.count || 0) + ", median " + duration(s.median || 0) + ")",
        stroke: () => color(HUES[i % HUES.length]), width: 2, dash: i % 2 === 1 ? [6, 3] : undefined,
        paths: stepped, points: { show: false }, value: (self, v) => (v === null ? "\u2013" : (v * 100).toFixed(1) + " %"),
      })),
    ],
  }, [xs, ...columns], box), 260);
  u.setScale("x", { min: all[0], max: all[1] });
  box.before(el("div", { class: "bar" }, el("span", { class: "grow sub",
    text: "Share of the samples in each step of their duration, on a logarithmic scale. Click a name to hide its line." }),
  controls(u, box, () => all, "Distribution of round trips and answer times")));
  return u;
}
