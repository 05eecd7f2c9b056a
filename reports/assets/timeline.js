// What a reader can do to the timeline: zoom, move, point at an op, find one.

const TYPES = ["", "ok", "fail", "info"];

async function startTimeline() {
  const source = document.getElementById("timeline-data");
  if (!source) return null;
  const timeline = new Timeline(await readPayload(JSON.parse(source.textContent)));
  timeline.start();
  (window.requestIdleCallback ?? setTimeout)(() => timeline.data.bars.rest);
  return timeline;
}

// Timeline is the picture with everything that a reader can do to it.
class Timeline extends TimelinePicture {
  constructor(data) {
    super(data);
    this.tip = document.getElementById("timeline-tip");
    this.active = false; // the wheel zooms only after a click, so that the page can be scrolled past
  }

  start() {
    document.getElementById("timeline-tools").hidden = false;
    this.listWitnesses();
    this.listLanes();
    this.table = new OpTable(this);
    this.listen();
    this.readColours();
    if (this.data.witnesses.length) this.showWitness(this.data.witnesses[0].id);
    this.resize();
    this.follow();
    this.draw();
    addEventListener("hashchange", () => this.follow());
  }

  listWitnesses() {
    const select = document.getElementById("timeline-witness");
    for (const w of this.data.witnesses) select.add(new Option(w.title, w.id));
    select.hidden = this.data.witnesses.length === 0;
    select.addEventListener("change", () => { this.showWitness(select.value); this.link(); });
  }

  // listLanes offers what the history knows of: nodes and keys.
  listLanes() {
    const select = document.getElementById("timeline-by"), known = { thread: 2, node: this.data.nodes.length, key: this.data.keys.length };
    for (const [by, n] of Object.entries(known)) if (n > 1) select.add(new Option("by " + by, by));
    select.hidden = select.options.length < 2;
    select.addEventListener("change", () => { this.laneBy(select.value); this.link(); });
  }

  laneBy(by) {
    const select = document.getElementById("timeline-by");
    if (by === this.by || ![...select.options].some((o) => o.value === by)) return;
    select.value = by;
    this.arrange(by);
    this.resize();
    const shown = this.data.witnesses.find((w) => w.id === document.getElementById("timeline-witness").value);
    if (shown) this.revealWitness(shown);
  }

  // revealWitness scrolls to the first lane with an op of a witness.
  revealWitness({ ops }) {
    this.reveal(this.lanes.witness.findIndex((bars) => bars.some((i) => ops.includes(this.index[i]))));
  }

  reveal(lane) {
    if (lane >= 0) this.box.scrollTop = this.top + lane * this.laneHeight - 120;
  }

