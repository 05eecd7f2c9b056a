// Draws the timeline on a canvas: a lane for each family of faults, a lane for
// each thread. All text and all numbers come from the payload; this script
// only maps them to pixels.

const OK = 1, FAIL = 2, INFO = 3;
const TYPES = ["", "ok", "fail", "info"];

async function startTimeline() {
  const source = document.getElementById("timeline-data");
  if (!source) return null;
  const packed = Uint8Array.from(atob(JSON.parse(source.textContent)), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const timeline = new Timeline(JSON.parse(await new Response(stream).text()));
  timeline.start();
  return timeline;
}

class Timeline {
  constructor(data) {
    this.data = data;
    this.end = Math.max(data.end, 1);
    this.from = 0;
    this.to = this.end;
    this.canvas = document.getElementById("timeline-canvas");
    this.tip = document.getElementById("timeline-tip");
    this.spanText = document.getElementById("timeline-span");
    this.picked = -1;
    this.active = false; // the wheel zooms only after a click, so that the page can be scrolled past
    this.unpack(data.bars);
    this.witnessOps = new Set(data.witnesses.flatMap((w) => w.ops));
  }

  // unpack turns differences into times and sorts the bars to their lanes.
  unpack(bars) {
    const n = bars.lane.length;
    this.startAt = new Float64Array(n);
    this.endAt = new Float64Array(n);
    this.index = new Float64Array(n);
    this.lanes = this.data.lanes.map(() => ({ bars: [], longest: 0 }));
    let start = 0, index = 0;
    for (let i = 0; i < n; i++) {
      start += bars.start[i];
      index += bars.index[i];
      this.startAt[i] = start;
      this.endAt[i] = bars.duration[i] < 0 ? this.end : start + bars.duration[i];
      this.index[i] = index;
      const lane = this.lanes[bars.lane[i]];
      lane.bars.push(i);
      lane.longest = Math.max(lane.longest, this.endAt[i] - start);
    }
  }

  start() {
    document.getElementById("timeline-tools").hidden = false;
    this.listWitnesses();
    this.listen();
    this.readColours();
    if (this.data.witnesses.length) this.showWitness(this.data.witnesses[0].id);
    this.resize();
  }

  listWitnesses() {
    const select = document.getElementById("timeline-witness");
    for (const w of this.data.witnesses) select.add(new Option(w.title, w.id));
    select.hidden = this.data.witnesses.length === 0;
    select.addEventListener("change", () => this.showWitness(select.value));
  }

  listen() {
    const c = this.canvas;
    new ResizeObserver(() => this.resize()).observe(c.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.readColours(); this.redraw(); });
    addEventListener("beforeprint", () => { this.readColours(); this.draw(); });
    addEventListener("afterprint", () => { this.readColours(); this.draw(); });
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
        if (button.dataset.zoom === "all") this.show(0, this.end);
        else this.zoom(button.dataset.zoom === "in" ? 0.5 : 2, (this.from + this.to) / 2);
      });
    }
    document.getElementById("timeline-find").addEventListener("change", (e) => {
      if (e.target.value !== "" && !this.showOp(Number(e.target.value))) e.target.value = "";
    });
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
    this.picked = -1;
    this.show(w.from - margin, w.to + margin);
  }

  // showOp focuses on an op by its index. In a merged run it finds the bar that
  // the op is likely to be part of: the last one that begins before it.
  showOp(index) {
    let found = this.index.indexOf(index);
    if (found < 0 && this.data.merged > 1) {
      for (let i = 0; i < this.index.length; i++) if (this.index[i] <= index) found = i;
    }
    if (found < 0) return false;
    this.picked = found;
    const width = Math.min(this.to - this.from, Math.max(this.end / 100, (this.endAt[found] - this.startAt[found]) * 4));
    const middle = Math.min((this.startAt[found] + this.endAt[found]) / 2, this.startAt[found] + width / 4);
    this.show(middle - width / 2, middle + width / 2);
    const lane = this.data.bars.lane[found];
    this.canvas.parentElement.scrollTop = this.top + lane * this.laneHeight - 120;
    return true;
  }

  // --- input

  place(e) {
    const box = this.canvas.getBoundingClientRect();
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
      w: () => this.zoom(0.7, middle), s: () => this.zoom(1.4, middle), 0: () => this.show(0, this.end),
      Home: () => this.show(0, this.to - this.from), End: () => this.show(this.end - (this.to - this.from), this.end),
      Escape: () => { this.active = false; this.picked = -1; this.redraw(); },
    };
    if (actions[e.key]) {
      e.preventDefault();
      actions[e.key]();
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
    if (!clicked) return;
    const hit = this.hit(this.place(e));
    this.picked = hit && hit.bar !== undefined ? hit.bar : -1;
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

  timeAt(x) { return this.from + (x - this.left) / this.width * (this.to - this.from); }
  xOf(t) { return this.left + (t - this.from) / (this.to - this.from) * this.width; }

  // hit finds the fault or the op under a place, with two pixels of tolerance.
  hit(at) {
    const slack = 2 * (this.to - this.from) / this.width, t = this.timeAt(at.x);
    if (at.y >= this.faultTop && at.y < this.top) {
      const family = Math.floor((at.y - this.faultTop) / this.faultHeight);
      const fault = this.data.faults.findLast((f) => f.family === family && f.start - slack <= t && f.end + slack >= t);
      return fault && { fault };
    }
    const lane = this.lanes[Math.floor((at.y - this.top) / this.laneHeight)];
    if (!lane || at.y < this.top) return null;
    let best;
    for (let k = this.firstIn(lane, t - slack); k < lane.bars.length; k++) {
      const i = lane.bars[k];
      if (this.startAt[i] > t + slack) break;
      const end = this.data.bars.duration[i] < 0 && best !== undefined ? this.startAt[i] : this.endAt[i];
      if (end >= t - slack) best = i;
    }
    return best === undefined ? null : { bar: best };
  }

  // firstIn returns the first position in a lane whose bar may reach t: bars are
  // sorted by start, and none is longer than the lane's longest.
  firstIn(lane, t) {
    let low = 0, high = lane.bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.startAt[lane.bars[middle]] < t - lane.longest) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  hover(at) {
    const hit = this.hit(at);
    this.tip.hidden = !hit;
    if (!hit) return;
    this.tip.textContent = hit.fault ? this.tellFault(hit.fault) : this.tellBar(hit.bar);
    const box = this.canvas.parentElement;
    const y = at.y - box.scrollTop;
    this.tip.style.left = Math.max(0, Math.min(at.x + 14, box.clientWidth - this.tip.offsetWidth - 4)) + "px";
    this.tip.style.top = (y + 18 + this.tip.offsetHeight > box.clientHeight + 60 ? y - this.tip.offsetHeight - 10 : y + 18) + "px";
  }

  tellFault(f) {
    const until = f.open ? "never ended" : `until ${this.moment(f.end)}`;
    return `${f.label}\n${this.moment(f.start)}, ${until}${f.effect ? "\n" + f.effect : ""}`;
  }

  tellBar(i) {
    const bars = this.data.bars, never = bars.duration[i] < 0;
    const until = never ? "never completed" : `until ${this.moment(this.endAt[i])}, took ${this.span(bars.duration[i])}`;
    const times = `${this.moment(this.startAt[i])}, ${until}`;
    if (bars.function[i] < 0) return `${bars.text[i]}\n${times}\nzoom does not part them: the run is too long`;
    const process = this.data.processes?.[bars.process[i]] ?? bars.process[i];
    return `#${this.index[i]} ${this.data.functions[bars.function[i]]} → ${TYPES[bars.type[i]]}\n${bars.text[i]}\nprocess ${process}, ${times}`;
  }

  moment(t) {
    if (this.data.unit === 0) return `row ${t}`;
    return (t * this.data.unit / 1e9).toFixed(this.data.unit === 1 ? 9 : 6).replace(/0{1,6}$/, "") + " s";
  }

  span(t) {
    if (this.data.unit === 0) return `${+t.toPrecision(3)} rows`;
    const ns = t * this.data.unit;
    for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
      if (ns >= size) return `${+(ns / size).toPrecision(4)} ${unit}`;
    }
    return `${ns} ns`;
  }

  // --- drawing

  readColours() {
    const style = getComputedStyle(document.documentElement);
    this.colours = {};
    for (const name of ["ink", "soft", "line", "wash", "card", "ok", "info", "fail", "band", "invalid"]) {
      this.colours[name] = style.getPropertyValue("--" + name).trim();
    }
    this.byType = ["", this.colours.ok, this.colours.fail, this.colours.info];
    this.hatch = null;
  }

  resize() {
    const total = this.canvas.parentElement.clientWidth;
    this.left = total < 600 ? 62 : 104;
    this.width = Math.max(total - this.left - 6, 50);
    this.faultTop = 24;
    this.faultHeight = 20;
    this.top = this.faultTop + this.data.families.length * this.faultHeight + 6;
    this.laneHeight = Math.max(9, Math.min(26, 420 / Math.max(this.lanes.length, 1)));
    this.height = Math.ceil(this.top + this.lanes.length * this.laneHeight + 4);
    this.scale = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = total * this.scale;
    this.canvas.height = this.height * this.scale;
    this.canvas.style.height = this.height + "px";
    this.hatch = null;
    this.draw();
  }

  redraw() {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => { this.queued = false; this.draw(); });
  }

  draw() {
    if (!this.width) return;
    const g = this.g = this.canvas.getContext("2d");
    g.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    g.clearRect(0, 0, this.left + this.width + 10, this.height);
    this.hatch ??= this.makeHatch();
    this.drawLanes();
    g.save();
    g.beginPath();
    g.rect(this.left, 0, this.width, this.height);
    g.clip();
    this.drawAxis();
    this.drawFaults();
    this.lanes.forEach((lane, n) => this.drawLane(lane, this.top + n * this.laneHeight));
    this.drawPicked();
    g.restore();
    const all = this.to - this.from >= this.end;
    this.spanText.textContent = all ? "whole run" : `${this.moment(Math.max(0, Math.round(this.from)))} – ${this.moment(Math.min(this.end, Math.round(this.to)))}`;
  }

  // makeHatch is the filling of indeterminate ops.
  makeHatch() {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const g = tile.getContext("2d");
    g.strokeStyle = this.colours.info;
    g.lineWidth = 1.6;
    g.beginPath();
    for (const at of [-6, 0, 6]) { g.moveTo(at, 6); g.lineTo(at + 6, 0); }
    g.stroke();
    return this.canvas.getContext("2d").createPattern(tile, "repeat");
  }

  drawLanes() {
    const g = this.g;
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "middle";
    g.textAlign = "right";
    g.fillStyle = this.colours.soft;
    const name = (text, y) => g.fillText(text, this.left - 8, y, this.left - 10);
    this.data.families.forEach((family, n) => name(family, this.faultTop + (n + 0.5) * this.faultHeight));
    const every = Math.ceil(12 / this.laneHeight);
    this.data.lanes.forEach((lane, n) => {
      const y = this.top + n * this.laneHeight;
      if (n % every === 0) name(lane, y + this.laneHeight / 2);
      g.strokeStyle = this.colours.line;
      g.globalAlpha = 0.6;
      g.strokeRect(this.left, y + this.laneHeight - 0.5, this.width, 0);
      g.globalAlpha = 1;
    });
    g.textAlign = "left";
  }

  drawAxis() {
    const g = this.g, least = (this.to - this.from) / Math.max(this.width / 110, 2);
    const unit = Math.pow(10, Math.floor(Math.log10(least)));
    const step = Math.max(this.data.unit === 0 ? 1 : 0, [1, 2, 5, 10].find((m) => m * unit >= least) * unit);
    g.strokeStyle = this.colours.line;
    g.fillStyle = this.colours.soft;
    for (let t = Math.max(0, Math.ceil(this.from / step) * step); t <= Math.min(this.to, this.end); t += step) {
      const x = Math.round(this.xOf(t)) + 0.5;
      g.beginPath();
      g.moveTo(x, 18);
      g.lineTo(x, this.height);
      g.stroke();
      g.fillText(this.tick(t, step), x + 3, 11);
    }
  }

  // tick prints a moment with as many decimals as tell the ticks apart.
  tick(t, step) {
    if (this.data.unit === 0) return String(Math.round(t));
    const size = this.data.unit / 1e9;
    return (t * size).toFixed(Math.max(0, -Math.floor(Math.log10(step * size) + 1e-9))) + " s";
  }

  drawFaults() {
    const g = this.g;
    g.textBaseline = "middle";
    for (const f of this.data.faults) {
      if (f.end < this.from || f.start > this.to) continue;
      const x = Math.max(this.xOf(f.start), this.left - 4), w = Math.max(Math.min(this.xOf(f.end), this.left + this.width + 4) - x, 2);
      const y = this.faultTop + f.family * this.faultHeight;
      g.fillStyle = this.colours.band;
      g.globalAlpha = 0.09;
      g.fillRect(x, this.top - 4, w, this.height - this.top);
      g.globalAlpha = 0.28;
      g.fillRect(x, y + 1, w, this.faultHeight - 3);
      g.globalAlpha = 1;
      g.strokeStyle = this.colours.band;
      g.strokeRect(x + 0.5, y + 1.5, w, this.faultHeight - 4);
      if (w > 40) this.label(f.label, x + 5, y + this.faultHeight / 2, w - 8, this.colours.ink);
    }
  }

  // label writes text cut off at a width.
  label(text, x, y, width, colour) {
    const g = this.g;
    g.save();
    g.beginPath();
    g.rect(x, y - 10, width, 20);
    g.clip();
    g.fillStyle = colour;
    g.fillText(text, x, y);
    g.restore();
  }

  // drawLane draws bars that are wide enough one by one. What falls into the same
  // pixel becomes one mark with the look of the least certain of them.
  drawLane(lane, y) {
    let pixel = -1, worst = 0;
    const flush = () => { if (worst) this.mark(pixel, y, worst); worst = 0; };
    for (let k = this.firstIn(lane, this.from); k < lane.bars.length; k++) {
      const i = lane.bars[k];
      if (this.startAt[i] > this.to) break;
      if (this.endAt[i] < this.from) continue;
      const x = this.xOf(this.startAt[i]), w = this.xOf(this.endAt[i]) - x;
      if (w >= 2.5) {
        this.drawBar(i, x, y, w);
        continue;
      }
      const at = Math.floor(x / 2) * 2;
      if (at !== pixel) { flush(); pixel = at; }
      worst = Math.max(worst, this.data.bars.type[i]);
    }
    flush();
    for (let k = this.firstIn(lane, this.from); k < lane.bars.length && this.startAt[lane.bars[k]] <= this.to; k++) {
      if (this.witnessOps.has(this.index[lane.bars[k]])) this.outline(lane.bars[k], this.colours.invalid);
    }
  }

  mark(x, y, type) {
    const g = this.g, h = this.laneHeight - 4;
    g.fillStyle = this.byType[type];
    if (type === FAIL) g.fillRect(x, y + 2 + h * 0.55, 2, h * 0.45);
    else if (type === INFO) g.fillRect(x, y + 1, 2, h + 2);
    else g.fillRect(x, y + 2 + h * 0.15, 1.5, h * 0.7);
  }

  drawBar(i, x, y, w) {
    const g = this.g, type = this.data.bars.type[i], h = this.laneHeight - 4;
    const left = Math.max(x, this.left - 4), width = Math.min(x + w, this.left + this.width + 4) - left;
    g.fillStyle = g.strokeStyle = this.byType[type];
    if (type === OK) {
      g.fillRect(left, y + 2, Math.max(width - 0.5, 1), h);
    } else if (type === FAIL) {
      g.strokeRect(left + 0.5, y + 2 + h * 0.55, Math.max(width - 1, 1), h * 0.45);
    } else {
      g.globalAlpha = this.data.bars.duration[i] < 0 ? 0.45 : 1;
      g.fillStyle = this.hatch;
      g.fillRect(left, y + 2, width, h);
      g.beginPath();
      g.moveTo(left + width, y + 2.5);
      g.lineTo(left + 0.5, y + 2.5);
      g.lineTo(left + 0.5, y + 1.5 + h);
      g.lineTo(left + width, y + 1.5 + h);
      g.stroke();
      g.globalAlpha = 1;
    }
    if (width > 46 && h >= 12) this.drawBarText(i, left, y, width, type);
  }

  drawBarText(i, left, y, width, type) {
    const bars = this.data.bars;
    const text = bars.function[i] < 0 ? bars.text[i] : `${this.data.functions[bars.function[i]]} ${bars.text[i]}`;
    const middle = y + this.laneHeight / 2;
    if (type === INFO) {
      this.g.fillStyle = this.colours.card;
      this.g.fillRect(left + 3, y + 4, Math.min(this.g.measureText(text).width + 6, width - 6), this.laneHeight - 8);
    }
    this.label(text, left + 5, type === FAIL ? middle - 3 : middle, width - 9, type === OK ? this.colours.card : this.colours.ink);
  }

  outline(i, colour) {
    const g = this.g, y = this.top + this.data.bars.lane[i] * this.laneHeight;
    const x = this.xOf(this.startAt[i]), w = Math.max(this.xOf(this.endAt[i]) - x, 3);
    g.strokeStyle = colour;
    g.lineWidth = 2.5;
    g.strokeRect(x - 1.5, y + 0.5, w + 3, this.laneHeight - 1);
    g.lineWidth = 1;
  }

  drawPicked() {
    if (this.picked >= 0) this.outline(this.picked, this.colours.ink);
  }
}
