// Draws the timeline on a canvas: a lane for each family of faults, a lane for
// each thread. All text and all numbers come from the payload; this script
// only maps them to pixels.

const OK = 1, FAIL = 2, INFO = 3;
const WIDE = 2.5; // bars of so many pixels are drawn one by one, others as marks
const MARK = 2; // the width of a mark, with its gap
const LEGIBLE = 46; // bars of so many pixels have room for text
const MAP_HEIGHT = 34;
const MOST_PRINTED = 8000; // pixels of height: a canvas cannot have many more

// TimelinePicture is the part of the run between two moments, drawn.
class TimelinePicture {
  constructor(data) {
    this.data = data;
    this.end = Math.max(data.end, 1);
    this.from = -this.end * 0.01;
    this.to = this.end * 1.01;
    this.picked = -1; // the bar that a reader chose, on the lanes pickedOn
    this.box = document.getElementById("timeline-scroll");
    this.area = document.getElementById("timeline-lanes"); // as high as all lanes; the canvas shows the part of it that is in the box
    this.canvas = document.getElementById("timeline-canvas");
    this.map = document.getElementById("timeline-map");
    this.spanText = document.getElementById("timeline-span");
    this.witnessOps = new Set(data.witnesses.flatMap((w) => w.ops));
    this.raster = new Raster();
    this.strip = document.createElement("canvas"); // what the map shows of every view
    this.startAt = data.bars.start;
    this.endAt = data.bars.duration.map((took, i) => took < 0 ? this.end : data.bars.start[i] + took);
    this.shown = null; // with a filter: 1 for each bar that matches
    this.arrange("thread");
  }

  arrange(by) {
    this.by = by;
    this.lanes = new Lanes(this, by);
    this.pick(this.picked);
  }

  pick(bar) {
    this.picked = bar;
    this.pickedOn = bar < 0 ? [] : this.lanes.having(bar);
  }

  get index() { return this.data.bars.index; }

  // textOf is what the op or ops of a bar said.
  textOf(i) { return this.data.bars.texts[this.data.bars.text[i]]; }

