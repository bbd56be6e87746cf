// The island of data: columns, one entry an incident, in the order of the feeds (newest first).

class Incidents {
  constructor(island, details) {
    this.count = island.count;
    this._words = new Map(Object.entries(island.words).map(([kind, words]) => [kind, new Map(Object.entries(words))]));
    this.shapes = island.shapes;
    this._columns = new Map(Object.entries(island.columns));
    this._details = details;
    this._lines = null;
    this._haystack = null;
    // Mercator, the world from 0 to 1: what the map multiplies with its scale. NaN: no place on the map.
    this.u = new Float64Array(this.count);
    this.v = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      this.u[i] = island.x[i] === null ? NaN : mercatorX(island.x[i] / 1e5);
      this.v[i] = island.y[i] === null ? NaN : mercatorY(island.y[i] / 1e5);
    }
  }

  /** The value of a column for incident i; null where unknown. */
  get(name, i) {
    const column = this._columns.get(name);
    if (Array.isArray(column)) return column[i];
    const code = column.index[i];
    return code === null ? null : column.values[code];
  }

  /** The distinct values of a coded column. */
  values(name) {
    const column = this._columns.get(name);
    return (Array.isArray(column) ? [...new Set(column)] : column.values).filter((value) => value !== null);
  }

  /** What a code means, in words; null where the code is unknown. A Map, so that no text reaches Object.prototype. */
  word(kind, code) {
    return code === null ? null : this._words.get(kind).get(String(code)) ?? null;
  }

  located(i) {
    return !Number.isNaN(this.u[i]);
  }

  latLng(i) {
    return L.latLng(mercatorLat(this.v[i]), this.u[i] * 360 - 180);
  }

  /** Claims, sources and quotes: parsed when somebody opens the incident. */
  detail(i) {
    this._lines ??= this._details.split("\n");
    return JSON.parse(this._lines[i]);
  }

  /** Everything that the text search looks at, folded. */
  haystack(i) {
    this._haystack ??= new Array(this.count);
    const names = ["title", "place_name", "place_text", "admin1", "country", "actor_1", "actor_2", "event_type",
      "sub_event_type", "incident_id"];
    this._haystack[i] ??= fold(names.map((name) => this.get(name, i) ?? "").join("\n"));
    return this._haystack[i];
  }

  indexOf(id) {
    for (let i = 0; i < this.count; i++) if (this.get("incident_id", i) === id) return i;
    return -1;
  }
}

function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const mercatorX = (lon) => lon / 360 + 0.5;

function mercatorY(lat) {
  const sin = Math.sin((Math.max(-85.05, Math.min(85.05, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
}

const mercatorLat = (v) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180) / Math.PI;

/** A flat list of grid steps as Mercator points, with its box for culling. */
function unpack(steps, grid) {
  const points = new Float64Array(steps.length);
  let x = 0, y = 0, west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
  for (let k = 0; k < steps.length; k += 2) {
    x += steps[k];
    y += steps[k + 1];
    const u = mercatorX(x / grid), v = mercatorY(y / grid);
    points[k] = u;
    points[k + 1] = v;
    west = Math.min(west, u);
    east = Math.max(east, u);
    north = Math.min(north, v);
    south = Math.max(south, v);
  }
  return { points, west, north, east, south };
}
