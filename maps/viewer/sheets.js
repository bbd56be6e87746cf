// Canvas layers for Leaflet, and the basemap that is painted on one of them.

/** A canvas over the map and a margin around it; `paint(ctx, view)` draws it after every move. */
const Sheet = L.Layer.extend({
  initialize(pane, paint) {
    this._paneName = pane;
    this._paint = paint;
  },

  onAdd(map) {
    this._canvas = L.DomUtil.create("canvas", "sheet leaflet-zoom-animated", map.getPane(this._paneName));
    this._canvas.setAttribute("aria-hidden", "true");
    this.redraw();
  },

  onRemove() {
    this._canvas.remove();
  },

  getEvents() {
    return {
      moveend: this.redraw,
      resize: this.redraw,
      zoom: () => this._transform(this._map.getCenter(), this._map.getZoom()),
      zoomanim: (event) => this._transform(event.center, event.zoom),
    };
  },

  redraw() {
    const map = this._map, size = map.getSize(), ratio = Math.min(window.devicePixelRatio || 1, 2);
    const margin = size.multiplyBy(0.25).round(), whole = size.add(margin.multiplyBy(2));
    const topLeft = map.containerPointToLayerPoint(margin.multiplyBy(-1)).round();
    const canvas = this._canvas;
    if (canvas.width !== whole.x * ratio || canvas.height !== whole.y * ratio) {
      canvas.width = whole.x * ratio;
      canvas.height = whole.y * ratio;
      canvas.style.width = `${whole.x}px`;
      canvas.style.height = `${whole.y}px`;
    }
    this._zoom = map.getZoom();
    this._corner = map.layerPointToLatLng(topLeft);
    L.DomUtil.setTransform(canvas, topLeft, 1);
    const origin = map.getPixelOrigin().add(topLeft), ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, whole.x, whole.y);
    this._paint(ctx, {
      zoom: this._zoom, scale: 256 * 2 ** this._zoom, x: origin.x, y: origin.y, width: whole.x, height: whole.y,
    });
  },

  _transform(center, zoom) {
    const map = this._map;
    const corner = map.project(this._corner, zoom).subtract(map._getNewPixelOrigin(center, zoom));
    L.DomUtil.setTransform(this._canvas, corner, map.getZoomScale(zoom, this._zoom));
  },
});

/** The colours of the page, from its style sheet, so that light and dark are written in one place. */
function themeColours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function visible(line, view) {
  return line.east * view.scale > view.x && line.west * view.scale < view.x + view.width &&
    line.south * view.scale > view.y && line.north * view.scale < view.y + view.height;
}

function trace(ctx, view, line) {
  const { points } = line;
  for (let k = 0; k < points.length; k += 2) {
    const x = points[k] * view.scale - view.x, y = points[k + 1] * view.scale - view.y;
    if (k === 0) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  }
}

/** Like trace, but without the stretches that run along the edge of the cut: no coast is there. */
function traceCoast(ctx, view, line, edge) {
  const { points } = line, near = 1e-9;
  const along = (a, b, e) => Math.abs(a - e) < near && Math.abs(b - e) < near;
  for (let k = 0; k < points.length; k += 2) {
    const u = points[k], v = points[k + 1], x = u * view.scale - view.x, y = v * view.scale - view.y;
    const cut = k > 0 && (along(u, points[k - 2], edge.west) || along(u, points[k - 2], edge.east) ||
      along(v, points[k - 1], edge.north) || along(v, points[k - 1], edge.south));
    if (k === 0 || cut) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  }
}

class Basemap {
  constructor(island) {
    const sheet = (raw) => ({
      edge: { west: mercatorX(raw.box[0]), south: mercatorY(raw.box[1]), east: mercatorX(raw.box[2]), north: mercatorY(raw.box[3]) },
      land: raw.land.map((ring) => unpack(ring, raw.grid)),
      borders: raw.borders.map((line) => unpack(line, raw.grid)),
    });
    const lines = (raw) => raw.lines.map((line) => unpack(line, raw.grid));
    this.world = sheet(island.world);
    this.details = island.details.map((raw) => ({ ...sheet(raw), divisions: lines(raw.divisions), disputed: lines(raw.disputed) }));
    this.labels = island.labels.map(([name, x, y, zoom, country]) => ({ name, zoom, country, u: mercatorX(x / 1000), v: mercatorY(y / 1000) }));
  }

