// Draws the timeline on a canvas: a lane for each family of faults, a lane for
// each thread. All text and all numbers come from the payload; this script
// only maps them to pixels.

const OK = 1, FAIL = 2, INFO = 3, MOST_AT_A_TIME = 24;

// TimelinePicture is the part of the run between two moments, drawn.
class TimelinePicture {
  constructor(data) {
    this.data = data;
    this.end = Math.max(data.end, 1);
    this.from = -this.end * 0.01;
    this.to = this.end * 1.01;
    this.picked = -1; // the bar that a reader chose
    this.canvas = document.getElementById("timeline-canvas");
    this.map = document.getElementById("timeline-map");
    this.spanText = document.getElementById("timeline-span");
    this.witnessOps = new Set(data.witnesses.flatMap((w) => w.ops));
    this.unpack(data.bars);
    this.arrange("thread");
  }

  // unpack turns differences into times.
  unpack(bars) {
    const n = bars.lane.length;
    this.startAt = new Float64Array(n);
    this.endAt = new Float64Array(n);
    this.index = new Float64Array(n);
    this.shown = null; // with a filter: 1 for each bar that matches
    for (let i = 0, start = 0, index = 0; i < n; i++) {
      start += bars.start[i];
      index += bars.index[i];
      this.startAt[i] = start;
      this.endAt[i] = bars.duration[i] < 0 ? this.end : start + bars.duration[i];
      this.index[i] = index;
    }
  }

  // arrange gives every thread a lane, or every node or key as many as it has ops
  // at a time: with more than MOST_AT_A_TIME, some overlap. An op of several keys
  // stands on the lanes of each.
  arrange(by) {
    const bars = this.data.bars, groups = { thread: this.data.lanes, node: this.data.nodes, key: this.data.keys }[by];
    const sorted = groups.map((_, n) => n);
    if (by !== "thread") sorted.sort((a, b) => groups[a].localeCompare(groups[b], "en", { numeric: true }));
    const rows = groups.map((name) => [{ name: by === "thread" ? name : `${by} ${name || "unknown"}`, bars: [], longest: 0, witness: [], free: -Infinity }]);
    const put = (group, i) => {
      const lanes = rows[group];
      let lane = by === "thread" ? lanes[0] : lanes.find((l) => l.free <= this.startAt[i]);
      if (!lane && lanes.length < MOST_AT_A_TIME) lanes.push(lane = { name: "", bars: [], longest: 0, witness: [] });
      lane ??= lanes.reduce((a, b) => a.free <= b.free ? a : b);
      lane.free = this.endAt[i];
      lane.bars.push(i);
      lane.longest = Math.max(lane.longest, this.endAt[i] - this.startAt[i]);
      if (this.witnessOps.has(this.index[i])) lane.witness.push(i);
    };
    for (let i = 0, next = 0; i < this.startAt.length; i++) {
      if (by === "thread") put(bars.lane[i], i);
      else if (by === "node") put(bars.node[i], i);
      else for (let k = 0; k < bars.touched[i]; k++) put(bars.key[next++], i);
    }
    this.by = by;
    this.lanes = sorted.flatMap((n) => rows[n]);
    for (const lane of this.lanes) lane.bars = Int32Array.from(lane.bars);
  }

  // textOf is what the op or ops of a bar said.
  textOf(i) { return this.data.texts[this.data.bars.text[i]]; }

  timeAt(x) { return this.from + (x - this.left) / this.width * (this.to - this.from); }
  xOf(t) { return this.left + (t - this.from) / (this.to - this.from) * this.width; }

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

  moment(t) {
    if (this.data.unit === 0) return `row ${t}`;
    return (t * this.data.unit / 1e9).toFixed(this.data.unit === 1 ? 9 : 6).replace(/000$/, "") + " s";
  }

