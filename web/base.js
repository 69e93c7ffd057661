// What the parts of the page share: elements, words for numbers, colours.
// Text of a capture enters the page as text only (textContent), never as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") node.textContent = value;
    else if (key === "on") for (const [name, f] of Object.entries(value)) node.addEventListener(name, f);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function el(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

// ------------------------------------------------------------ words for numbers

function short(n) {
  return n < 9.995 ? n.toFixed(2) : n < 99.95 ? n.toFixed(1) : n.toFixed(0);
}

function scaled(n, units) {
  let i = 0;
  let v = Math.abs(n);
  while (i < units.length - 1 && v >= 999.5) {
    v /= 1000;
    i += 1;
  }
  return (i === 0 && Number.isInteger(v) ? String(v) : short(v)) + " " + units[i];
}

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB"];
const RATES = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];

function bytes(n) { return scaled(n, BYTES); }
function rate(n) { return scaled(n, RATES); }
function count(n) { return Math.round(n).toLocaleString("en-US"); }

function duration(ms) {
  if (ms === 0) return "0 ms";
  if (ms < 0.9995) return ms.toFixed(3) + " ms";
  if (ms < 999.5) return short(ms) + " ms";
  if (ms < 59950) return short(ms / 1000) + " s";
  const s = Math.round(ms / 1000);
  if (s < 3600) return Math.floor(s / 60) + " min " + String(s % 60).padStart(2, "0") + " s";
  const h = Math.floor(s / 3600);
  return h + " h " + String(Math.floor((s % 3600) / 60)).padStart(2, "0") + " min";
}

// Words for the marks of an axis: all in one unit, with no more decimals than tell them apart.
function ticks(vs, units) {
  const most = Math.max(0, ...vs.map((v) => Math.abs(v)));
  let i = 0;
  let per = 1;
  while (i < units.length - 1 && most >= per * 1000) {
    per *= 1000;
    i += 1;
  }
  let decimals = 0;
  while (decimals < 6 && vs.some((v) => Math.abs(v / per - Number((v / per).toFixed(decimals))) > 1e-7)) decimals += 1;
  return vs.map((v) => (v === 0 ? "0" : (Math.abs(v) / per).toFixed(decimals) + (units[i] ? " " + units[i] : "")));
}

// The same of what has no halves.
function wholeTicks(vs, units) {
  const whole = vs.filter(Number.isInteger);
  const texts = ticks(whole, units);
  return vs.map((v) => (Number.isInteger(v) ? texts[whole.indexOf(v)] : ""));
}

// The steps of a logarithmic axis; where it begins is a step only if nothing else is there.
function logTicks(vs) {
  const round = (v) => { const m = v / Math.pow(10, Math.floor(Math.log10(v) + 1e-9)); return Math.abs(m - Math.round(m)) < 1e-6; };
  const some = vs.some((v) => v !== null && round(v));
  return vs.map((v) => (v === null || (some && !round(v)) ? "" : timeTicks([Number(v.toPrecision(3))])[0]));
}

function timeTicks(vs) {
  return Math.max(0, ...vs) < 600000 ? ticks(vs, ["ms", "s"]) : vs.map((v) => (v === 0 ? "0" : duration(v).replace(/ 00 (s|min)$/, "")));
}

function plural(n, noun) { return count(n) + " " + noun + (n === 1 ? "" : "s"); }

// ------------------------------------------------------------------------ colours

// Read anew for each drawing: the page may turn dark, or be printed.
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim() || "#000";
}

const redraws = new Set();

function redrawAll() {
  for (const f of redraws) f();
}

function watchColors() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  matchMedia("print").addEventListener("change", redrawAll);
  addEventListener("beforeprint", redrawAll);
  addEventListener("afterprint", redrawAll);
}

// The colours of the whole page, where a host says which.
function setTheme(theme) {
  document.documentElement.classList.toggle("dark", theme === "dark");
  document.documentElement.classList.toggle("light", theme === "light");
  redrawAll();
}

// What those hear who do not see.
const teller = el("div", { class: "hidden-words", role: "status", "aria-live": "polite" });
function tell(text) { teller.textContent = text; }

// ------------------------------------------------------------------------ copying

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (_) {
    const area = el("textarea", { class: "hidden-words" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function copyButton(text, what) {
  const button = el("button", { type: "button", class: "copy", text: "Copy", "aria-label": "Copy the " + what });
  button.addEventListener("click", async () => {
    const done = await toClipboard(text);
    button.textContent = done ? "Copied" : "Not allowed";
    tell(done ? "Copied" : "Copying is not allowed here");
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}
