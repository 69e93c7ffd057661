// The page as an MCP App: a host gives the tool's result by messages (JSON-RPC 2.0 over postMessage).

const UI_VERSION = "2026-01-26";

// ---------------------------------------------------- the report, from the outline of the server

const kinds = {
  findings(node, s) {
    if (s.items.length === 0) {
      node.append(el("p", { text: s.empty }));
      return;
    }
    const fact = (dl, name, value) => { if (value) dl.append(el("dt", { text: name }), el("dd", { text: value })); };
    node.append(el("ol", { class: "findings" }, ...s.items.map((item) => {
      const dl = el("dl");
      if (item.facts && item.facts.length) dl.append(el("dt", { text: "Evidence" }), el("dd", null, el("ul", null, ...item.facts.map((text) => el("li", { text })))));
      fact(dl, "But", item.against);
      fact(dl, "To settle", item.settle);
      fact(dl, "Frames", item.frames);
      if (item.filter) dl.append(el("dt", { text: "Filter" }), el("dd", { class: "filter" }, el("code", { text: item.filter })));
      fact(dl, "Holds", item.filter_note);
      return el("li", { class: item.tone }, el("p", { class: "chips" }, el("span", { class: "chip tone", text: item.severity }),
        item.side ? el("span", { class: "chip", text: item.side }) : null,
        item.confidence ? el("span", { class: "chip quiet", text: "confidence " + item.confidence }) : null), el("p", { class: "what", text: item.text }), dl);
    })));
  },
  table(node, s) {
    const body = el("tbody");
    for (const row of s.rows) {
      body.append(el("tr", { class: row.note ? "has-why" : null }, ...s.columns.map((column, i) => {
        const value = String(row.cells[i] === undefined ? "" : row.cells[i]);
        return i === 0 ? el("th", { scope: "row", class: /^ {2}/.test(value) ? "sum" : null, text: value.trim() })
          : el("td", { class: column.right ? "r" : null, text: value });
      })));
      if (row.note) body.append(el("tr", null, el("td", { class: "why", colspan: s.columns.length, text: row.note })));
    }
    node.append(el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": s.title }, el("table", null,
      el("thead", null, el("tr", null, ...s.columns.map((c) => (c.title ? el("th", { scope: "col", class: c.right ? "r" : null, text: c.title }) : el("td"))))), body)));
    if (s.caption) node.append(el("p", { class: "sub", text: s.caption }));
  },
  facts(node, s) {
    node.append(el("dl", null, ...s.items.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])));
  },
  command(node, s) { node.append(el("pre", { text: s.text })); },
  shares(node, s) {
    for (const item of s.items) {
      let x = 0;
      const bar = svg("svg", { class: "share", viewBox: "0 0 1000 20", preserveAspectRatio: "none", "aria-hidden": "true" });
      for (const part of item.parts) {
        bar.append(svg("rect", { class: part.class, x, y: 0, width: Math.max(2, part.share * 1000), height: 20 }));
        x += part.share * 1000;
      }
      node.append(el("div", { class: "whole" }, el("h3", { text: item.label + " " }, el("span", { class: "sub", text: item.about })), bar,
        el("ul", { class: "parts" }, ...item.parts.map((part) => el("li", null, svg("svg", { class: "dot", viewBox: "0 0 10 10", "aria-hidden": "true" },
          svg("rect", { class: part.class, width: 10, height: 10, rx: 2 })), part.name + " ", el("b", { text: part.text }))))));
    }
  },
  ladder(node) { node.append(el("div", { class: "drawing" })); },
  timeline() {},
};

function renderOutline(main, o) {
  main.replaceChildren(el("header", null, el("h1", { text: o.title }), o.subtitle ? el("p", { class: "sub", text: o.subtitle }) : null),
    el("section", { class: "verdict " + o.tone, "aria-label": "Verdict" },
      o.whose ? el("p", { class: "whose", text: "Points to: " }, el("b", { text: "the " + o.whose.side }), o.whose.confidence ? ", confidence " + o.whose.confidence : "") : null,
      ...o.verdict.map((text) => el("p", { text })),
      o.whose && o.whose.settle ? el("p", { class: "next" }, el("b", { text: "To settle it:" }), " " + o.whose.settle) : null),
    ...o.warnings.map((text) => el("p", { class: "note", text })));
  for (const s of o.sections) {
    const node = el("section", { id: s.id }, el("h2", { text: s.title }));
    main.append(node);
    kinds[s.kind](node, s);
  }
}

