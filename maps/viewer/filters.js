// What is shown: types, dates, text. The state is a plain object, so that the address of the page can carry it.

class Filters {
  constructor(data, looks, onChange) {
    this.data = data;
    this.types = data.values("event_type");
    this.onChange = onChange;
    this._boxes = new Map();
    this._legend(looks);
    this._dates();
    let timer = 0;
    byId("search").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(onChange, 120);
    });
    byId("from").addEventListener("change", onChange);
    byId("to").addEventListener("change", onChange);
    byId("reset").addEventListener("click", () => {
      this.restore(new URLSearchParams());
      onChange();
    });
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
  }

  _legend(looks) {
    const counts = new Map();
    for (let i = 0; i < this.data.count; i++) {
      const type = this.data.get("event_type", i);
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    for (const type of this.types) {
      const box = el("input", { type: "checkbox", checked: true, onchange: () => this.onChange() });
      this._boxes.set(type, box);
      byId("types").append(el("label", { class: "type" }, box, glyph(looks.get(type), "pin"),
        el("span", { class: "type-name" }, type), el("span", { class: "type-count" }, String(counts.get(type) ?? 0))));
    }
  }

  _dates() {
    const days = [];
    for (let i = 0; i < this.data.count; i++) if (this.data.get("date_start", i) !== null) days.push(this.data.get("date_start", i));
    if (!days.length) return;
    const iso = (day) => new Date(day * DAY).toISOString().slice(0, 10);
    let least = days[0], most = days[0];
    for (const day of days) {
      least = Math.min(least, day);
      most = Math.max(most, day);
    }
    for (const id of ["from", "to"]) {
      byId(id).min = iso(least);
      byId(id).max = iso(most);
    }
  }

  _day(id) {
    const value = Date.parse(byId(id).value);
    return Number.isNaN(value) ? null : Math.round(value / DAY);
  }

  /** Indices of the incidents that pass, in the order of the list. */
  apply() {
    const { data } = this, from = this._day("from"), to = this._day("to");
    const words = fold(byId("search").value).split(/\s+/).filter((word) => word);
    const off = new Set(this.types.filter((type) => !this._boxes.get(type).checked));
    const passed = [];
    for (let i = 0; i < data.count; i++) {
      if (off.size && off.has(data.get("event_type", i))) continue;
      if (from !== null || to !== null) {
        const first = data.get("date_start", i), last = data.get("date_end", i) ?? first;
        if (first === null || (from !== null && last < from) || (to !== null && first > to)) continue;
      }
      if (words.length && !words.every((word) => data.haystack(i).includes(word))) continue;
      passed.push(i);
    }
    byId("reset").disabled = !this.active();
    return passed;
  }

  active() {
    return [...this.save().keys()].length > 0;
  }

  /** The state as parameters; nothing where nothing is set. */
  save() {
    const state = new URLSearchParams();
    const on = this.types.filter((type) => this._boxes.get(type).checked);
    if (on.length < this.types.length) {
      if (on.length) on.forEach((type) => state.append("type", type));
      else state.append("type", "");
    }
    for (const id of ["from", "to"]) if (byId(id).value) state.append(id, byId(id).value);
    if (byId("search").value.trim()) state.append("q", byId("search").value.trim());
    return state;
  }

  restore(state) {
    const on = new Set(state.getAll("type"));
    for (const [type, box] of this._boxes) box.checked = !state.has("type") || on.has(type);
    for (const id of ["from", "to"]) byId(id).value = /^\d{4}-\d\d-\d\d$/.test(state.get(id) ?? "") ? state.get(id) : "";
    byId("search").value = state.get("q") ?? "";
  }
}
