// Puts the drawings where the page has the figures.

function section(id, title, behind) {
  let node = document.getElementById(id);
  if (!node) {
    node = el("section", { id }, el("h2", { text: title }));
    behind(node);
  }
  return node;
}

// What stands below the heading gives way on the screen, and is there in print and where no script runs.
function giveWay(node) {
  for (const child of [...node.children].slice(1)) {
    if (!child.matches("details.figures, details")) child.classList.add("static");
  }
}

function decorate(root, inside) {
  for (const dd of root.querySelectorAll(".filter")) {
    // of a comparison: the point in front of its filter is no part of it
    const filter = dd.querySelector("code").textContent.replace(/^[^:"; ]+: (?!.*; \S+: )/, "");
    if (!dd.querySelector("button")) dd.append(copyButton(filter, "display filter"));
  }
  if (!inside) return;
  for (const dt of root.querySelectorAll(".findings dt")) {
    if (dt.textContent !== "Frames") continue;
    const dd = dt.nextElementSibling;
    const parts = dd.textContent.split(", ").map((text) => {
      const frame = Number(text);
      return inside.has(frame) < 0 ? text : el("button", { type: "button", class: "frame", text, "aria-label": "Show frame " + text + " in its ladder",
        on: { click: () => inside.find(frame) } });
    });
    dd.replaceChildren(...parts.flatMap((part, i) => (i === 0 ? [part] : [", ", part])));
  }
}

function draw(main, data, ask) {
  const after = (id) => (node) => {
    const place = document.getElementById(id);
    if (place) place.after(node);
    else main.append(node);
  };
  if (data.timeline) {
    const node = section("timeline", "Timeline", after("findings"));
    giveWay(node);
    node.querySelector("h2").textContent = hasPayload(data.timeline) ? "Throughput over time" : "Packets over time";
    const box = el("div", { class: "chart" });
    node.querySelector("h2").after(el("div", { class: "instead" }, box));
    timelineChart(box, data.timeline);
  }
  for (const ladder of data.ladders || []) {
    const node = document.getElementById(ladder.id);
    const box = node && node.querySelector(".drawing");
    if (!box) continue;
    const inner = el("div", { class: "ladder" });
    box.append(el("div", { class: "ladder-scroll", tabindex: 0, role: "region", "aria-label": "Ladder between the two points" }, inner));
    placeLadder(inner, (width) => drawLadder(ladder.names, ladder.about, pointRows(ladder), width));
  }
  let inside = null;
  if (data.told || data.connections) {
    const node = section("inside", data.connections ? "Connections from the inside" : "Ladder and time-sequence graph",
      data.connections ? after("timeline") : after("connection"));
    const box = el("div");
    node.append(box);
    inside = insidePanel(box, data.told || [], data, ask);
  }
  if (data.connections) {
    const node = section("connections", "Connections", after("inside"));
    giveWay(node);
    node.querySelector("h2").textContent = "Connections";
    const box = el("div", { class: "instead" });
    node.append(box);
    const c = data.connections;
    connectionTable(box, c, (i) => inside.open(c.client[i], c.words[c.server[i]], c.frame[i]));
    const insideSection = document.getElementById("inside");
    node.after(insideSection);
  }
  if (data.spreads) {
    const node = section("spreads", "Round trips and answer times", after(document.getElementById("latency") ? "latency" : "timeline"));
    const box = el("div", { class: "chart" });
    node.append(box);
    spreadChart(box, data.spreads);
  }
  decorate(main, inside);
}

function begin() {
  const data = JSON.parse(document.getElementById("mcpcap-data").textContent);
  const main = document.querySelector("main");
  document.documentElement.classList.add("live");
  document.body.append(teller);
  watchColors();
  if (data.app) runApp(main);
  else draw(main, data, null);
  document.documentElement.dataset.ready = "yes";
}

begin();
