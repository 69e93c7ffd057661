// The table of connections: sorts, filters, and makes elements only for the rows that can be seen, and shows the columns
// that there is room for.

const LINE = 32;             // pixels: as .line in the style
const SPARE = 8;

function columnsOf(c) {
  const word = (list) => (i) => (list[i] >= 0 ? c.words[list[i]] : "");
  const pair = (name, show) => ({
    value: (i) => c[name + "_up"][i] + c[name + "_down"][i],
    text: (i) => show(c[name + "_up"][i]) + " / " + show(c[name + "_down"][i]),
  });
  const servers = new Set(c.server).size > 1;
  const list = [
    { key: "client", title: "client", value: (i) => c.client[i], text: (i) => c.client[i] },
    servers && { key: "server", title: "server", value: word(c.server), text: word(c.server) },
    { key: "state", title: "what became of it", value: word(c.state), text: (i) => word(c.state)(i) || word(c.outcome)(i) },
    c.application.some((v) => v >= 0) && { key: "application", title: "application", value: word(c.application), text: word(c.application) },
    { key: "begins", title: "begins", n: true, value: (i) => c.begins[i], text: (i) => (c.begins[i] === null ? "" : (c.begins[i] / 1000).toFixed(3) + " s") },
    { key: "lasts", title: "lasts", n: true, value: (i) => c.lasts[i], text: (i) => (c.lasts[i] === null ? "" : duration(c.lasts[i])) },
    Object.assign({ key: "packets", title: "packets", n: true }, pair("packets", count)),
    Object.assign({ key: "payload", title: "payload", n: true }, pair("payload", bytes)),
    Object.assign({ key: "resent", title: "resent", n: true }, pair("resent", count)),
    { key: "answer", title: "slowest answer", n: true, value: (i) => c.answer[i], text: (i) => (c.answer[i] === null ? "" : duration(c.answer[i])) },
  ];
  return list.filter(Boolean);
}

const SAMPLES = 1000;        // rows that are measured
const WORDS = 120;           // pixels that a column of words may be cut to

// Which columns stay where there is no room for all.
const RANK = ["client", "state", "server", "lasts", "payload", "answer", "application", "resent", "begins", "packets"];
const GAP = 0.65;            // rem, between columns; 0.8 at both ends: as in the style

// How wide the columns are, in pixels, of the font that the table has: numbers in full, words where there is room.
function measure(columns, total, style) {
  const ctx = document.createElement("canvas").getContext("2d");
  const family = style.fontSize + " " + style.fontFamily;
  const step = Math.max(1, Math.floor(total / SAMPLES));
  for (const k of columns) {
    const texts = new Set();
    for (let i = 0; i < total; i += step) texts.add(k.text(i));
    ctx.font = family;
    const cells = [...texts].sort((a, b) => b.length - a.length).slice(0, 30).map((text) => ctx.measureText(text).width);
    ctx.font = "600 " + family;
    k.head = Math.ceil(ctx.measureText(k.title).width) + 4;
    k.most = Math.max(k.head, Math.ceil(Math.max(0, ...cells)) + 4);
    k.same = total > 1 && texts.size === 1 && k.key !== "client" && k.key !== "state";
    k.least = k.n || k.key === "client" || k.key === "server" ? Math.min(k.most, 320) : Math.max(k.head, Math.min(k.most, WORDS));
  }
}

