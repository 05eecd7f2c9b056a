// Reads what columns.go packs: base64 of a deflated head in JSON, of the columns of
// the bars, as zigzag varints, and of their texts, in JSON.

async function readPayload(text) {
  const packed = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return decodePayload(new Uint8Array(await new Response(stream).arrayBuffer()));
}

function decodePayload(bytes) {
  const length = new Float64Array(1), at = readVarints(bytes, 0, length), end = at + length[0];
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(at, end)));
  data.bars = new Bars(bytes, end, data.count);
  return data;
}

// Bars are the columns, an entry a bar. What the first picture needs is read at once,
// the rest when it is asked for. Arrays are of four kinds, for which the loop that
// fills them is compiled.
class Bars {
  constructor(bytes, at, count) {
    this.bytes = bytes;
    this.at = at;
    this.count = count;
    this.lane = this.column(Uint16Array);
    this.start = this.sum(this.column(Float64Array));
    this.duration = this.column(Float64Array);
    this.type = this.column(Uint8Array);
  }

  column(Kind, length = this.count) {
    const numbers = new Kind(length);
    this.at = readVarints(this.bytes, this.at, numbers);
    return numbers;
  }

  // sum turns differences into what they are of.
  sum(numbers) {
    for (let i = 1; i < numbers.length; i++) numbers[i] += numbers[i - 1];
    return numbers;
  }

  // sumLanes does so where the differences are to the bar before on the same lane.
  sumLanes(numbers) {
    const last = new Float64Array(65536), { lane } = this;
    for (let i = 0; i < numbers.length; i++) last[lane[i]] = numbers[i] += last[lane[i]];
    return numbers;
  }

  // countNew turns how long ago a text was new into its number.
  countNew(numbers) {
    for (let i = 0, known = 0; i < numbers.length; i++) {
      numbers[i] = known - numbers[i];
      if (numbers[i] === known) known++;
    }
    return numbers;
  }

  get rest() { return this.read ??= this.readRest(); }
  get function() { return this.rest.function; }
  get index() { return this.rest.index; }
  get process() { return this.rest.process; }
  get text() { return this.rest.text; }
  get node() { return this.rest.node; }
  get touched() { return this.rest.touched; }
  get key() { return this.rest.key; }
  get texts() { return this.rest.texts; }

  readRest() {
    const rest = {
      function: this.column(Int32Array), index: this.sum(this.column(Float64Array)), process: this.sumLanes(this.column(Float64Array)),
      text: this.countNew(this.column(Int32Array)), node: this.sumLanes(this.column(Int32Array)), touched: this.column(Uint16Array),
    };
    rest.key = this.column(Uint16Array, rest.touched.reduce((sum, k) => sum + k, 0));
    rest.texts = JSON.parse(new TextDecoder().decode(this.bytes.subarray(this.at)));
    this.bytes = null;
    return rest;
  }
}

// readVarints fills an array with numbers from a place on and returns the place
// after them.
function readVarints(bytes, at, numbers) {
  for (let i = 0; i < numbers.length; i++) {
    let b = bytes[at++], n = b & 127;
    for (let shift = 7; b > 127 && shift < 28; shift += 7) {
      b = bytes[at++];
      n |= (b & 127) << shift;
    }
    if (b < 128) {
      numbers[i] = n >>> 1 ^ -(n & 1);
      continue;
    }
    for (let place = 2 ** 28; b > 127; place *= 128) {
      b = bytes[at++];
      n += (b & 127) * place;
    }
    numbers[i] = n % 2 ? -(n + 1) / 2 : n / 2;
  }
  return at;
}
