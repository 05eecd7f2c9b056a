// The ops that the timeline shows, as a table: the same for those who do not see
// the picture, or want to copy from it.

const MOST_ROWS = 300;

class OpTable {
  constructor(timeline) {
    this.timeline = timeline;
    this.box = document.getElementById("timeline-table");
    this.box.hidden = false;
    this.box.addEventListener("toggle", () => this.fill());
  }

  // follow fills the table anew once the picture stands still.
  follow() {
    clearTimeout(this.waiting);
    if (this.box.open) this.waiting = setTimeout(() => this.fill(), 150);
  }

  fill() {
    if (!this.box.open) return;
    const t = this.timeline, found = [];
    let n = 0;
    for (let i = 0; i < t.startAt.length; i++) {
      if (t.startAt[i] > t.to || t.endAt[i] < t.from || t.shown && !t.shown[i]) continue;
      if (n++ < MOST_ROWS) found.push(i);
    }
    document.getElementById("timeline-rows").textContent = n > MOST_ROWS ? `the first ${MOST_ROWS} of ${n} in view: zoom in or filter to see others` : `${n} in view`;
    this.box.querySelector("tbody").replaceChildren(...found.map((i) => this.row(i)));
  }

  row(i) {
    const t = this.timeline, bars = t.data.bars, several = bars.function[i] < 0, row = document.createElement("tr"), never = bars.duration[i] < 0;
    const cells = [several ? "" : "#" + t.index[i], bars.process[i], t.data.nodes[bars.node[i]], t.moment(t.startAt[i]), never ? "never" : t.moment(t.endAt[i]),
      never ? "" : t.span(bars.duration[i]), several ? "" : t.data.functions[bars.function[i]], t.textOf(i), TYPES[bars.type[i]]];
    cells.forEach((text, k) => {
      const cell = document.createElement(k === 0 ? "th" : "td");
      if (k === 0) cell.scope = "row";
      cell.className = k === 7 ? "value" : k > 2 && k < 6 ? "num" : "foreign";
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  }
}