function connectionTable(box, c, onOpen) {
  const columns = columnsOf(c);
  const total = c.client.length;
  const text = Array.from({ length: total }, () => null);
  const search = (i) => {
    if (text[i] === null) text[i] = (columns.map((k) => k.text(i)).join("\n") + "\n" + (c.note[i] >= 0 ? c.words[c.note[i]] : "")).toLowerCase();
    return text[i];
  };
  let order = Array.from({ length: total }, (_, i) => i);
  let sort = { key: null, down: false };
  let focus = 0;
  let chosen = -1;

  const input = el("input", { type: "search", placeholder: "Filter: address, port, state \u2026", "aria-label": "Filter connections", size: 30 });
  const shown = el("span", { class: "sub grow", role: "status" });
  const every = el("button", { type: "button", text: "All columns", "aria-pressed": "false", on: { click: () => {
    every.setAttribute("aria-pressed", every.getAttribute("aria-pressed") === "true" ? "false" : "true");
    fitColumns();
  } } });
  const heads = columns.map((k) => el("div", { role: "columnheader", class: k.n ? "n" : null, "aria-sort": "none" },
    el("button", { type: "button", text: k.title, on: { click: () => sortBy(k) } })));
  const head = el("div", { class: "line head", role: "row" }, ...heads);
  const rows = el("div", { class: "rows", role: "rowgroup" });
  const inner = el("div", { class: "inner" }, el("div", { role: "rowgroup" }, head), rows);
  inner.querySelector("div").style.display = "contents";
  const grid = el("div", { class: "grid", role: "grid", tabindex: 0, "aria-label": "Connections; arrow keys move, Enter opens one" }, inner);
  const live = new Map();

  function sortBy(k) {
    sort = { key: k.key, down: sort.key === k.key ? !sort.down : Boolean(k.n) };
    heads.forEach((h, i) => h.setAttribute("aria-sort", columns[i] !== k ? "none" : sort.down ? "descending" : "ascending"));
    heads.forEach((h, i) => { h.firstChild.textContent = columns[i].title + (columns[i] === k ? (sort.down ? " \u25bc" : " \u25b2") : ""); });
    update();
  }

  function update() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    order = [];
    for (let i = 0; i < total; i += 1) if (words.every((w) => search(i).includes(w))) order.push(i);
    const k = columns.find((one) => one.key === sort.key);
    if (k) {
      const values = new Map(order.map((i) => [i, k.value(i)]));
      const sign = sort.down ? -1 : 1;
      order.sort((a, b) => {
        const x = values.get(a);
        const y = values.get(b);
        if (x === y) return a - b;
        if (x === null || y === null) return x === null ? 1 : -1;
        return sign * (typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true }));
      });
    }
    focus = Math.min(focus, Math.max(0, order.length - 1));
    rows.style.height = order.length * LINE + "px";
    grid.setAttribute("aria-rowcount", order.length + 1);
    shown.textContent = order.length === total ? plural(total, "connection") + (c.total > total ? " of " + count(c.total) : "")
      : count(order.length) + " of " + plural(total, "connection");
    for (const node of live.values()) node.remove();
    live.clear();
    draw();
  }

  function make(at) {
    const i = order[at];
    const node = el("div", { class: "line row", role: "row", "aria-rowindex": at + 2, "aria-selected": i === chosen ? "true" : "false", id: "row-" + i },
      ...columns.map((k) => {
        const value = k.text(i);
        return el("div", { role: "gridcell", class: k.n ? "n" : null, hidden: k.hidden, title: value.length > 12 ? value : null, text: value });
      }));
    node.style.top = at * LINE + "px";
    node.addEventListener("click", () => open(at));
    return node;
  }

  function draw() {
    const first = Math.max(0, Math.floor(grid.scrollTop / LINE) - SPARE);
    const last = Math.min(order.length, Math.ceil((grid.scrollTop + (grid.clientHeight || 432)) / LINE) + SPARE);
    for (const [at, node] of live) {
      if (at < first || at >= last) {
        node.remove();
        live.delete(at);
      }
    }
    for (let at = first; at < last; at += 1) {
      if (!live.has(at)) {
        const node = make(at);
        live.set(at, node);
        rows.append(node);
      }
    }
    const active = live.get(focus);
    for (const [at, node] of live) node.classList.toggle("active", at === focus && document.activeElement === grid);
    if (active) grid.setAttribute("aria-activedescendant", active.id);
    else grid.removeAttribute("aria-activedescendant");
  }

  // The columns that there is room for, what is the same in all rows left out first; all of them, and scrolling, where asked.
  function fitColumns() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const ranked = [...columns].sort((a, b) => a.same - b.same || RANK.indexOf(a.key) - RANK.indexOf(b.key));
    let room = grid.clientWidth - (1.6 - GAP) * rem;
    if (room <= 0) return;
    const before = columns.map((k) => k.hidden).join();
    let full = false;
    ranked.forEach((k, i) => {
      room -= k.least + GAP * rem;
      full = full || (room < 0 && i > 0);
      k.hidden = full && every.getAttribute("aria-pressed") !== "true";
    });
    every.hidden = !full;
    const kept = columns.filter((k) => !k.hidden);
    grid.style.setProperty("--columns", kept.map((k) => `minmax(${k.least}px, ${k.most}fr)`).join(" "));
    grid.style.setProperty("--least", kept.reduce((sum, k) => sum + k.least, 0) + "px");
    grid.style.setProperty("--gaps", kept.length - 1);
    if (before === columns.map((k) => k.hidden).join()) return;
    heads.forEach((h, i) => { h.hidden = columns[i].hidden; });
    for (const node of live.values()) columns.forEach((k, i) => { node.children[i].hidden = k.hidden; });
  }

  function move(to) {
    focus = Math.max(0, Math.min(order.length - 1, to));
    const y = focus * LINE;
    if (y < grid.scrollTop) grid.scrollTop = y;
    else if (y + 2 * LINE > grid.scrollTop + grid.clientHeight - 16) grid.scrollTop = y + 2 * LINE + 16 - grid.clientHeight;
    draw();
  }

  function open(at) {
    focus = at;
    chosen = order[at];
    for (const [k, node] of live) node.setAttribute("aria-selected", order[k] === chosen ? "true" : "false");
    draw();
    onOpen(chosen);
  }

  const page = () => Math.max(1, Math.floor(grid.clientHeight / LINE) - 2);
  const keys = {
    ArrowDown: () => move(focus + 1), ArrowUp: () => move(focus - 1), PageDown: () => move(focus + page()), PageUp: () => move(focus - page()),
    Home: () => move(0), End: () => move(order.length - 1), Enter: () => order.length > 0 && open(focus), " ": () => order.length > 0 && open(focus),
  };
  grid.addEventListener("keydown", (e) => {
    if (e.target !== grid || e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
    e.preventDefault();
    keys[e.key]();
  });
  grid.addEventListener("scroll", draw, { passive: true });
  grid.addEventListener("focus", draw);
  grid.addEventListener("blur", draw);
  input.addEventListener("input", update);
  box.append(el("div", { class: "bar" }, input, shown, every), grid,
    el("p", { class: "sub", text: "Pairs are client to server / server to client. Choose a row to look inside." }));
  measure(columns, total, getComputedStyle(grid));
  fitColumns();
  update();
  new ResizeObserver(() => {
    fitColumns();
    draw();
  }).observe(grid);
}
