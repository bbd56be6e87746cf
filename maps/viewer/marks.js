// How incidents look on the map: colour and shape say the type, the filling says how exactly the place is known.

const KNOWN_TYPES = new Map([
  ["Explosions/Remote violence", 0],
  ["Battles", 1],
  ["Violence against civilians", 2],
  ["Protests", 3],
  ["Riots", 4],
  ["Strategic developments", 5],
]);
const SHAPES = ["circle", "square", "triangle", "diamond", "wedge", "hexagon", "plus", "star"];

/** Which of the eight looks each event type has: fixed for the types of ACLED, in order for others. */
function looksOf(types) {
  const looks = new Map();
  let next = KNOWN_TYPES.size;
  for (const type of types) looks.set(type, KNOWN_TYPES.get(type) ?? (next++ < SHAPES.length ? next - 1 : (next - 1) % SHAPES.length));
  return looks;
}

function shapePath(ctx, shape, x, y, r) {
  const corners = (count, turn, radius = () => r) => {
    for (let k = 0; k < count; k++) {
      const angle = turn + (2 * Math.PI * k) / count;
      ctx.lineTo(x + radius(k) * Math.sin(angle), y - radius(k) * Math.cos(angle));
    }
    ctx.closePath();
  };
  ctx.beginPath();
  if (shape === "circle") ctx.arc(x, y, r * 0.92, 0, 2 * Math.PI);
  else if (shape === "square") corners(4, Math.PI / 4, () => r * 1.18);
  else if (shape === "triangle") corners(3, 0, () => r * 1.2);
  else if (shape === "diamond") corners(4, 0, () => r * 1.2);
  else if (shape === "wedge") corners(3, Math.PI, () => r * 1.2);
  else if (shape === "hexagon") corners(6, 0, () => r * 1.05);
  else if (shape === "star") corners(10, 0, (k) => (k % 2 ? r * 0.5 : r * 1.25));
  else {
    const a = r * 0.38, b = r * 1.1;
    for (const [dx, dy] of [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]) {
      ctx.lineTo(x + dx, y + dy);
    }
    ctx.closePath();
  }
}

const extent = (line) => Math.max(line.east - line.west, line.south - line.north);

/** One mark: filled for an exact place, hollow for near a place, hollow and broken for an area, a line or the sea. */
function drawMark(ctx, colour, look, drawn, x, y, r = 7) {
  const tint = colour(`type-${look}`), exact = drawn === "pin";
  shapePath(ctx, SHAPES[look], x, y, r);
  ctx.lineJoin = "round";
  ctx.fillStyle = exact ? tint : colour("paper");
  ctx.lineWidth = exact ? 3 : 4.5;
  ctx.strokeStyle = colour("paper");
  ctx.stroke();
  ctx.fill();
  if (!exact) {
    ctx.setLineDash(drawn === "near" ? [] : [2.6, 2]);
    ctx.lineWidth = 2.2;
    ctx.strokeStyle = tint;
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

/** The mark as a small picture for lists and the legend. Repainted by `repaintGlyphs` when the theme changes. */
function glyph(look, drawn) {
  const canvas = el("canvas", { class: "glyph", width: 40, height: 40, "aria-hidden": "true" });
  canvas.dataset.look = look;
  canvas.dataset.drawn = drawn ?? "none";
  paintGlyph(canvas, themeColours());
  return canvas;
}

function paintGlyph(canvas, colour) {
  const ctx = canvas.getContext("2d");
  ctx.setTransform(2, 0, 0, 2, 0, 0);
  ctx.clearRect(0, 0, 20, 20);
  drawMark(ctx, colour, Number(canvas.dataset.look), canvas.dataset.drawn, 10, 10, 6);
}

function repaintGlyphs() {
  const colour = themeColours();
  for (const canvas of document.querySelectorAll("canvas.glyph")) paintGlyph(canvas, colour);
}

/**
 * Groups of incidents that lie closer than `radius` pixels to the first of them. Greedy over a grid of that width:
 * each incident looks at the nine cells around it only.
 */
function clustersOf(data, indices, scale, radius) {
  const cells = new Map(), clusters = [];
  for (const i of indices) {
    const x = data.u[i] * scale, y = data.v[i] * scale;
    const column = Math.floor(x / radius), row = Math.floor(y / radius);
    let nearest = null, least = radius * radius;
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        for (const cluster of cells.get(c * 67108864 + r) ?? []) {
          const distance = (cluster.seedX - x) ** 2 + (cluster.seedY - y) ** 2;
          if (distance <= least) {
            least = distance;
            nearest = cluster;
          }
        }
      }
    }
    if (nearest) {
      nearest.members.push(i);
      nearest.x += x;
      nearest.y += y;
    } else {
      const cluster = { seedX: x, seedY: y, x, y, members: [i] }, key = column * 67108864 + row;
      clusters.push(cluster);
      const cell = cells.get(key);
      if (cell) cell.push(cluster);
      else cells.set(key, [cluster]);
    }
  }
  for (const cluster of clusters) {
    cluster.x /= cluster.members.length;
    cluster.y /= cluster.members.length;
    cluster.r = cluster.members.length === 1 ? 8 : Math.min(28, 12 + 3.2 * Math.log2(cluster.members.length));
  }
  return clusters;
}