// Where only the structured answer comes through: what can be said with it.
function outlineOf(result) {
  const analysis = result.analysis || {};
  const tones = { error: "bad", warning: "warning" };
  const findings = (analysis.findings || []).map((f) => ({
    severity: String(f.severity || "notice"), tone: tones[f.severity] || "notice", side: f.side, confidence: f.confidence, text: String(f.text || f.id || ""),
    facts: Object.entries((f.evidence && f.evidence.counts) || {}).filter(([, v]) => v).map(([k, v]) => k.replace(/_/g, " ") + " " + v),
    against: ((f.evidence && f.evidence.counter_evidence) || []).join("; "), settle: f.settle,
    frames: ((f.evidence && f.evidence.frames) || []).join(", "), filter: f.evidence && f.evidence.display_filter,
  }));
  const worst = (analysis.findings || [])[0];
  const points = worst && tones[worst.severity];
  return {
    title: String(result.server || "server") + " in " + String(result.file || "a capture"), subtitle: "", tone: points || "good",
    whose: points && worst.side ? { side: worst.side, confidence: worst.confidence } : null, verdict: [String(analysis.interpretation || result.interpretation || "")],
    warnings: [], sections: [{ id: "findings", title: "Findings", kind: "findings", items: findings, empty: "Nothing in the counts points to a fault." }],
  };
}

// ---------------------------------------------------------------------------- the messages

function runApp(main) {
  const waiting = new Map();
  let serial = 0;
  let context = {};
  let host = {};
  let input = {};
  const send = (message) => parent.postMessage(Object.assign({ jsonrpc: "2.0" }, message), "*");
  const notify = (method, params) => send({ method, params });
  const request = (method, params) => new Promise((resolve, reject) => {
    serial += 1;
    waiting.set(serial, { resolve, reject });
    send({ id: serial, method, params });
  });

  const apply = (part) => {
    context = Object.assign(context, part);
    if (context.theme === "dark" || context.theme === "light") setTheme(context.theme);
  };

  // Another connection, by the server's own tool.
  async function ask(client, ip, port, frame) {
    try {
      const wanted = { pcap_file: input.pcap_file, server_ip: ip, server_port: port, segments: 200, format: "json" };
      wanted.client = client;
      if (frame) wanted.frame = frame;       // a port may serve for several connections
      const got = await request("tools/call", { name: "show_connection", arguments: wanted });
      const page = got._meta && got._meta["mcpcap/page"];
      if (got.isError || !page || !page.told) return (got.content && got.content[0] && got.content[0].text) || "There is no such connection.";
      return page.told[0];
    } catch (e) {
      return e.message;
    }
  }

  function showResult(result) {
    redraws.clear();
    if (result.isError) {
      main.replaceChildren(el("section", { class: "verdict warning" }, ...(result.content || []).map((c) => el("p", { text: c.text || "" }))));
      return;
    }
    const page = result._meta && result._meta["mcpcap/page"];
    if (page && page.outline) {
      renderOutline(main, page.outline);
      draw(main, page, host.serverTools ? ask : null);
    } else if (result.structuredContent) {
      renderOutline(main, outlineOf(result.structuredContent));
      decorate(main, null);
    } else {
      main.replaceChildren(...(result.content || []).map((c) => el("pre", { text: c.text || "" })));
    }
    document.documentElement.dataset.shown = "yes";
  }

  const told = {
    "ui/notifications/tool-input": (p) => { input = p.arguments || {}; },
    "ui/notifications/tool-result": showResult,
    "ui/notifications/tool-cancelled": () => main.replaceChildren(el("p", { class: "note", text: "The analysis was cancelled." })),
    "ui/notifications/host-context-changed": apply,
  };
  const asked = { "ui/resource-teardown": true, ping: true };

  addEventListener("message", (event) => {
    const m = event.data;
    if (event.source !== parent || !m || m.jsonrpc !== "2.0") return;
    if (m.method === undefined && waiting.has(m.id)) {
      const { resolve, reject } = waiting.get(m.id);
      waiting.delete(m.id);
      if (m.error) reject(new Error(String(m.error.message)));
      else resolve(m.result);
    } else if (m.method !== undefined && m.id !== undefined) {
      send(asked[m.method] ? { id: m.id, result: {} } : { id: m.id, error: { code: -32601, message: "Method not found" } });
    } else if (Object.prototype.hasOwnProperty.call(told, m.method)) {
      told[m.method](m.params || {});
    }
  });

  main.replaceChildren(el("p", { class: "sub", text: "Waiting for the analysis\u2026" }));
  request("ui/initialize", { protocolVersion: UI_VERSION, appInfo: { name: "mcpcap", version: "1" }, appCapabilities: {} }).then((result) => {
    host = result.hostCapabilities || {};
    apply(result.hostContext || {});
    notify("ui/notifications/initialized", {});
    let height = 0;
    new ResizeObserver(() => {
      const now = Math.ceil(document.body.getBoundingClientRect().height);
      if (now !== height) {
        height = now;
        notify("ui/notifications/size-changed", { width: Math.ceil(document.body.clientWidth), height });
      }
    }).observe(document.body);
  }, () => {});
}