  listen() {
    const c = this.canvas;
    new ResizeObserver(() => this.resize()).observe(this.box);
    this.box.addEventListener("scroll", () => this.redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.readColours(); this.redraw(); });
    addEventListener("beforeprint", () => this.whole(true));
    addEventListener("afterprint", () => this.whole(false));
    c.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    c.addEventListener("blur", () => { this.active = false; });
    c.addEventListener("keydown", (e) => this.key(e));
    c.addEventListener("dblclick", (e) => this.zoom(0.4, this.timeAt(this.place(e).x)));
    c.addEventListener("pointerdown", (e) => this.grab(e));
    c.addEventListener("pointermove", (e) => this.move(e));
    c.addEventListener("pointerup", (e) => this.release(e));
    c.addEventListener("pointercancel", () => { this.drag = null; });
    c.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => {
        if (button.dataset.zoom === "all") this.showAll();
        else this.zoom(button.dataset.zoom === "in" ? 0.5 : 2, (this.from + this.to) / 2);
      });
    }
    document.getElementById("timeline-filter").addEventListener("input", (e) => this.filter(e.target.value));
    this.map.addEventListener("pointerdown", (e) => { this.map.setPointerCapture(e.pointerId); this.mapTo(e); });
    this.map.addEventListener("pointermove", (e) => { if (e.buttons) this.mapTo(e); });
    document.getElementById("timeline-find").addEventListener("change", (e) => {
      const text = e.target.value.replace(/^#/, "");
      if (text !== "" && !this.showOp(Number(text))) {
        this.spanText.textContent = `no op #${text}: ops are known by the index of their completion`;
      }
    });
  }

  // mapTo moves the part that is shown to a place of the strip below.
  mapTo(e) {
    const x = e.clientX - this.map.getBoundingClientRect().left, half = (this.to - this.from) / 2;
    const t = (x - this.left) / this.width * this.end * 1.02 - this.end * 0.01;
    this.show(t - half, t + half);
    this.link();
  }

  // filter shows only bars that match every word: f:read type:info process:3
  // node:n1 key:7, or text that the op contains.
  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean), { bars, nodes, functions } = this.data;
    const has = (list, word, equal) => list.map((s) => equal ? s.toLowerCase() === word : s.toLowerCase().includes(word));
    const wordOf = (key) => new RegExp(`(^|[^\\w.-])${key.replace(/[^\w]/g, "\\$&")}($|[^\\w.-])`, "i");
    const tests = words.map((word) => {
      const [, field, value] = word.match(/^(f|type|process|node|key):(.*)$/) || [, "", word];
      const by = { f: functions, node: nodes, type: TYPES }[field];
      if (by) {
        const match = has(by, value, true), column = bars[{ f: "function", node: "node", type: "type" }[field]];
        return (i) => match[column[i]];
      }
      const { process, text, function: called, texts } = bars.rest;
      if (field === "process") return (i) => process[i] === Number(value);
      if (field === "key") { const key = wordOf(value), match = texts.map((s) => key.test(s)); return (i) => match[text[i]]; }
      const said = has(texts, value), names = has(functions, value);
      return (i) => said[text[i]] || names[called[i]];
    });
    this.shown = tests.length ? new Uint8Array(this.startAt.length) : null;
    let matching = 0;
    for (let i = 0; this.shown && i < this.shown.length; i++) {
      matching += this.shown[i] = tests.every((test) => test(i)) ? 1 : 0;
    }
    document.getElementById("timeline-matching").textContent = this.shown ? `${matching} of ${this.shown.length}` : "";
    this.lanes.show(this);
    this.density = null;
    this.redraw();
  }

  // --- links: #a=witness-1-1&op=12&t=1.5-2.25&by=key

  follow() {
    const to = new URLSearchParams(location.hash.slice(1));
    if (to.has("by")) this.laneBy(to.get("by"));
    if (to.has("a")) {
      this.showWitness(to.get("a"));
      const shown = document.getElementById(to.get("a"));
      if (shown) {
        if (shown.tagName === "DETAILS") shown.open = true;
        shown.scrollIntoView();
      }
    }
    if (to.has("op")) this.showOp(Number(to.get("op")));
    const span = (to.get("t") || "").match(/^(-?[\d.]+)-([\d.]+)$/);
    if (span) this.show(Number(span[1]) / this.toShown(), Number(span[2]) / this.toShown());
    if (!to.has("a") && (to.has("op") || span)) document.getElementById("timeline").scrollIntoView();
  }

  // toShown is how many seconds, or rows, a unit of the payload is.
  toShown() { return this.data.unit === 0 ? 1 : this.data.unit / 1e9; }

  // link puts what is shown into the address, so that it can be passed on.
  link() {
    clearTimeout(this.linking);
    this.linking = setTimeout(() => {
      const place = (t) => +(Math.max(0, t) * this.toShown()).toFixed(9);
      const op = this.picked >= 0 ? `op=${this.index[this.picked]}&` : "", by = this.by === "thread" ? "" : `&by=${this.by}`;
      history.replaceState(null, "", `#${op}t=${place(this.from)}-${place(this.to)}${by}`);
    }, 300);
  }

  // --- which part of the run is shown

  show(from, to) {
    const least = this.data.unit === 0 ? 4 : 10;
    const width = Math.min(Math.max(to - from, least), this.end * 1.02);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - width / 2, -this.end * 0.01), this.end * 1.01 - width);
    this.to = this.from + width;
    this.redraw();
  }

  showAll() { this.show(-this.end * 0.01, this.end * 1.01); }

  zoom(factor, around) {
    this.show(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  pan(part) {
    const by = (this.to - this.from) * part;
    this.show(this.from + by, this.to + by);
  }

  // showWitness focuses on a witness with some of what was around it.
  showWitness(id) {
    const w = this.data.witnesses.find((w) => w.id === id);
    if (!w) return;
    document.getElementById("timeline-witness").value = id;
    const margin = Math.max((w.to - w.from) * 0.6, this.end / 400);
    this.pick(-1);
    this.show(w.from - margin, w.to + margin);
    if (this.laneHeight) this.revealWitness(w);
  }

  // showOp focuses on an op by its index. In a merged run it finds the bar that
  // the op is likely to be part of: the last one that begins before it.
  showOp(index) {
    let found = this.index.indexOf(index);
    if (found < 0 && this.data.merged > 1) {
      for (let i = 0; i < this.index.length; i++) if (this.index[i] <= index) found = i;
    }
    if (found < 0) return false;
    this.pick(found);
    const width = Math.min(this.to - this.from, Math.max(this.end / 100, (this.endAt[found] - this.startAt[found]) * 4));
    const middle = Math.min((this.startAt[found] + this.endAt[found]) / 2, this.startAt[found] + width / 4);
    this.show(middle - width / 2, middle + width / 2);
    this.reveal(this.pickedOn[0]);
    return true;
  }

  // --- input

  place(e) {
    const box = this.area.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  }

  wheel(e) {
    const sideways = Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey;
    if (sideways) {
      e.preventDefault();
      this.pan((e.deltaX || e.deltaY) / this.width);
    } else if (this.active || e.ctrlKey || e.metaKey) {
      e.preventDefault();
      this.zoom(Math.exp(Math.sign(e.deltaY) * Math.min(Math.abs(e.deltaY), 100) / 250), this.timeAt(this.place(e).x));
    }
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const middle = (this.from + this.to) / 2;
    const actions = {
      ArrowLeft: () => this.pan(-0.15), ArrowRight: () => this.pan(0.15), a: () => this.pan(-0.15), d: () => this.pan(0.15),
      "+": () => this.zoom(0.7, middle), "=": () => this.zoom(0.7, middle), "-": () => this.zoom(1.4, middle),
      w: () => this.zoom(0.7, middle), s: () => this.zoom(1.4, middle), 0: () => this.showAll(),
      Home: () => this.show(0, this.to - this.from), End: () => this.show(this.end - (this.to - this.from), this.end),
      Escape: () => { this.active = false; this.pick(-1); this.redraw(); },
    };
    if (actions[e.key]) {
      e.preventDefault();
      actions[e.key]();
      this.link();
    }
  }

  grab(e) {
    this.active = true;
    this.drag = { x: this.place(e).x, from: this.from, to: this.to, moved: false };
    this.canvas.setPointerCapture(e.pointerId);
  }

  move(e) {
    const at = this.place(e);
    if (!this.drag) return this.hover(at);
    const by = at.x - this.drag.x;
    if (Math.abs(by) > 3) this.drag.moved = true;
    const perPixel = (this.drag.to - this.drag.from) / this.width;
    if (this.drag.moved) this.show(this.drag.from - by * perPixel, this.drag.to - by * perPixel);
  }

  release(e) {
    const clicked = this.drag && !this.drag.moved;
    this.drag = null;
    this.link();
    if (!clicked) return;
    const hit = this.hit(this.place(e));
    this.pick(hit && hit.bar !== undefined ? hit.bar : -1);
    this.hover(this.place(e));
    this.redraw();
    if (this.picked >= 0 && this.witnessOps.has(this.index[this.picked])) this.toTable(this.index[this.picked]);
  }

  // toTable shows the op of a witness in the table that tells of it.
  toTable(index) {
    for (const row of document.querySelectorAll("tr.picked")) row.classList.remove("picked");
    const row = document.querySelector(`tr[data-op="${index}"]`);
    if (!row) return;
    const folded = row.closest("details");
    if (folded) folded.open = true;
    row.classList.add("picked");
    row.scrollIntoView({ block: "center" });
  }

  // --- from pixels to what they show

  // hit finds the fault or the op under a place, with two pixels of tolerance.
  hit(at) {
    const slack = 2 * (this.to - this.from) / this.width, t = this.timeAt(at.x);
    if (at.y >= this.faultTop && at.y < this.top) {
      const family = Math.floor((at.y - this.faultTop) / this.faultHeight);
      const fault = this.data.faults.findLast((f) => f.family === family && f.start - slack <= t && f.end + slack >= t);
      return fault && { fault };
    }
    const lane = Math.floor((at.y - this.top) / this.laneHeight);
    if (lane < 0 || lane >= this.lanes.names.length) return null;
    const bar = this.lanes.lastAt(lane, t - slack, t + slack);
    return bar < 0 ? null : { bar };
  }

  hover(at) {
    const hit = this.hit(at);
    this.tip.hidden = !hit;
    if (!hit) return;
    this.tip.textContent = hit.fault ? this.tellFault(hit.fault) : this.tellBar(hit.bar);
    const { box } = this;
    const y = at.y - box.scrollTop;
    this.tip.style.left = Math.max(0, Math.min(at.x + 14, box.clientWidth - this.tip.offsetWidth - 4)) + "px";
    this.tip.style.top = (y + 18 + this.tip.offsetHeight > box.clientHeight + 60 ? y - this.tip.offsetHeight - 10 : y + 18) + "px";
  }

  tellFault(f) {
    const until = f.open ? "never ended" : `until ${this.moment(f.end)}`;
    return `${f.label}\n${this.moment(f.start)}, ${until}${f.effect ? "\n" + f.effect : ""}`;
  }

  tellBar(i) {
    const bars = this.data.bars, never = bars.duration[i] < 0, node = this.data.nodes[bars.node[i]];
    const until = never ? "never completed" : `until ${this.moment(this.endAt[i])}, took ${this.span(bars.duration[i])}`;
    const times = `${this.moment(this.startAt[i])}, ${until}`;
    if (bars.function[i] < 0) return `${this.textOf(i)}\n${times}\nzoom does not part them: the run is too long`;
    return `#${this.index[i]} ${this.data.functions[bars.function[i]]} → ${TYPES[bars.type[i]]}\n${this.textOf(i)}\nprocess ${bars.process[i]}${node ? `, node ${node}` : ""}, ${times}`;
  }
}