class Marks {
  constructor(data, looks) {
    this.data = data;
    this.looks = looks;
    this.selected = -1;
    this.hovered = null;
    this.clusters = [];
    this._shapes = data.shapes.map((shape) => ({ kind: shape.kind, lines: shape.lines.map((line) => unpack(line, shape.grid)) }));
    this._cache = new Map();
    this.show([]);
  }

  /** The incidents to draw: those that pass the filters. */
  show(indices) {
    this._indices = indices.filter((i) => this.data.located(i));
    this._cache.clear();
  }

  look(i) {
    return this.looks.get(this.data.get("event_type", i)) ?? 0;
  }

  /** Far enough apart that marks do not hide each other; wide for many, so that a full map stays readable. */
  _radius(zoom) {
    if (zoom >= 15) return 18;
    return this._indices.length > 100 ? 80 : 36;
  }

  _at(view) {
    let clusters = this._cache.get(view.zoom);
    if (!clusters) {
      clusters = clustersOf(this.data, this._indices, view.scale, this._radius(view.zoom));
      this._cache.set(view.zoom, clusters);
    }
    return clusters;
  }

  /** Where marks stand, as boxes in pixels of the view. */
  boxes(view) {
    return this._at(view).map((c) => [c.x - c.r - view.x, c.y - c.r - view.y, c.x + c.r - view.x, c.y + c.r - view.y])
      .filter(([west, north, east, south]) => east > 0 && south > 0 && west < view.width && north < view.height);
  }

  paint(ctx, view) {
    const colour = themeColours();
    this.clusters = this._at(view);
    this._areas(ctx, view, colour);
    const margin = 40;
    const near = this.clusters.filter((c) => c.x > view.x - margin && c.x < view.x + view.width + margin &&
      c.y > view.y - margin && c.y < view.y + view.height + margin);
    for (const cluster of near) if (cluster.members.length === 1) this._reach(ctx, view, colour, cluster.members[0], false);
    if (this.selected >= 0 && this.data.located(this.selected)) this._reach(ctx, view, colour, this.selected, true);
    for (const cluster of near) {
      const x = cluster.x - view.x, y = cluster.y - view.y;
      if (cluster.members.length > 1) this._bunch(ctx, colour, cluster, x, y);
      else drawMark(ctx, colour, this.look(cluster.members[0]), this.data.get("drawn_as", cluster.members[0]), x, y);
    }
    if (this.selected >= 0 && this.data.located(this.selected)) this._selection(ctx, view, colour);
  }

