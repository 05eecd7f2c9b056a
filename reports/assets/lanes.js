// Puts bars on lanes, and finds the bars of a lane that matter to a picture without
// looking at each: those of a block of 8, 64, 512 or 4096 neighbours are summed up.

const MOST_AT_A_TIME = 24, BLOCK = 8, LEVELS = 4;

// bisect returns the first number from low on of which a condition no longer holds.
function bisect(low, high, holds) {
  while (low < high) {
    const middle = low + high >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Lanes holds the bars lane after lane, those of a lane by their start. An op of
// several keys has a place on the lanes of each.
class Lanes {
  constructor(picture, by) {
    const bars = picture.data.bars, n = bars.lane.length;
    const places = by === "key" ? bars.key.length : n;
    this.bar = new Int32Array(places); // at first by entry, later by place
    for (let i = 0, e = 0; i < n; i++) {
      for (let k = by === "key" ? bars.touched[i] : 1; k > 0; k--) this.bar[e++] = i;
    }
    const laneOf = by === "thread" ? this.threads(picture) : this.share(picture, by);
    this.place(picture, laneOf);
    this.findWitnesses(picture);
    this.show(picture);
  }

  // threads gives every thread a lane.
  threads({ data }) {
    this.names = data.lanes;
    return data.bars.lane;
  }

  // share gives every node or key as many lanes as it has ops at a time: with more
  // than MOST_AT_A_TIME, some overlap, and ops that never completed first of all.
  share({ data, startAt, endAt }, by) {
    const groups = by === "node" ? data.nodes : data.keys, group = by === "node" ? data.bars.node : data.bars.key;
    const rows = groups.map(() => []), free = [], lastEnd = [];
    const add = (lanes) => {
      lanes.push(free.length);
      free.push(-Infinity);
      return lastEnd.push(-Infinity) - 1;
    };
    for (const lanes of rows) add(lanes);
    const laneFor = (lanes, start) => {
      for (const lane of lanes) if (free[lane] <= start) return lane;
      if (lanes.length < MOST_AT_A_TIME) return add(lanes);
      let best = lanes[0];
      for (const lane of lanes) {
        if (lastEnd[lane] <= start) return lane;
        if (lastEnd[lane] < lastEnd[best]) best = lane;
      }
      return best;
    };
    const laneOf = new Uint16Array(this.bar.length);
    for (let e = 0; e < laneOf.length; e++) {
      const i = this.bar[e], lane = laneFor(rows[group[e]], startAt[i]), never = data.bars.duration[i] < 0;
      free[lane] = Math.max(free[lane], endAt[i]);
      lastEnd[lane] = never ? startAt[i] : endAt[i];
      laneOf[e] = lane;
    }
    return this.sort(groups, rows, laneOf, by);
  }

  // sort orders the lanes by the names of their groups, each of which the first
  // lane of a group bears.
  sort(groups, rows, laneOf, by) {
    const order = groups.map((_, n) => n).sort((a, b) => groups[a].localeCompare(groups[b], "en", { numeric: true }));
    const number = [];
    this.names = [];
    for (const n of order) {
      rows[n].forEach((lane, k) => { number[lane] = this.names.push(k === 0 ? `${by} ${groups[n] || "unknown"}` : "") - 1; });
    }
    return laneOf.map((lane) => number[lane]);
  }

  // place moves every entry to its lane.
  place({ startAt, endAt }, laneOf) {
    const n = laneOf.length, entries = this.bar;
    this.first = new Uint32Array(this.names.length + 1);
    for (let e = 0; e < n; e++) this.first[laneOf[e] + 1]++;
    for (let lane = 0; lane < this.names.length; lane++) this.first[lane + 1] += this.first[lane];
    const next = this.first.slice();
    this.bar = new Int32Array(n);
    this.start = new Float64Array(n);
    this.end = new Float64Array(n);
    for (let e = 0; e < n; e++) {
      const i = entries[e], k = next[laneOf[e]]++;
      this.bar[k] = i;
      this.start[k] = startAt[i];
      this.end[k] = endAt[i];
    }
  }

  // findWitnesses lists the bars of witnesses by lane.
  findWitnesses({ witnessOps, data }) {
    this.witness = this.names.map(() => []);
    if (witnessOps.size === 0) return;
    const { index } = data.bars;
    for (let lane = 0; lane < this.names.length; lane++) {
      for (let k = this.first[lane]; k < this.first[lane + 1]; k++) {
        if (witnessOps.has(index[this.bar[k]])) this.witness[lane].push(this.bar[k]);
      }
    }
  }

  // show leaves the bars that match a filter: the type of a place is 0 where the bar
  // does not, or never completed. The places of the latter are listed, as they would
  // reach into all that follows them.
  show({ shown, data }) {
    const { type, duration } = data.bars;
    this.type = new Uint8Array(this.bar.length);
    this.open = this.names.map(() => []);
    for (let lane = 0; lane < this.names.length; lane++) {
      for (let k = this.first[lane]; k < this.first[lane + 1]; k++) {
        const i = this.bar[k];
        if (shown && !shown[i]) continue;
        if (duration[i] < 0) this.open[lane].push(k);
        else this.type[k] = type[i];
      }
    }
    this.sumUp();
  }

  // sumUp notes for blocks of places which types they have, as bits, how long their
  // longest bar takes and until when they reach.
  sumUp() {
    this.levels = [];
    let below = null;
    for (let n = Math.ceil(this.bar.length / BLOCK); this.levels.length < LEVELS; n = Math.ceil(n / BLOCK)) {
      const level = { types: new Uint8Array(n), longest: new Float64Array(n), reach: new Float64Array(n).fill(-Infinity) };
      if (below) this.sumBlocks(level, below);
      else this.sumBars(level);
      this.levels.push(below = level);
    }
  }

  sumBars({ types, longest, reach }) {
    const { type, start, end } = this;
    for (let k = 0; k < type.length; k++) {
      if (type[k] === 0) continue;
      const b = k >>> 3;
      types[b] |= 1 << type[k];
      if (end[k] - start[k] > longest[b]) longest[b] = end[k] - start[k];
      if (end[k] > reach[b]) reach[b] = end[k];
    }
  }

  sumBlocks({ types, longest, reach }, below) {
    for (let k = 0; k < below.types.length; k++) {
      const b = k >>> 3;
      types[b] |= below.types[k];
      if (below.longest[k] > longest[b]) longest[b] = below.longest[k];
      if (below.reach[k] > reach[b]) reach[b] = below.reach[k];
    }
  }

  // next returns the first place from k on that shows a bar, or stop.
  next(k, stop) {
    while (k < stop && this.type[k] === 0) {
      let size = 1;
      for (const { types } of this.levels) {
        const larger = size * BLOCK;
        if (k % larger !== 0 || k + larger > stop || types[k / larger] !== 0) break;
        size = larger;
      }
      k += size;
    }
    return k;
  }

  // lastAt returns the last bar of a lane that is there between two moments; one
  // that never completed only where it begins, or where there is no other; -1 if
  // there is none.
  lastAt(lane, from, to) {
    const begin = this.first[lane];
    let found = -1;
    for (let k = bisect(begin, this.first[lane + 1], (k) => this.start[k] <= to) - 1; k >= begin;) {
      let size = 1;
      for (const { reach } of this.levels) {
        const larger = size * BLOCK;
        if ((k + 1) % larger !== 0 || k + 1 - larger < begin || reach[(k + 1) / larger - 1] >= from) break;
        size = larger;
      }
      if (size === 1 && this.type[k] !== 0 && this.end[k] >= from) {
        found = k;
        break;
      }
      k -= size;
    }
    const never = this.open[lane], open = never[bisect(0, never.length, (j) => this.start[never[j]] <= to) - 1];
    if (open !== undefined && (found < 0 || open > found && this.start[open] >= from)) found = open;
    return found < 0 ? -1 : this.bar[found];
  }

  // having lists the lanes that a bar stands on.
  having(bar) {
    const lanes = [];
    for (let k = this.bar.indexOf(bar); k >= 0; k = this.bar.indexOf(bar, k + 1)) {
      lanes.push(this.first.findLastIndex((first) => first <= k));
    }
    return lanes;
  }
}
