// The ladder: two lanes, time downwards, an arrow for each segment.  Of one connection the lanes are its ends; of a
// comparison they are two points of the path.

const ROW = 23;
const CHAR = 6.1;
const FATES = { lost: ["lost", "lost on the way"], made: ["lost", "made on the way"], missed: ["soft", "not captured there"],
  alone: ["soft", "at one point"] };

function cut(text, length) {
  return text.length <= length ? text : text.slice(0, Math.max(1, length - 1)) + "\u2026";
}

function arrowHead(tone, x, y, dx, dy) {
  const l = Math.hypot(dx, dy) || 1;
  const ux = dx / l;
  const uy = dy / l;
  const p = (a, b) => (x - a * ux + b * uy).toFixed(1) + "," + (y - a * uy - b * ux).toFixed(1);
  return svg("polygon", { class: tone, points: p(0, 0) + " " + p(8, 3.4) + " " + p(8, -3.4) });
}

// rows: { from, label, tone, left, right, said, fate, gap, fold, title, frame }
function drawLadder(names, about, rows, width) {
  const narrow = width < 520;
  const left = narrow ? 62 : 92;
  const right = width - (narrow ? 46 : rows.some((r) => /ms/.test(r.right || "")) ? 110 : 70);
  const room = right - left;
  const root = svg("svg", { role: "img", class: "drawn" });
  root.setAttribute("aria-label", plural(rows.filter((r) => !r.fold).length, "segment") + " between " + names[0] + " and " + names[1]);
  const lanes = svg("g");
  root.append(lanes);
  const words = (cls, x, y, anchor, text) => svg("text", { class: cls, x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, text });
  const column = (narrow ? 26 : 40);
  names.forEach((name, k) => {
    const x = k === 0 ? left : right;
    root.append(words("name", x, 13, "middle", name));
    root.append(words("small", narrow ? (k === 0 ? 0 : width) : x, 27, narrow ? (k === 0 ? "start" : "end") : "middle", cut(about[k] || "", column)));
  });
  let y = 46;
  for (const row of rows) {
    if (row.gap) {
      root.append(svg("line", { class: "fold-line", x1: left - 30, x2: right + 30, y1: y - 4, y2: y - 4 }),
        words("fold", left - 8, y, "end", row.gap));
      y += 17;
    }
    if (row.fold) {
      root.append(words("fold", (left + right) / 2, y, "middle", cut(row.fold, Math.floor(room / 5.4))));
      y += ROW - 2;
      continue;
    }
    const a = row.from === 0 ? left : right;
    const b = row.from === 0 ? right : left;
    const mid = (a + b) / 2;
    const fate = FATES[row.fate];
    const height = ROW + (row.said ? 14 : 0);
    const g = svg("g", { class: "seg " + (row.tone || ""), "data-frame": row.frame });
    g.append(svg("rect", { x: 0, y: (y - 15).toFixed(1), width, height }));
    g.append(svg("title", { text: row.title || row.label }));
    if (row.left) g.append(words("small", left - 8, y + (row.from === 0 ? -1 : 7), "end", row.left));
    if (row.right) g.append(words("small", right + 8, y + (row.from === 0 ? 7 : -1), "start", row.right));
    if (!fate) {
      g.append(svg("line", { class: "step " + row.tone, x1: a, y1: y - 4, x2: b, y2: y + 4 }));
      g.append(arrowHead(row.tone, b, y + 4, b - a, 8));
    } else if (row.fate === "made" || row.fromMiddle) {
      g.append(svg("line", { class: "step " + fate[0], x1: mid, y1: y, x2: b, y2: y + 4 }));
      g.append(arrowHead(fate[0], b, y + 4, b - mid, 4));
    } else {
      g.append(svg("line", { class: "step " + fate[0], x1: a, y1: y - 4, x2: mid, y2: y }));
      g.append(svg("path", { class: "step " + fate[0], d: "M" + (mid - 5) + " " + (y - 5) + "l10 10m0 -10l-10 10" }));
    }
    g.append(words("label", mid, y - 5, "middle", cut(row.label + (fate ? " \u00b7 " + fate[1] : ""), Math.floor(room / CHAR))));
    if (row.said) g.append(words(row.tone === "lost" ? "said bad-word" : "said", mid, y + 16, "middle", cut(row.said, Math.floor(room / 5.5))));
    root.append(g);
    y += height;
  }
  const bottom = y + 2;
  for (const x of [left, right]) lanes.append(svg("line", { class: "lane", x1: x, x2: x, y1: 34, y2: bottom }));
  root.setAttribute("viewBox", "0 0 " + width + " " + bottom);
  return root;
}

// -------------------------------------------------------------------- one connection

const WAIT_MS = 200;
const MOST_ROWS = 400;