  /** Regions and border segments, each once however many incidents share it. */
  _areas(ctx, view, colour) {
    const chosen = this.selected >= 0 ? this.data.get("shape", this.selected) : null;
    const drawn = new Set(this._indices.map((i) => this.data.get("shape", i)));
    for (const number of [...drawn].sort((a, b) => a - b)) {
      if (number === null) continue;
      const shape = this._shapes[number], strong = number === chosen;
      ctx.beginPath();
      for (const line of shape.lines) {
        // What is smaller than a mark says nothing and would only clutter the map.
        if (!visible(line, view) || (!strong && extent(line) * view.scale < 22)) continue;
        trace(ctx, view, line);
        if (shape.kind !== "line") ctx.closePath();
      }
      if (shape.kind !== "line") {
        ctx.fillStyle = colour((shape.kind === "sea" ? "waters" : "area") + (strong ? "-strong" : ""));
        ctx.fill("evenodd");
        ctx.setLineDash([6, 4]);
        ctx.lineWidth = strong ? 2 : 1.2;
      } else {
        ctx.setLineDash([]);
        ctx.lineWidth = strong ? 7 : 5;
      }
      ctx.strokeStyle = colour(shape.kind !== "line" ? "area-edge" : strong ? "line-strong" : "line");
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }

  /** The circle within which the place lies, where there is no better shape for it. */
  _reach(ctx, view, colour, i, strong) {
    const metres = this.data.get("radius_m", i);
    if (!metres || this.data.get("shape", i) !== null || (this.data.get("drawn_as", i) === "pin" && !strong)) return;
    const latitude = (mercatorLat(this.data.v[i]) * Math.PI) / 180;
    const pixels = (metres / (40075017 * Math.cos(latitude))) * view.scale;
    if (pixels < 12 || pixels > 4000) return;
    ctx.beginPath();
    ctx.arc(this.data.u[i] * view.scale - view.x, this.data.v[i] * view.scale - view.y, pixels, 0, 2 * Math.PI);
    ctx.fillStyle = colour(strong ? "area-strong" : "area");
    ctx.fill();
    ctx.lineWidth = 1.2;
    ctx.setLineDash([6, 4]);
    ctx.strokeStyle = colour("area-edge");
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** A cluster: how many, and in its ring of which types. */
  _bunch(ctx, colour, cluster, x, y) {
    const counts = new Map();
    for (const i of cluster.members) counts.set(this.look(i), (counts.get(this.look(i)) ?? 0) + 1);
    ctx.beginPath();
    ctx.arc(x, y, cluster.r + 2, 0, 2 * Math.PI);
    ctx.fillStyle = colour("paper");
    ctx.fill();
    let angle = -Math.PI / 2;
    for (const [look, count] of [...counts].sort((a, b) => a[0] - b[0])) {
      const end = angle + (2 * Math.PI * count) / cluster.members.length;
      ctx.beginPath();
      ctx.arc(x, y, cluster.r - 1, angle, end);
      ctx.lineWidth = 4;
      ctx.strokeStyle = colour(`type-${look}`);
      ctx.stroke();
      angle = end;
    }
    const count = cluster.members.length;
    ctx.font = `600 ${count > 999 ? 11 : 12.5}px ${colour("font")}`;
    ctx.fillStyle = colour("ink");
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(count > 9999 ? `${Math.round(count / 1000)}k` : String(count), x, y + 0.5);
  }

  _selection(ctx, view, colour) {
    const cluster = this.clusters.find((c) => c.members.includes(this.selected));
    const x = (cluster ? cluster.x : this.data.u[this.selected] * view.scale) - view.x;
    const y = (cluster ? cluster.y : this.data.v[this.selected] * view.scale) - view.y;
    ctx.beginPath();
    ctx.arc(x, y, (cluster ? cluster.r : 8) + 6, 0, 2 * Math.PI);
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colour("accent");
    ctx.stroke();
  }

  /** The mark or cluster at a pixel of the world, or null. */
  hit(x, y) {
    let best = null, least = Infinity;
    for (const cluster of this.clusters) {
      const distance = Math.hypot(cluster.x - x, cluster.y - y);
      if (distance < Math.max(14, cluster.r + 4) && distance < least) {
        least = distance;
        best = cluster;
      }
    }
    return best;
  }
}
