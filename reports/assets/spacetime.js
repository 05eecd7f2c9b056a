// Draws who said what to whom: a lane for each client and node, time downwards, a
// line for each moment at which something happened, so that nothing overlaps. The
// table below it holds all text and all numbers.

class Spacetime {
  constructor(box) {
    this.box = box;
    this.lanes = box.dataset.lanes.split("\n");
    this.rows = [...document.getElementById(box.dataset.table).tBodies[0].rows].map((r) => {
      const [when, from, to, kind, text, , way] = [...r.cells].map((c) => c.textContent);
      return { when, from, to, kind, text, way, lost: r.classList.contains("lost"), what: r.classList[0], at: Number(r.dataset.at), end: Number(r.dataset.end ?? r.dataset.at) };
    });
    this.off = new Set(); // kinds and lanes that are not shown
    this.box.hidden = false;
    this.addFilters();
    this.scroll = document.createElement("div");
    this.scroll.className = "scroll space";
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute("role", "region");
    this.scroll.setAttribute("aria-label", "Space-time diagram; the table below says the same");
    this.box.append(this.scroll);
    this.draw();
  }

  addFilters() {
    const kinds = new Map();
    for (const r of this.rows) if (r.what === "message") kinds.set(r.kind, (kinds.get(r.kind) ?? 0) + 1);
    this.addFilter("messages", [...kinds].map(([kind, n]) => ["kind " + kind, `${kind} (${n})`]));
    this.addFilter("who", this.lanes.map((lane) => ["lane " + lane, lane]));
  }

  addFilter(name, choices) {
    const set = document.createElement("fieldset"), legend = document.createElement("legend");
    legend.textContent = name;
    set.append(legend);
    for (const [key, text] of choices) {
      const label = document.createElement("label"), input = document.createElement("input");
      input.type = "checkbox";
      input.checked = true;
      input.addEventListener("change", () => {
        input.checked ? this.off.delete(key) : this.off.add(key);
        this.draw();
      });
      label.append(input, " " + text);
      set.append(label);
    }
    this.box.append(set);
  }

  shown(r) {
    if (r.what === "message" && this.off.has("kind " + r.kind)) return false;
    return !this.off.has("lane " + r.from) && !(r.to && this.off.has("lane " + r.to));
  }

  draw() {
    const rows = this.rows.filter((r) => this.shown(r)), lanes = this.lanes.filter((l) => !this.off.has("lane " + l));
    const moments = [...new Set(rows.flatMap((r) => [r.at, r.end]))].sort((a, b) => a - b);
    const line = new Map(moments.map((t, i) => [t, i])), high = 20, top = 34, left = 118;
    const each = Math.max(120, (this.box.clientWidth - left - 60) / Math.max(lanes.length, 1));
    const width = left + each * lanes.length, height = top + high * (moments.length + 1);
    const x = new Map(lanes.map((l, i) => [l, left + each * (i + 0.4)])), y = (t) => top + high * (line.get(t) + 0.5);
    const svg = this.node("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "space-drawing", "aria-hidden": "true" });
    for (const l of lanes) {
      this.node("path", { class: "lane", d: `M${x.get(l)} ${top}V${height}` }, svg);
      this.node("text", { class: "name", x: x.get(l), y: 20, "text-anchor": "middle" }, svg, l);
    }
    for (const r of rows) {
      if (r.what === "message") this.drawMessage(svg, r, x.get(r.from), y(r.at), x.get(r.to), y(r.end));
      else this.node("circle", { class: "point " + r.what, cx: x.get(r.from), cy: y(r.at), r: 4.5 }, svg);
    }
    let last = "";
    for (const r of rows) {
      if (r.when !== last) this.node("text", { class: "when", x: left - 28, y: y(r.at) + 4, "text-anchor": "end" }, svg, r.when);
      last = r.when;
    }
    for (const group of this.wordsAt(rows)) {
      let shift = 0;
      for (const [text, about] of group) {
        const n = about.length, shown = n > 1 ? `${text} ×${n}` : text, r = about[0];
        const word = this.node("text", { class: "word " + r.what, x: x.get(r.from) + 7 + shift, y: y(r.at) + 4 }, svg, shown);
        this.node("title", {}, word, about.map((r) => `${r.when} ${r.from}${r.to ? " → " + r.to : ""}: ${r.kind} ${r.text} ${r.way}`).join("\n"));
        shift += shown.length * 6.7 + 12;
      }
    }
    this.scroll.replaceChildren(svg);
  }

  // wordsAt gathers what is written at a moment in a lane: several things share a
  // line, and equal words are counted.
  wordsAt(rows) {
    const places = new Map(), sign = { crash: "⚡ ", step: "", op: "● ", message: "" };
    for (const r of rows) {
      const place = r.from + " " + r.at, text = sign[r.what] + (r.what === "op" ? `${r.kind} ${r.text}` : r.kind).slice(0, 44);
      if (!places.has(place)) places.set(place, new Map());
      const words = places.get(place);
      words.set(text, [...words.get(text) ?? [], r]);
    }
    return places.values();
  }

  // drawMessage draws an arrow; one that was lost ends half-way in a cross.
  drawMessage(svg, r, x1, y1, x2, y2) {
    const lost = r.lost, ex = lost ? x1 + (x2 - x1) * 0.55 : x2, ey = lost ? y1 + Math.max(y2 - y1, 12) * 0.55 : y2;
    const long = Math.hypot(ex - x1, ey - y1) || 1, ux = (ex - x1) / long, uy = (ey - y1) / long;
    const head = lost ? `M${ex - 5} ${ey - 5}l10 10m0 -10l-10 10` : `M${ex - 9 * ux + 4 * uy} ${ey - 9 * uy - 4 * ux}L${ex} ${ey}L${ex - 9 * ux - 4 * uy} ${ey - 9 * uy + 4 * ux}`;
    this.node("path", { class: "arrow" + (lost ? " lost" : "") + (r.kind === "request" || r.kind === "answer" ? " client" : ""), d: `M${x1} ${y1}L${ex} ${ey}${head}` }, svg);
  }

  node(name, attributes, parent, text) {
    const e = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    if (parent) parent.append(e);
    return e;
  }
}

for (const box of document.querySelectorAll(".spacetime")) new Spacetime(box);
