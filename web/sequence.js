// The time-sequence graph of one connection, as tcptrace draws it: segments, acknowledgements, window, SACK.

function sequenceData(segments, side) {
  const own = [];
  const acks = [];
  const order = segments.t.map((t, i) => i).filter((i) => segments.t[i] !== null).sort((a, b) => segments.t[a] - segments.t[b] || a - b);
  for (const i of order) {
    if (segments.from[i] === side) own.push(i);
    else if (segments.ack[i] >= 0) acks.push(i);
  }
  return { order, own, acks };
}

// Draws the data that 'side' sent (0: client).  Returns what zooms; box.dataset.marks counts what was drawn.
function sequenceChart(box, told, side) {
  const s = told.segments;
  const { order, own, acks } = sequenceData(s, side);
  if (own.length + acks.length === 0) {
    const who = side === 0 ? "client" : "server";
    box.dataset.marks = JSON.stringify({ segments: 0, resent: 0, sack: 0 });
    box.append(el("p", { class: "note", text: "Nothing to draw: no segment of the " + who + " is here, and none that acknowledges one." }));
    return null;
  }
  const flags = (i) => told.words[s.flags[i]] || "";
  const word = (i, list) => (list[i] >= 0 ? told.words[list[i]] : "");
  const xs = order.map((i) => s.t[i] / 1000);
  const ackAt = new Map(acks.map((i) => [i, s.ack[i]]));
  const ackLine = order.map((i) => (ackAt.has(i) ? s.ack[i] : null));
  const windowLine = order.map((i) => (ackAt.has(i) && s.window[i] >= 0 && !/RST/.test(flags(i)) ? s.ack[i] + s.window[i] : null));
  const verdict = (i) => word(i, s.verdict);
  // a reset may have any number: what is far from all data would leave nothing else to see
  const isBare = (i) => s.bytes[i] === 0 && /RST/.test(flags(i));
  const tops = own.map((i) => s.seq[i] + s.bytes[i]);
  const base = Math.max(1, ...tops.filter((v, k) => !isBare(own[k])), ...acks.map((i) => s.ack[i]));
  const most = Math.max(base, ...tops.filter((v) => v <= 4 * base));
  const end = Math.max(xs[xs.length - 1] || 0, 0.001);
  const high = Math.max(most * 1.1, Math.min(most * 1.6, Math.max(0, ...windowLine.filter((v) => v !== null)) * 1.05));
  const all = { x: [-end * 0.01, end * 1.02], y: [-most * 0.03, high] };
  const tone = (i) => (verdict(i) === "resent" ? "lost" : verdict(i) === "reordered" || verdict(i) === "duplicated" ? "zero"
    : /RST/.test(flags(i)) ? "reset" : /SYN|FIN/.test(flags(i)) ? "ink" : side === 1 ? "down" : "up");
  const draw = (u) => {
    const ctx = u.ctx;
    const dpr = devicePixelRatio;
    const marks = { segments: 0, resent: 0, sack: 0 };
    const X = (t) => u.valToPos(t / 1000, "x", true);
    const Y = (v) => u.valToPos(v, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.font = 10 * dpr + "px system-ui, sans-serif";
    ctx.textAlign = "center";
    ctx.strokeStyle = color("p1");
    ctx.lineWidth = 2 * dpr;
    for (const i of acks) {
      const blocks = s.sack[String(i)];
      if (!blocks) continue;
      for (let k = 0; k + 1 < blocks.length; k += 2) {
        ctx.beginPath();
        ctx.moveTo(X(s.t[i]), Y(blocks[k]));
        ctx.lineTo(X(s.t[i]), Y(blocks[k + 1]));
        ctx.stroke();
        marks.sack += 1;
      }
    }
    for (const i of own) {
      const x = X(s.t[i]);
      const from = Y(s.seq[i]);
      const to = Y(s.seq[i] + s.bytes[i]);
      marks.segments += 1;
      ctx.strokeStyle = ctx.fillStyle = color(tone(i));
      ctx.lineWidth = (verdict(i) ? 3 : 2) * dpr;
      if (s.bytes[i] > 0) {
        ctx.beginPath();
        ctx.moveTo(x, from);
        ctx.lineTo(x, Math.min(to, from - dpr));
        ctx.stroke();
        ctx.fillRect(x - 2.5 * dpr, to - dpr / 2, 5 * dpr, 1.5 * dpr);
        ctx.fillRect(x - 2.5 * dpr, from - dpr / 2, 5 * dpr, 1.5 * dpr);
      }
      if (verdict(i) === "resent") {
        marks.resent += 1;
        ctx.fillText("R", x, Math.min(to, from) - 4 * dpr);
      } else if (/SYN|FIN|RST/.test(flags(i))) {
        mark(ctx, "square", x, from, 3 * dpr);
        ctx.fillText(flags(i).replace(/ ?(ACK|PSH)/g, ""), x, from - 7 * dpr);
      }
    }
    ctx.restore();
    box.dataset.marks = JSON.stringify(marks);
  };
  const tip = el("div", { class: "tip", hidden: true });
  const nearest = (u) => {
    const { left, top } = u.cursor;
    if (left === null || left < 0) {
      tip.hidden = true;
      return;
    }
    let best = null;
    let least = 18 * 18;
    for (const i of own.concat(acks)) {
      const dx = u.valToPos(s.t[i] / 1000, "x") - left;
      const at = s.from[i] === side ? s.seq[i] + s.bytes[i] / 2 : s.ack[i];
      const half = s.from[i] === side ? Math.abs(u.valToPos(s.seq[i], "y") - u.valToPos(s.seq[i] + s.bytes[i], "y")) / 2 : 0;
      const dy = Math.max(0, Math.abs(u.valToPos(at, "y") - top) - half);
      if (dx * dx + dy * dy < least) {
        least = dx * dx + dy * dy;
        best = i;
      }
    }
    if (best === null) {
      tip.hidden = true;
      return;
    }
    tip.textContent = ["frame " + s.frame[best] + ", " + duration(s.t[best]), (s.from[best] === 0 ? "client: " : "server: ") + flags(best)
      + (s.bytes[best] ? ", " + bytes(s.bytes[best]) : ""), "seq " + count(s.seq[best]) + (s.ack[best] >= 0 ? ", ack " + count(s.ack[best]) : ""),
    word(best, s.label), word(best, s.why), word(best, s.says)].filter(Boolean).join("\n");
    tip.hidden = false;
    const x = u.over.offsetLeft + left;
    const right = x > u.width / 2;
    tip.style.left = right ? "auto" : x + 14 + "px";
    tip.style.right = right ? u.width - x + 14 + "px" : "auto";
    tip.style.top = Math.max(0, top - 10) + "px";
  };
  const u = fitted(box, (w, h) => new uPlot({
    width: w, height: h, pxAlign: false,
    cursor: { drag: { x: true, y: true, uni: 30 }, points: { show: false } },
    scales: { x: { time: false, range: (self, min, max) => [min, max] }, y: { range: (self, min, max) => [min, max] } },
    axes: [axis((self, vs) => timeTicks(vs.map((v) => v * 1000)).map((text, i) => (vs[i] < 0 ? "" : text)), { size: 34, space: 70 }),
      axis((self, vs) => wholeTicks(vs, BYTES).map((text, i) => (vs[i] < 0 ? "" : text)), { size: 66 })],
    series: [
      { label: "after", value: (self, v) => (v === null ? "\u2013" : duration(v * 1000)) },
      { label: "acknowledged", stroke: () => color("p4"), width: 1.5, spanGaps: true, paths: uPlot.paths.stepped({ align: 1 }),
        points: { show: false }, value: (self, v) => (v === null ? "\u2013" : count(v)) },
      { label: "window's end", stroke: () => color("p9"), width: 1.5, dash: [5, 3], spanGaps: true,
        paths: uPlot.paths.stepped({ align: 1 }), points: { show: false }, value: (self, v) => (v === null ? "\u2013" : count(v)) },
    ],
    hooks: { draw: [draw], setCursor: [nearest] },
  }, [xs, ackLine, windowLine], box), 340);
  const whole = () => {
    u.batch(() => {
      u.setScale("x", { min: all.x[0], max: all.x[1] });
      u.setScale("y", { min: all.y[0], max: all.y[1] });
    });
  };
  whole();
  box.append(tip);
  box.addEventListener("mouseleave", () => { tip.hidden = true; });
  const zoom = controls(u, box, () => all.x, "Time-sequence graph of " + (side === 0 ? "the client's" : "the server's") + " data", whole);
  return zoom;
}