  timeAt(x) { return this.from + (x - this.left) / this.width * (this.to - this.from); }
  xOf(t) { return this.left + (t - this.from) / (this.to - this.from) * this.width; }

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
    this.scale = Math.min(devicePixelRatio || 1, 2);
    this.raster.mix(this.colours, this.scale);
    this.density = null;
  }

  resize() {
    const total = this.box.clientWidth;
    this.left = total < 600 ? 62 : 104;
    this.width = Math.max(total - this.left - 6, 50);
    this.faultTop = 24;
    this.faultHeight = 20;
    this.top = this.faultTop + this.data.families.length * this.faultHeight + 6;
    this.laneHeight = Math.max(this.by === "thread" ? 9 : 16, Math.min(26, 420 / Math.max(this.lanes.names.length, 1)));
    this.height = Math.ceil(this.top + this.lanes.names.length * this.laneHeight + 4);
    this.area.style.height = this.height + "px";
    this.high = Math.max(1, Math.min(this.height, this.printed ? MOST_PRINTED : this.box.clientHeight));
    if (this.scale !== Math.min(devicePixelRatio || 1, 2)) this.readColours();
    this.canvas.width = total * this.scale;
    this.canvas.height = this.high * this.scale;
    this.canvas.style.height = this.high + "px";
    this.raster.resize(Math.round(this.width * this.scale), this.canvas.height);
    this.density = null;
    this.draw();
  }

  // whole shows all lanes, for paper, or again those in the box.
  whole(printed) {
    this.printed = printed;
    this.readColours();
    this.resize();
  }

  redraw() {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => { this.queued = false; this.draw(); });
  }

  draw() {
    if (!this.width) return;
    const g = this.g = this.canvas.getContext("2d");
    this.scroll = this.printed ? 0 : Math.min(this.box.scrollTop, this.height - this.high);
    g.setTransform(this.scale, 0, 0, this.scale, 0, -this.scroll * this.scale);
    g.clearRect(0, this.scroll, this.left + this.width + 10, this.high);
    const lanes = this.lanesInBox();
    this.drawLanes(lanes);
    g.save();
    g.beginPath();
    g.rect(this.left, 0, this.width, this.height);
    g.clip();
    this.drawAxis();
    this.drawFaults();
    this.drawBars(lanes);
    g.restore();
    this.drawMap();
    this.table?.follow();
    const all = this.to - this.from >= this.end;
    this.spanText.textContent = all ? "whole run" : `${this.moment(Math.max(0, Math.round(this.from)))} – ${this.moment(Math.min(this.end, Math.round(this.to)))}`;
  }

  // lanesInBox numbers the lanes that the box shows at least a part of.
  lanesInBox() {
    const at = (y) => Math.min(Math.max(y - this.top, 0) / this.laneHeight, this.lanes.names.length), numbers = [];
    for (let n = Math.floor(at(this.scroll)); n < at(this.scroll + this.high); n++) numbers.push(n);
    return numbers;
  }

  drawLanes(lanes) {
    const g = this.g;
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "middle";
    g.textAlign = "right";
    g.fillStyle = this.colours.soft;
    const name = (text, y) => g.fillText(text, this.left - 8, y, this.left - 10);
    this.data.families.forEach((family, n) => name(family, this.faultTop + (n + 0.5) * this.faultHeight));
    const { names } = this.lanes, every = Math.ceil(12 / this.laneHeight);
    g.strokeStyle = this.colours.line;
    for (const n of lanes) {
      const y = this.top + n * this.laneHeight;
      if (names[n] && n % every === 0) name(names[n], y + this.laneHeight / 2);
      g.globalAlpha = names[n + 1] === "" ? 0.25 : 0.9;
      g.strokeRect(this.left, y + this.laneHeight - 0.5, this.width, 0);
      g.globalAlpha = 1;
    }
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

  // drawBars paints the bars of the lanes, then writes and outlines on them.
  drawBars(lanes) {
    const { g, raster, scale } = this, labels = [], yOf = (n) => this.top + n * this.laneHeight;
    this.perUnit = raster.codes.length / (this.to - this.from);
    this.origin = Math.round(this.from * this.perUnit);
    raster.begin();
    for (const n of lanes) {
      const y = yOf(n) - this.scroll;
      raster.clear();
      this.layOpen(n, labels);
      this.layBars(n, labels);
      raster.lane(Math.round((y + 2) * scale), Math.round((y + this.laneHeight - 2) * scale), this.origin);
    }
    g.save();
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(raster.finish(), Math.round(this.left * scale), 0);
    g.restore();
    for (const label of labels) this.drawBarText(label, yOf(label.lane));
    for (const n of lanes) {
      for (const i of this.witnessesOn(n)) this.drawWitness(i, yOf(n));
      if (this.pickedOn.includes(n)) this.outline(this.picked, yOf(n), this.colours.ink);
    }
  }

  // layBars lays the bars of a lane that are wide enough one by one. What falls into
  // the same pixels becomes one mark; a block that all falls there, or is over before
  // the view begins, is not looked into.
  layBars(lane, labels) {
    const { first, start, end, type, levels } = this.lanes, { from, to, perUnit } = this;
    const stop = first[lane + 1], mark = Math.max(2, Math.round(MARK * this.scale)), perMark = perUnit / mark, wide = WIDE * this.scale / perUnit;
    const early = from - 1 / perMark, late = to + 1 / perMark; // a mark may stick out
    let label = null;
    for (let k = first[lane]; k < stop && start[k] <= late;) {
      let size = 1, seen = type[k] && 1 << type[k];
      for (let n = 0; n < levels.length; n++) {
        const larger = size * BLOCK, b = k / larger, level = levels[n];
        if (k % larger !== 0 || k + larger > stop) break;
        const over = level.reach[b] < early;
        if (!over && (level.longest[b] >= wide || Math.floor(start[k] * perMark) !== Math.floor(start[k + larger - 1] * perMark))) break;
        size = larger;
        seen = over ? 0 : level.types[b];
      }
      if (seen) {
        if (label) label.to = Math.min(label.to, start[k]);
        label = null;
        if (size > 1 || end[k] - start[k] < wide) {
          const x = Math.floor(start[k] * perMark) * mark - this.origin;
          this.raster.put(x, x + mark, seen, true);
        } else if (this.layBar(k)) {
          labels.push(label = { lane, bar: this.lanes.bar[k], from: start[k], to: end[k] });
        }
      }
      k += size;
    }
  }

  // pixel is where on the raster a moment is. It moves by whole pixels as long as the
  // reader does not zoom.
  pixel(t) { return Math.round(t * this.perUnit) - this.origin; }

  // layBar reports whether there is room for text on the bar.
  layBar(k) {
    const { raster, lanes } = this, from = this.pixel(lanes.start[k]), to = this.pixel(lanes.end[k]);
    if (lanes.type[k] === OK) {
      raster.put(from, to, 1 << OK, true);
    } else if (lanes.type[k] === FAIL) {
      raster.put(from, to, OUTLINED, false);
      raster.put(from, from + raster.line, 1 << FAIL, false);
      raster.put(to - raster.line, to, 1 << FAIL, false);
    } else {
      raster.put(from, to, HATCHED, false);
      raster.put(from, from + raster.line, EDGE, false);
    }
    return to - from > LEGIBLE * this.scale && this.laneHeight >= 16;
  }

  // layOpen lays the ops that never completed: from the first of them on, the lane is
  // hatched.
  layOpen(lane, labels) {
    const { raster, lanes, from, to } = this, { start } = lanes, open = lanes.open[lane], stop = lanes.first[lane + 1];
    if (open.length === 0 || start[open[0]] > to) return;
    raster.put(this.pixel(start[open[0]]), this.pixel(this.end), NEVER, false);
    const visible = bisect(0, open.length, (j) => start[open[j]] < from);
    for (let j = Math.max(visible - 1, 0); j < open.length && start[open[j]] <= to; j++) {
      const k = open[j], x = this.pixel(start[k]);
      raster.put(x, x + raster.line, EDGE, false);
      const label = { lane, bar: lanes.bar[k], from: start[k], to: j + 1 < open.length ? start[open[j + 1]] : this.end };
      if (this.laneHeight < 16 || this.room(label).width <= LEGIBLE) continue;
      const next = lanes.next(k, stop);
      if (next < stop) label.to = Math.min(label.to, start[next]);
      labels.push(label);
    }
  }

  // room is the part of the picture between two moments.
  room({ from, to }) {
    const x = Math.max(this.xOf(from), this.left - 4);
    return { x, width: Math.min(this.xOf(to), this.left + this.width + 4) - x };
  }

  // witnessesOn lists the bars of witnesses on a lane that are in view.
  witnessesOn(lane) {
    return this.lanes.witness[lane].filter((i) => this.startAt[i] <= this.to && this.endAt[i] >= this.from);
  }

  // clear is what the indices of witnesses on the lane leave of the room for a text.
  clear(label) {
    let { x, width } = this.room(label);
    for (const i of this.witnessesOn(label.lane)) {
      const tag = this.tag(i), end = tag.x + tag.width;
      if (end <= x || tag.x >= x + width) continue;
      if (tag.x - x > LEGIBLE) width = tag.x - x;
      else [x, width] = [end, x + width - end];
    }
    return { x, width };
  }

  drawBarText(label, y) {
    const bars = this.data.bars, i = label.bar, type = bars.type[i], { x, width } = this.clear(label);
    if (width <= LEGIBLE) return;
    const text = bars.function[i] < 0 ? this.textOf(i) : `${this.data.functions[bars.function[i]]} ${this.textOf(i)}`;
    const middle = y + this.laneHeight / 2;
    if (type !== OK) {
      this.g.fillStyle = this.colours.card;
      this.g.fillRect(x + 3, y + 4, Math.min(this.g.measureText(text).width + 6, width - 6), this.laneHeight - 8);
    }
    this.label(text, x + 5, type === FAIL ? middle - 3 : middle, width - 9, type === OK ? this.colours.card : this.colours.ink);
  }

  // drawWitness frames an op of a witness and writes its index beside it.
  drawWitness(i, y) {
    const g = this.g;
    this.outline(i, y, this.colours.invalid);
    if (this.laneHeight < 12) return;
    const { text, x, width } = this.tag(i);
    g.fillStyle = this.colours.card;
    g.fillRect(x, y + 3, width, this.laneHeight - 6);
    g.fillStyle = this.colours.invalid;
    g.fillText(text, x + 2, y + this.laneHeight / 2);
  }

  // tag is the index of an op of a witness, and where it is written.
  tag(i) {
    const text = "#" + this.index[i], x = Math.max(this.xOf(this.endAt[i]), this.xOf(this.startAt[i]) + 3) + 4;
    return { text, x, width: this.g.measureText(text).width + 4 };
  }

  outline(i, y, colour) {
    const g = this.g;
    const x = this.xOf(this.startAt[i]), w = Math.max(this.xOf(this.endAt[i]) - x, 3);
    g.strokeStyle = colour;
    g.lineWidth = 2.5;
    g.strokeRect(x - 1.5, y + 0.5, w + 3, this.laneHeight - 1);
    g.lineWidth = 1;
  }

  // drawMap draws the whole run in a strip, and the part of it that is shown above.
  drawMap() {
    const { map, strip, scale } = this, g = map.getContext("2d"), total = this.left + this.width + 6;
    if (!this.density) this.drawStrip(total, Math.round(total * scale), MAP_HEIGHT * scale);
    if (map.width !== strip.width || map.height !== strip.height) { map.width = strip.width; map.height = strip.height; }
    map.style.height = MAP_HEIGHT + "px";
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, map.width, map.height);
    g.drawImage(strip, 0, 0);
    g.setTransform(scale, 0, 0, scale, 0, 0);
    const x = this.mapX(this.from), width = this.mapX(this.to) - x;
    g.fillStyle = this.colours.ink;
    g.globalAlpha = 0.1;
    g.fillRect(x, 0, width, MAP_HEIGHT);
    g.globalAlpha = 1;
    g.strokeStyle = this.colours.ink;
    g.strokeRect(x + 0.5, 0.5, Math.max(width - 1, 3), MAP_HEIGHT - 1);
    for (const w of this.data.witnesses) {
      g.fillStyle = this.colours.invalid;
      g.fillRect(this.mapX(w.from) - 1, 0, Math.max(this.mapX(w.to) - this.mapX(w.from), 2.5), 4);
    }
  }

  mapX(t) { return this.left + (t + this.end * 0.01) / (this.end * 1.02) * this.width; }

  // drawStrip draws what does not change with the view: how many ops begin where,
  // what is not ok, and the faults.
  drawStrip(total, width, height) {
    const { strip, scale, colours } = this, g = strip.getContext("2d");
    strip.width = width;
    strip.height = height;
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.fillStyle = colours.band;
    g.globalAlpha = 0.3;
    for (const f of this.data.faults) g.fillRect(this.mapX(f.start), 0, Math.max(this.mapX(f.end) - this.mapX(f.start), 1), 5);
    g.globalAlpha = 1;
    const { ok, bad, most } = this.density = this.countDensity();
    const high = (n) => n && Math.max(1.5, n / most * (MAP_HEIGHT - 8));
    for (const [counts, below, colour] of [[ok, null, colours.ok], [bad, ok, colours.info]]) {
      g.fillStyle = colour;
      for (let column = 0; column < counts.length; column++) {
        const h = high(counts[column]);
        if (h) g.fillRect(this.left + column * 2, MAP_HEIGHT - 1 - h - (below ? high(below[column]) : 0), 1.6, h);
      }
    }
  }

  countDensity() {
    const { startAt, shown, end } = this, { type } = this.data.bars;
    const columns = Math.max(1, Math.floor(this.width / 2)), perUnit = columns / (end * 1.02);
    const ok = new Uint32Array(columns), bad = new Uint32Array(columns);
    for (let i = 0; i < startAt.length; i++) {
      if (shown && !shown[i]) continue;
      const at = Math.min(columns - 1, Math.floor((startAt[i] + end * 0.01) * perUnit));
      if (type[i] === OK) ok[at]++;
      else bad[at]++;
    }
    return { ok, bad, most: ok.reduce((most, n, at) => Math.max(most, n + bad[at]), 1) };
  }
}