function segmentRow(told, i) {
  const s = told.segments;
  const w = (list) => (list[i] >= 0 ? told.words[list[i]] : "");
  const flags = w(s.flags);
  const verdict = w(s.verdict);
  const label = w(s.label);
  const tone = verdict === "resent" ? "lost" : /RST/.test(flags) ? "reset" : /zero window(?! probe)/.test(label) || verdict ? "zero"
    : s.from[i] === 0 ? "up" : "down";
  const bare = flags.replace(/\bPSH ?/, "").trim();
  const parts = [];
  if (w(s.says)) parts.push(w(s.says));
  if (!(bare === "ACK" && s.bytes[i] > 0)) parts.push(bare === "ACK" && s.ack[i] >= 0 ? "ACK " + count(s.ack[i]) : bare);
  if (s.bytes[i] > 0) parts.push(bytes(s.bytes[i]) + (w(s.says) ? "" : " of data"));
  const said = [];
  if (w(s.why)) said.push(w(s.why));
  else if (label && label !== "window update") said.push(label);
  if (s.wait[i] !== null && s.wait[i] >= WAIT_MS) said.push("after " + duration(s.wait[i]) + " of waiting for the " + (s.from[i] ? "server" : "client"));
  return {
    from: s.from[i], label: parts.join(", "), tone, said: said.join("; "), frame: s.frame[i],
    left: s.t[i] === null ? "" : duration(s.t[i]), right: "#" + s.frame[i],
    title: ["frame " + s.frame[i] + ": " + (s.from[i] ? "server" : "client") + ", " + flags, "seq " + s.seq[i] + (s.ack[i] >= 0 ? ", ack " + s.ack[i] : "")
      + ", window " + s.window[i], label, w(s.why), w(s.says)].filter(Boolean).join("\n"),
  };
}

// What a ladder shows of a connection; the rest is folded into lines that say how much it is.
function isTelling(told, i, n) {
  const s = told.segments;
  const w = (list) => (list[i] >= 0 ? told.words[list[i]] : "");
  const label = w(s.label);
  return i < 6 || i >= n - 4 || /SYN|FIN|RST/.test(w(s.flags)) || w(s.verdict) !== "" || w(s.says) !== ""
    || (label !== "" && !/window update|duplicate ack #([4-9]|\d\d)/.test(label)) || (s.wait[i] !== null && s.wait[i] >= WAIT_MS);
}

function ladderRows(told) {
  const s = told.segments;
  const n = s.t.length;
  const rows = [];
  const skips = new Map();
  for (const k of s.skipped) skips.set(k.before, k);
  let fold = null;
  let last = null;
  const flush = () => {
    if (!fold) return;
    if (fold.segments === 1 && fold.only >= 0) {        // no longer than the line that would stand for it
      rows.push(segmentRow(told, fold.only));
      fold = null;
      return;
    }
    const data = [fold.up ? bytes(fold.up) + " from the client" : "", fold.down ? bytes(fold.down) + " from the server" : ""].filter(Boolean);
    rows.push({ fold: plural(fold.segments, "segment") + (data.length ? ", " + data.join(", ") : ""), folded: fold.segments });
    fold = null;
  };
  const add = (segments, up, down, only) => {
    fold = fold || { segments: 0, up: 0, down: 0, only };
    fold.segments += segments;
    fold.up += up;
    fold.down += down;
  };
  let kept = 0;
  for (let i = 0; i < n; i += 1) {
    const k = skips.get(i);
    if (k) add(k.segments, k.up, k.down, -1);
    if (isTelling(told, i, n) && (kept < MOST_ROWS || i >= n - 4)) {
      flush();
      const row = segmentRow(told, i);
      const gap = last !== null && s.t[i] !== null ? s.t[i] - last : 0;
      if (gap >= 100) row.gap = duration(gap) + " \u2193";
      rows.push(row);
      kept += 1;
    } else {
      add(1, s.from[i] === 0 ? s.bytes[i] : 0, s.from[i] === 1 ? s.bytes[i] : 0, i);
    }
    if (s.t[i] !== null) last = s.t[i];
  }
  const k = skips.get(n);
  if (k) add(k.segments, k.up, k.down, -1);
  flush();
  return rows;
}

function ladderOf(told, width) {
  const rows = ladderRows(told);
  const drawn = drawLadder(["client", "server"], [told.client, told.server], rows, width);
  drawn.dataset.shown = rows.filter((r) => !r.fold).length;
  drawn.dataset.folded = rows.reduce((sum, r) => sum + (r.folded || 0), 0);
  return drawn;
}

// ------------------------------------------------------------------------ two points

function pointRows(ladder) {
  const rows = [];
  let last = null;
  for (const step of ladder.steps) {
    const first = step.from === 0 ? 0 : 1;
    const times = step.at.filter((t) => t !== null);
    const begin = Math.min(...times);
    const text = (k) => (step.at[k] === null ? "" : step.at[k].toFixed(1) + " ms");
    const row = {
      from: step.from, label: step.label, tone: step.from === 0 ? "up" : "down", left: text(0), right: text(1),
      fate: step.fate === "both" ? undefined : step.fate || "alone", fromMiddle: step.at[first] === null,
      title: [step.label, ...step.frames.map((f, k) => (f === null ? "" : ladder.names[k] + ": frame " + f + ", " + text(k)))].filter(Boolean).join("\n"),
    };
    if (last !== null && begin - last >= 100) row.gap = duration(begin - last) + " \u2193";
    last = Math.max(last === null ? begin : last, ...times);
    rows.push(row);
  }
  return rows;
}

// Put into a box, and drawn again when its width changes.
function placeLadder(box, draw) {
  let width = 0;
  const again = () => {
    const now = Math.max(300, Math.min(860, Math.floor(box.clientWidth) || 0));
    if (now === width || !box.clientWidth) return;
    width = now;
    box.replaceChildren(draw(width));
  };
  new ResizeObserver(again).observe(box);
  again();
}
