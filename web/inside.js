// One connection from the inside: which, its ladder, its time-sequence graph.

// deps: { told, capture, ask } -- 'ask' (in a host that can) gets what is not there yet.
function insidePanel(box, told, data, ask) {
  const select = el("select", { "aria-label": "Which connection" });
  const head = el("div", { class: "bar" });
  const body = el("div", { class: "inside" });
  box.append(head, body);
  let current = -1;

  function options() {
    select.replaceChildren(...told.map((t, i) => el("option", { value: i, text: t.client + " \u2192 " + t.server
      + (t.number ? " (no. " + t.number + ")" : "") })));
    head.replaceChildren(...(told.length > 1 ? [el("label", { class: "sub", text: "Connection " }, select)] : []));
  }

  function show(i) {
    current = i;
    select.value = String(i);
    const t = told[i];
    const ladder = el("div", { class: "ladder" });
    const graph = el("div", { class: "chart" });
    const bar = el("div", { class: "bar" });
    // whose data is drawn first: who sent most of it, else who sent anything
    const sent = (of, what) => t.segments.bytes.reduce((sum, b, k) => sum + (t.segments.from[k] === of ? what(b) : 0), 0);
    const more = sent(1, Number) - sent(0, Number);
    let side = more > 0 || (more === 0 && sent(0, () => 1) === 0) ? 1 : 0;
    const sides = ["Client's data", "Server's data"].map((name, k) => el("button", { type: "button", text: name, on: { click: () => { side = k; draw(); } } }));
    const draw = () => {
      graph.replaceChildren();
      const zoom = sequenceChart(graph, t, side);
      sides.forEach((b, k) => b.setAttribute("aria-pressed", k === side ? "true" : "false"));
      bar.replaceChildren(...sides, el("span", { class: "grow" }), zoom || "");
    };
    const keys = el("p", { class: "key" }, ...[["up", "client"], ["down", "server"], ["lost", "sent again"], ["reset", "reset"],
      ["zero", "closed window, overtaken, doubled"]].map(([tone, text]) => el("span", null, el("i", { class: tone }), text)));
    body.replaceChildren(
      el("h3", { text: t.client + " \u2192 " + t.server }),
      el("p", { class: "sub", text: t.about + (t.application ? " " + t.application + "." : "") }),
      keys,
      el("div", { class: "ladder-scroll", tabindex: 0, role: "region", "aria-label": "Ladder of " + t.client }, ladder),
      el("h3", { text: "Time-sequence graph" }),
      el("p", { class: "sub", text: "Sequence numbers over time: bars are segments (R: sent again), the line below is what was "
        + "acknowledged, the dashed one the window's end; violet bars are what SACK reports. Drag to zoom." }),
      bar, graph);
    placeLadder(ladder, (width) => ladderOf(t, width));
    draw();
  }

  // A row that was not read once more: how to see it.
  function offer(client, server, frame) {
    const [, ip, port] = /^\[?(.*?)\]?:(\d+)$/.exec(server) || [null, server, ""];
    const command = "mcpcap connection " + data.capture + " " + ip + " " + port + " --client " + client;
    const line = el("pre", { text: command });
    const status = el("p", { class: "sub", role: "status" });
    const button = ask ? el("button", { type: "button", text: "Show its segments", on: { click: async () => {
      status.textContent = "Asking\u2026";
      const got = await ask(client, ip, Number(port), frame);
      if (typeof got === "string") status.textContent = got;
      else {
        told.push(got);
        options();
        show(told.length - 1);
      }
    } } }) : null;
    current = -1;
    body.replaceChildren(el("h3", { text: client + " \u2192 " + server }),
      el("p", { class: "sub", text: "This connection is not among those that were read segment by segment for this page"
        + (frame ? " (its first frame: " + frame + ")." : ".") }),
      button || el("div", { class: "filter" }, line, copyButton(command, "command")), status);
  }

  const api = {
    told,
    open(client, server, frame) {
      const i = told.findIndex((t) => t.client === client && t.server === server && (!frame || t.frame === frame));
      if (i >= 0) show(i);
      else offer(client, server, frame);
      box.closest("section").scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    },
    has(frame) { return told.findIndex((t) => t.segments.frame.includes(frame)); },
    find(frame) {
      const i = api.has(frame);
      if (i < 0) return;
      if (i !== current) show(i);
      requestAnimationFrame(() => {
        body.querySelectorAll(".seg.found").forEach((g) => g.classList.remove("found"));
        const g = body.querySelector('.seg[data-frame="' + frame + '"]');
        box.closest("section").scrollIntoView({ block: "start" });
        if (g) {
          g.classList.add("found");
          const pane = body.querySelector(".ladder-scroll");
          pane.scrollTop += g.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 2;
          pane.focus({ preventScroll: true });
          tell("Frame " + frame + " is marked in the ladder");
        }
      });
    },
  };
  select.addEventListener("change", () => show(Number(select.value)));
  options();
  if (told.length > 0) show(0);
  else body.replaceChildren(el("p", { class: "sub", text: "Choose a connection in the table." }));
  return api;
}