  span(t) {
    if (this.data.unit === 0) return `${+t.toPrecision(3)} rows`;
    const ns = t * this.data.unit;
    for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
      if (ns >= size) return `${+(ns / size).toPrecision(4)} ${unit}`;
    }
    return `${ns} ns`;
  }

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
    this.laneHeight = Math.max(this.by === "thread" ? 9 : 16, Math.min(26, 420 / Math.max(this.lanes.length, 1)));
    this.height = Math.ceil(this.top + this.lanes.length * this.laneHeight + 4);
    this.scale = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = total * this.scale;
    this.canvas.height = this.height * this.scale;
    this.canvas.style.height = this.height + "px";
    this.hatch = null;
    this.density = null;
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
    g.restore();
    this.drawMap();
    this.table?.follow();
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
    let next = 0;
    this.lanes.forEach((lane, n) => {
      const y = this.top + n * this.laneHeight;
      if (lane.name && n >= next) {
        name(lane.name, y + this.laneHeight / 2);
        next = n + every;
      }
      g.strokeStyle = this.colours.line;
      g.globalAlpha = this.lanes[n + 1]?.name === "" ? 0.25 : 0.9;
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
      const text = this.tick(t, step);
      if (x + 3 + g.measureText(text).width < this.left + this.width) g.fillText(text, x + 3, 11);
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
  // pixel becomes one mark.
  drawLane(lane, y) {
    const perUnit = this.width / (this.to - this.from);
    let pixel = -1, types = 0, picked = false;
    const flush = () => { if (types) this.mark(pixel, y, types); types = 0; };
    for (let k = this.firstIn(lane, this.from); k < lane.bars.length; k++) {
      const i = lane.bars[k];
      if (this.startAt[i] > this.to) break;
      if (i === this.picked) picked = true;
      if (this.endAt[i] < this.from || this.shown && !this.shown[i]) continue;
      const x = this.left + (this.startAt[i] - this.from) * perUnit, w = (this.endAt[i] - this.startAt[i]) * perUnit;
      if (w >= 2.5) {
        this.drawBar(i, x, y, w);
        continue;
      }
      const at = Math.floor(x / 2) * 2;
      if (at !== pixel) { flush(); pixel = at; }
      types |= 1 << this.data.bars.type[i];
    }
    flush();
    for (const i of lane.witness) {
      if (this.startAt[i] <= this.to && this.endAt[i] >= this.from) this.drawWitness(i, y);
    }
    if (picked) this.outline(this.picked, y, this.colours.ink);
  }

  // drawWitness frames an op of a witness and writes its index beside it.
  drawWitness(i, y) {
    const g = this.g;
    this.outline(i, y, this.colours.invalid);
    if (this.laneHeight < 12) return;
    const text = "#" + this.index[i], x = Math.max(this.xOf(this.endAt[i]), this.xOf(this.startAt[i]) + 3) + 6;
    g.fillStyle = this.colours.card;
    g.fillRect(x - 2, y + 3, g.measureText(text).width + 4, this.laneHeight - 6);
    g.fillStyle = this.colours.invalid;
    g.fillText(text, x, y + this.laneHeight / 2);
  }

  // mark stands for all bars of a pixel: ok is full, info the upper part of it,
  // fail the lower.
  mark(x, y, types) {
    const g = this.g, h = this.laneHeight - 4;
    const part = (type, top, height) => {
      if (!(types & 1 << type)) return;
      g.fillStyle = this.byType[type];
      g.fillRect(x, y + 2 + h * top, 1.7, h * height);
    };
    part(OK, 0, 1);
    part(INFO, 0, 0.5);
    part(FAIL, 0.55, 0.45);
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
    const text = bars.function[i] < 0 ? this.textOf(i) : `${this.data.functions[bars.function[i]]} ${this.textOf(i)}`;
    const middle = y + this.laneHeight / 2;
    if (type !== OK) {
      this.g.fillStyle = this.colours.card;
      this.g.fillRect(left + 3, y + 4, Math.min(this.g.measureText(text).width + 6, width - 6), this.laneHeight - 8);
    }
    this.label(text, left + 5, type === FAIL ? middle - 3 : middle, width - 9, type === OK ? this.colours.card : this.colours.ink);
  }

  outline(i, y, colour) {
    const g = this.g;
    const x = this.xOf(this.startAt[i]), w = Math.max(this.xOf(this.endAt[i]) - x, 3);
    g.strokeStyle = colour;
    g.lineWidth = 2.5;
    g.strokeRect(x - 1.5, y + 0.5, w + 3, this.laneHeight - 1);
    g.lineWidth = 1;
  }


  // drawMap draws the whole run in a strip: how many ops begin where, what is not
  // ok, the faults, and the part that is shown above.
  drawMap() {
    const map = this.map, g = map.getContext("2d"), total = this.left + this.width + 6, high = 34;
    if (map.width !== Math.round(total * this.scale)) { map.width = Math.round(total * this.scale); map.height = high * this.scale; }
    map.style.height = high + "px";
    g.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    g.clearRect(0, 0, total, high);
    const span = this.end * 1.02, x = (t) => this.left + (t + this.end * 0.01) / span * this.width;
    g.fillStyle = this.colours.band;
    g.globalAlpha = 0.3;
    for (const f of this.data.faults) g.fillRect(x(f.start), 0, Math.max(x(f.end) - x(f.start), 1), 5);
    g.globalAlpha = 1;
    this.density ??= this.countDensity();
    for (let column = 0; column < this.density.ok.length; column++) {
      const part = (counts, from, colour) => {
        const h = counts[column] && Math.max(1.5, counts[column] / this.density.most * (high - 8));
        g.fillStyle = colour;
        g.fillRect(this.left + column * 2, high - 1 - from - h, 1.6, h);
        return from + h;
      };
      part(this.density.bad, part(this.density.ok, 0, this.colours.ok), this.colours.info);
    }
    g.fillStyle = this.colours.ink;
    g.globalAlpha = 0.1;
    g.fillRect(x(this.from), 0, x(this.to) - x(this.from), high);
    g.globalAlpha = 1;
    g.strokeStyle = this.colours.ink;
    g.strokeRect(x(this.from) + 0.5, 0.5, Math.max(x(this.to) - x(this.from) - 1, 3), high - 1);
    for (const w of this.data.witnesses) {
      g.fillStyle = this.colours.invalid;
      g.fillRect(x(w.from) - 1, 0, Math.max(x(w.to) - x(w.from), 2.5), 4);
    }
  }

  countDensity() {
    const columns = Math.max(1, Math.floor(this.width / 2)), span = this.end * 1.02;
    const ok = new Uint32Array(columns), bad = new Uint32Array(columns);
    let most = 1;
    for (let i = 0; i < this.startAt.length; i++) {
      if (this.shown && !this.shown[i]) continue;
      const at = Math.min(columns - 1, Math.floor((this.startAt[i] + this.end * 0.01) / span * columns));
      (this.data.bars.type[i] === OK ? ok : bad)[at]++;
      most = Math.max(most, ok[at] + bad[at]);
    }
    return { ok, bad, most };
  }
}
