// Paints the bars of lanes as pixels: thousands of small rectangles cost a canvas
// far more than an array. A lane is first told as one byte a pixel of its width,
// whose bits say what is there; tables then give the colour of each of its rows.

// Bits of a pixel; what is narrow has the bit 1 << type: ok is full, info the upper
// part of the lane, fail the lower.
const SOFT = 1, HATCHED = 16, NEVER = 32, EDGE = 64, OUTLINED = 128;

// Rows of a lane, from its top down.
const TOP = 0, UPPER = 1, MIDDLE = 2, OUTLINE = 3, LOWER = 4, BOTTOM = 5, KINDS = 6;

class Raster {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.codes = new Uint8Array(0);
  }

  resize(width, height) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.codes = new Uint8Array(width);
  }

  // mix prepares the tables: for each kind of row, each phase of the hatching and
  // each code a colour.
  mix(colours, scale) {
    this.line = Math.max(1, Math.round(scale));
    this.period = Math.round(6 * scale);
    this.tables = new Uint32Array(KINDS * this.period * 256);
    const rgb = { ok: this.parse(colours.ok), fail: this.parse(colours.fail), info: this.parse(colours.info) };
    for (let at = 0, kind = 0; kind < KINDS; kind++) {
      for (let phase = 0; phase < this.period; phase++) {
        const stripe = this.stripe(Math.min(phase, this.period - phase), scale);
        for (let code = 0; code < 256; code++) this.tables[at++] = this.colour(rgb, kind, stripe, code);
      }
    }
  }

  // stripe is how much of a pixel so far from the middle of a diagonal line it covers.
  stripe(distance, scale) {
    return Math.min(Math.max(0.8 * scale + 0.5 - distance * Math.SQRT1_2, 0), 1);
  }

  // parse turns a colour of the style into the bytes of a pixel.
  parse(colour) {
    const g = document.createElement("canvas").getContext("2d");
    g.fillStyle = colour;
    g.fillRect(0, 0, 1, 1);
    const [r, green, b] = g.getImageData(0, 0, 1, 1).data;
    return r | green << 8 | b << 16;
  }

  colour(rgb, kind, stripe, code) {
    const has = (bit) => (code & bit) !== 0, outline = kind === TOP || kind === BOTTOM;
    const opaque = has(SOFT) ? 0.7 : 1, shade = (colour, part) => (colour | Math.round(part * 255) << 24) >>> 0;
    if (has(1 << FAIL) && kind >= OUTLINE || has(OUTLINED) && (kind === OUTLINE || kind === BOTTOM)) return shade(rgb.fail, opaque);
    if (has(1 << INFO) && kind <= UPPER || has(EDGE)) return shade(rgb.info, opaque);
    if (has(1 << OK)) return shade(rgb.ok, opaque);
    if (has(HATCHED | NEVER)) return shade(rgb.info, (outline ? 1 : stripe) * (has(HATCHED) ? 1 : 0.45));
    return 0;
  }

  begin() { this.pixels.fill(0); }

  // clear forgets the codes of the lane before.
  clear() {
    this.codes.fill(0);
    this.hatched = false;
  }

  // put sets bits from one pixel to another, the last of which is soft where it
  // would hide the gap to the next.
  put(from, to, bits, soft) {
    if (bits & (HATCHED | NEVER)) this.hatched = true;
    const codes = this.codes, end = Math.min(to, codes.length);
    for (let x = Math.max(from, 0); x < end; x++) codes[x] |= bits;
    if (soft && to > 0 && to <= codes.length) codes[to - 1] |= SOFT;
  }

  // lane paints the codes as a lane from one row to another. The hatching moves
  // with the bars, of which so many pixels are to the left of the picture.
  lane(top, bottom, origin) {
    const high = bottom - top, outline = Math.floor(0.55 * high);
    const { codes, pixels, tables, period } = this, width = codes.length, last = Math.min(bottom, this.canvas.height);
    for (let y = Math.max(top, 0), painted = -1; y < last; y++) {
      const kind = this.kind(y - top, high, outline), at = y * width;
      if (kind === painted && !this.hatched) {
        pixels.copyWithin(at, at - width, at);
        continue;
      }
      const table = kind * period * 256;
      for (let x = 0, phase = (((origin + y) % period) + period) % period; x < width; x++) {
        pixels[at + x] = tables[table + phase * 256 + codes[x]];
        if (++phase === period) phase = 0;
      }
      painted = kind;
    }
  }

  kind(y, high, outline) {
    if (y < this.line) return TOP;
    if (y >= high - this.line) return BOTTOM;
    if (y < high / 2) return UPPER;
    if (y < outline) return MIDDLE;
    return y < outline + this.line ? OUTLINE : LOWER;
  }

  // finish returns the picture.
  finish() {
    this.context.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}