  /** `obstacles`: boxes [west, north, east, south] in pixels of the view that labels keep clear of. */
  paint(ctx, view, obstacles) {
    const colour = themeColours();
    ctx.fillStyle = colour("water");
    ctx.fillRect(0, 0, view.width, view.height);
    ctx.lineJoin = "round";
    this._sheet(ctx, view, colour, this.world);
    for (const detail of this.details) {
      const { edge } = detail;
      if (!visible(edge, view)) continue;
      ctx.save();
      ctx.beginPath();
      // On whole pixels: half a pixel would leave a hairline along the edge.
      const [west, north, east, south] = [edge.west * view.scale - view.x, edge.north * view.scale - view.y,
        edge.east * view.scale - view.x, edge.south * view.scale - view.y].map(Math.round);
      ctx.rect(west, north, east - west, south - north);
      ctx.clip();
      ctx.fillStyle = colour("water");
      ctx.fillRect(0, 0, view.width, view.height);
      this._sheet(ctx, view, colour, detail);
      ctx.restore();
    }
    this._labels(ctx, view, colour, obstacles);
  }

  _sheet(ctx, view, colour, sheet) {
    ctx.beginPath();
    for (const ring of sheet.land) {
      if (visible(ring, view)) {
        trace(ctx, view, ring);
        ctx.closePath();
      }
    }
    ctx.fillStyle = colour("land");
    ctx.fill("evenodd");
    if (sheet.divisions && view.zoom >= 5) this._stroke(ctx, view, sheet.divisions, colour("division"), 1);
    ctx.beginPath();
    for (const ring of sheet.land) if (visible(ring, view)) traceCoast(ctx, view, ring, sheet.edge);
    ctx.strokeStyle = colour("coast");
    ctx.lineWidth = 0.8;
    ctx.stroke();
    this._stroke(ctx, view, sheet.borders, colour("border"), view.zoom >= 6 ? 1.6 : 1.1);
    if (sheet.disputed) {
      // A disputed line takes the place of the plain one below it.
      this._stroke(ctx, view, sheet.disputed, colour("land"), 3);
      ctx.setLineDash([5, 4]);
      this._stroke(ctx, view, sheet.disputed, colour("border"), 1.4);
      ctx.setLineDash([]);
    }
  }

  _stroke(ctx, view, lines, style, width) {
    ctx.beginPath();
    for (const line of lines) if (visible(line, view)) trace(ctx, view, line);
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.stroke();
  }

  /** Labels in the order of their importance; one that would lie on another or on an incident moves, or is left out. */
  _labels(ctx, view, colour, obstacles) {
    const taken = [...obstacles];
    const free = (box) => !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    for (const label of this.labels) {
      if (label.zoom > view.zoom) continue;
      const x = label.u * view.scale - view.x, y = label.v * view.scale - view.y;
      if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
      const large = Boolean(label.country);
      ctx.font = `${large ? 600 : 400} ${large ? 12.5 : 11.5}px ${colour("font")}`;
      const half = ctx.measureText(label.name).width / 2 + 4;
      // A large country's name may stand off its middle; that of a place stands above it or below.
      const offset = (!large ? [-15, 16] : label.zoom < view.zoom - 0.9 ? [0, 18, -18] : [0]).find((dy) => free([x - half, y + dy - 8, x + half, y + dy + 8]));
      if (offset === undefined) continue;
      taken.push([x - half, y + offset - 8, x + half, y + offset + 8]);
      ctx.lineWidth = 3;
      ctx.strokeStyle = colour("halo");
      ctx.strokeText(label.name, x, y + offset);
      ctx.fillStyle = colour(large ? "label-strong" : "label");
      ctx.fillText(label.name, x, y + offset);
    }
  }
}
