// The page: one map, one list, in step.

function start() {
  const island = JSON.parse(byId("data").textContent);
  const data = new Incidents(island, byId("details").textContent);
  const looks = looksOf(data.values("event_type"));
  const marks = new Marks(data, looks);
  const basemap = new Basemap(island.basemap);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const map = L.map("map", {
    attributionControl: false, zoomControl: false, minZoom: 1, maxZoom: 16, zoomSnap: 0.5, maxBounds: [[-88, -220], [88, 220]],
    maxBoundsViscosity: 1, zoomAnimation: !calm, fadeAnimation: !calm, inertia: !calm,
  });
  const low = byId("map").clientHeight < 480; // where a popup would lie under the controls at the top
  L.control.zoom({ position: low ? "bottomleft" : "topright" }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  for (const [pane, level] of [["basemap", 150], ["incidents", 450]]) {
    map.createPane(pane).style.zIndex = level;
    map.getPane(pane).style.pointerEvents = "none";
  }

  let passed = [], opener = -1;
  const filters = new Filters(data, looks, refresh);
  const list = new List(data, marks, (i) => open(i));
  const popup = L.popup({ maxWidth: Math.min(300, map.getSize().x - 150), minWidth: 170, maxHeight: 320, autoPanPadding: [24, 24], offset: [0, -6] });
  const land = new Sheet("basemap", (ctx, view) => basemap.paint(ctx, view, marks.boxes(view)));
  const dots = new Sheet("incidents", (ctx, view) => marks.paint(ctx, view));

  byId("more-filters").open = window.innerWidth > 760;
  home();
  const remembered = readHash();
  land.addTo(map);
  dots.addTo(map);

  function home() {
    if (island.view) map.fitBounds(island.view, { padding: [36, 36], maxZoom: 9, animate: false });
    else map.setView([20, 20], 2, { animate: false });
  }

  /** After a change of the filters. */
  function refresh() {
    passed = filters.apply();
    marks.show(passed);
    land.redraw(); // its labels keep clear of the marks
    dots.redraw();
    relist();
    writeHash();
  }

  /** After a move: the list follows the map, and keeps what has no place. */
  function relist() {
    const follow = byId("follow").checked, view = map.getBounds();
    const west = mercatorX(view.getWest()), east = mercatorX(view.getEast());
    const north = mercatorY(view.getNorth()), south = mercatorY(view.getSouth());
    const rows = follow ? passed.filter((i) => !data.located(i) ||
      (data.u[i] >= west && data.u[i] <= east && data.v[i] >= north && data.v[i] <= south)) : passed;
    list.show(rows, data.count, passed.length - rows.length);
  }

  function open(i, focus = true) {
    opener = i;
    marks.selected = i;
    byId("detail-body").replaceChildren(...detailContent(data, marks, i, island.home).flat(Infinity).filter((part) => part));
    byId("panel").classList.add("reading");
    byId("detail").hidden = false;
    byId("detail").scrollTop = 0;
    if (data.located(i)) {
      const small = map.getSize().y < 480; // the account stands right below such a map
      popup.setLatLng(data.latLng(i)).setContent(popupContent(data, i, small, () => byId("detail-title").focus())).openOn(map);
    } else map.closePopup(popup);
    dots.redraw();
    if (focus) byId("detail-title").focus({ preventScroll: true });
    writeHash();
  }

  function close() {
    if (byId("detail").hidden) return map.closePopup(popup);
    const last = opener;
    opener = -1;
    marks.selected = -1;
    byId("detail").hidden = true;
    byId("panel").classList.remove("reading");
    map.closePopup(popup);
    dots.redraw();
    (list.button(last) ?? byId("map")).focus();
    return writeHash();
  }

  map.on("click", (event) => {
    const at = map.project(event.latlng), cluster = marks.hit(at.x, at.y);
    if (!cluster) return;
    if (cluster.members.length === 1) return void open(cluster.members[0]);
    const bounds = L.latLngBounds(cluster.members.map((i) => data.latLng(i)));
    const target = Math.min(map.getBoundsZoom(bounds, false, L.point(60, 60)), map.getZoom() + 4);
    if (target > map.getZoom()) map.setView(bounds.getCenter(), target);
    else {
      popup.setLatLng(bounds.getCenter())
        .setContent(bunchContent(data, marks, cluster.members, (i) => open(i))).openOn(map);
    }
  });

  map.on("mousemove", (event) => {
    const at = map.project(event.latlng), cluster = marks.hit(at.x, at.y), tip = byId("tip");
    byId("map").classList.toggle("over", cluster !== null);
    tip.hidden = cluster === null;
    if (cluster === null) return;
    tip.textContent = cluster.members.length === 1 ? data.get("title", cluster.members[0])
      : `${plural(cluster.members.length, "incident", "incidents")}`;
    const place = map.latLngToContainerPoint(map.unproject(L.point(cluster.x, cluster.y)));
    tip.style.left = `${place.x}px`;
    tip.style.top = `${place.y - cluster.r - 10}px`;
  });
  map.on("mouseout movestart", () => { byId("tip").hidden = true; });
  map.on("moveend", () => {
    relist();
    writeHash();
  });

  byId("back").addEventListener("click", close);
  byId("follow").addEventListener("change", relist);
  byId("whole").addEventListener("click", () => {
    home();
    byId("map").focus();
  });
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    (byId("list").querySelector("button") ?? byId("search")).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    land.redraw();
    dots.redraw();
    repaintGlyphs();
  });
  window.addEventListener("hashchange", () => {
    const id = readHash();
    refresh();
    if (id >= 0) open(id, false);
  });

  /** The view, the filters and the open incident, from the address; returns the incident's index or -1. */
  function readHash() {
    const state = new URLSearchParams(location.hash.slice(1));
    const [zoom, lat, lon] = (state.get("map") ?? "").split("/").map(Number);
    if ([zoom, lat, lon].every(Number.isFinite) && state.has("map")) {
      map.setView([Math.max(-85, Math.min(85, lat)), Math.max(-180, Math.min(180, lon))], zoom, { animate: false });
    }
    filters.restore(state);
    return state.has("id") ? data.indexOf(state.get("id")) : -1;
  }

  function writeHash() {
    const state = filters.save(), centre = map.getCenter();
    if (opener >= 0) state.append("id", data.get("incident_id", opener));
    const view = `map=${map.getZoom()}/${centre.lat.toFixed(4)}/${centre.lng.toFixed(4)}`;
    const rest = state.toString();
    history.replaceState(null, "", `#${view}${rest ? `&${rest}` : ""}`);
  }

  refresh();
  if (remembered >= 0) open(remembered, false);
  document.documentElement.dataset.ready = "true";
}

start();
