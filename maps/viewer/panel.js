// The list beside the map, and the account of one incident that takes its place.

const BATCH = 100;

class List {
  constructor(data, marks, onOpen) {
    this.data = data;
    this.marks = marks;
    this.onOpen = onOpen;
    this._rows = [];
    this._shown = 0;
    byId("more").addEventListener("click", () => {
      const first = this._shown;
      this._append();
      byId("list").querySelectorAll("button")[first]?.focus();
    });
  }

  /** `rows`: incidents to list; `total`: how many there are at all; `elsewhere`: how many lie outside the view. */
  show(rows, total, elsewhere) {
    if (rows.length !== this._rows.length || rows.some((i, k) => i !== this._rows[k])) this._replace(rows);
    byId("count").textContent = `${rows.length.toLocaleString("en")} of ${plural(total, "incident", "incidents")}`;
    byId("elsewhere").textContent = elsewhere ? `${elsewhere.toLocaleString("en")} outside the view` : "";
    byId("empty").hidden = rows.length > 0;
  }

  /** New rows; who stands on an incident with the keyboard stays on it, or else goes to the first. */
  _replace(rows) {
    const held = document.activeElement?.closest("#list button");
    this._rows = rows;
    this._shown = 0;
    byId("list").replaceChildren();
    this._append();
    if (held) (this.button(Number(held.dataset.i)) ?? byId("list").querySelector("button") ?? byId("search")).focus({ preventScroll: true });
  }

  _append() {
    const until = Math.min(this._rows.length, this._shown + BATCH);
    const items = document.createDocumentFragment();
    for (; this._shown < until; this._shown++) items.append(this._item(this._rows[this._shown]));
    byId("list").append(items);
    byId("more").hidden = this._shown >= this._rows.length;
    byId("more").textContent = `Show more (${(this._rows.length - this._shown).toLocaleString("en")} left)`;
  }

  _item(i) {
    const { data } = this, located = data.located(i);
    const button = el("button", { type: "button", class: "item", "data-i": i, onclick: () => this.onOpen(i) },
      glyph(this.marks.look(i), located ? data.get("drawn_as", i) : "none"),
      el("span", { class: "item-text" },
        el("span", { class: "item-title" }, data.get("title", i)),
        el("span", { class: "item-meta" },
          dateWords(data.get("date_start", i), data.get("date_end", i), SHORT_DATE), " · ", placeWords(data, i)),
        el("span", { class: "item-meta" },
          located ? data.word("drawn", data.get("drawn_as", i)) ?? "" : `not on the map, ${precisionWords(data, i)}`,
          ...figuresOf(data, i).map((words) => ` · ${words}`))));
    return el("li", null, button);
  }

  button(i) {
    const place = this._rows.indexOf(i);
    while (place >= this._shown) this._append();
    return place < 0 ? null : byId("list").children[place].querySelector("button");
  }
}

/** What the map's popup says: enough to know which incident it is. */
function popupContent(data, i, small, onDetail) {
  return el("div", { class: "brief" },
    el("h2", { class: "brief-title" }, data.get("title", i)),
    el("p", null, dateWords(data.get("date_start", i), data.get("date_end", i))),
    el("p", null, placeWords(data, i)),
    small ? null : el("p", { class: "quiet" }, precisionWords(data, i)),
    figuresOf(data, i).length ? el("p", null, figuresOf(data, i).join(", ")) : null,
    small ? null : el("p", { class: "quiet" }, data.word("status", data.get("status", i)) ?? data.get("status", i)),
    small ? null : el("button", { type: "button", class: "plain", onclick: onDetail }, "Sources and details"));
}

/** The incidents of a cluster that no zoom can part. */
function bunchContent(data, marks, members, onOpen) {
  return el("div", { class: "brief" },
    el("h2", { class: "brief-title" }, plural(members.length, "incident", "incidents"), " here"),
    el("ul", { class: "bunch" }, members.slice(0, 200).map((i) => el("li", null,
      el("button", { type: "button", class: "item", onclick: () => onOpen(i) }, glyph(marks.look(i), data.get("drawn_as", i)),
        el("span", { class: "item-text" }, el("span", { class: "item-title" }, data.get("title", i)),
          el("span", { class: "item-meta" }, dateWords(data.get("date_start", i), data.get("date_end", i), SHORT_DATE))))))),
    members.length > 200 ? el("p", { class: "quiet" }, "The list beside the map has them all.") : null);
}

/** Everything that is known of one incident. */
function detailContent(data, marks, i, home) {
  const more = data.detail(i);
  const get = (name) => data.get(name, i);
  const row = (term, ...content) => (content.flat(Infinity).some((part) => part)
    ? el("div", { class: "fact" }, el("dt", null, term), el("dd", null, content)) : null);
  const line = (text, quiet) => (text ? el("p", { class: quiet ? "quiet" : null }, text) : null);
  const figures = more.claims.filter((claim) => claim.kind === "killed" || claim.kind === "wounded");
  const others = more.claims.filter((claim) => !figures.includes(claim));
  const actors = [get("actor_1"), get("actor_2")].filter((actor) => actor);
  return [
    el("p", { class: "kicker" }, glyph(marks.look(i), data.located(i) ? get("drawn_as") : "none"),
      [get("event_type"), get("sub_event_type")].filter((part, k, all) => part && all.indexOf(part) === k).join(" · ")),
    el("h2", { id: "detail-title", tabindex: "-1" }, get("title")),
    el("dl", { class: "facts" },
      row("When", line(dateWords(get("date_start"), get("date_end"))),
        line(data.word("date", get("date_precision")), true),
        more.date_text ? line(`In the text: “${more.date_text}”`, true) : null),
      row("Where", line(placeWords(data, i)), line(precisionWords(data, i), true),
        get("place_text") ? line(`In the text: “${get("place_text")}”`, true) : null,
        more.geo_method ? line(`How the point was found: ${more.geo_method}`, true) : null,
        more.rival_places.length ? line(`Other reports say: ${more.rival_places.join("; ")}`) : null),
      row("Who", actors.map((actor) => line(actor)), more.weapon ? line(`With: ${more.weapon}`, true) : null),
      row("Outcome", get("stage") === "done" ? null : line(data.word("stage", get("stage")) ?? get("stage")),
        figuresOf(data, i).map((words) => line(words)), figuresTable(figures)),
      row("Standing", line(data.word("status", get("status")) ?? get("status")),
        others.map((claim) => el("div", { class: "claim" }, line(claimWords(claim)), quote(claim.quote)))),
    ),
    el("h3", null, more.sources.length ? plural(more.sources.length, "source", "sources") : "Sources"),
    more.sources.length ? el("ul", { class: "sources" }, more.sources.map(sourceItem)) : line("No source is recorded.", true),
    idLine(get("incident_id"), more, home),
  ];
}

function claimWords(claim) {
  const said = [claim.speaker, claim.verb].filter((part) => part).join(" ");
  return said ? `${said}: ${claim.text}` : claim.text;
}

function quote(text) {
  return text ? el("blockquote", null, text) : null;
}

/** Figures side by side with who gives them: contradictions are shown, not averaged. */
function figuresTable(claims) {
  if (!claims.length) return null;
  const distinct = new Set(claims.map((claim) => `${claim.kind} ${claim.low} ${claim.high}`));
  const kinds = new Set(claims.map((claim) => claim.kind));
  return [
    distinct.size > kinds.size ? el("p", { class: "differ" }, "The figures differ:") : null,
    el("table", { class: "claims" },
      el("thead", null, el("tr", null, el("th", { scope: "col" }, "Figure"), el("th", { scope: "col" }, "According to"))),
      el("tbody", null, claims.map((claim) => [
        el("tr", null,
          el("td", null, claim.text, claim.who ? el("span", { class: "quiet" }, ` (${claim.who})`) : null),
          el("td", null, claim.speaker ?? "the article")),
        claim.quote ? el("tr", { class: "said" }, el("td", { colspan: 2 }, quote(claim.quote))) : null]))),
  ];
}

function sourceItem(source) {
  const when = source.published ? LONG_DATE.format(Date.parse(source.published)) : null;
  return el("li", null,
    el("p", { class: "source-title" }, link(source.url, source.title ?? source.url ?? source.article_id)),
    el("p", { class: "quiet" }, [source.publisher, when].filter((part) => part).join(" · ")),
    source.quotes.map(quote));
}

function idLine(id, more, home) {
  const code = el("code", null, id);
  const copy = el("button", { type: "button", class: "plain", onclick: () => copyText(code, copy) }, "Copy");
  const changed = more.updated_at ? `last change ${LONG_DATE.format(Date.parse(more.updated_at))}` : null;
  const first = more.first_reported ? `first reported ${LONG_DATE.format(Date.parse(more.first_reported))}` : null;
  const sure = more.confidence === null ? null : `confidence ${Math.round(more.confidence * 100)} %`;
  return el("footer", { class: "record" },
    el("p", null, "Incident ", code, " ", copy),
    more.aliases.length ? el("p", { class: "quiet" }, `Formerly ${more.aliases.join(", ")}`) : null,
    el("p", { class: "quiet" }, [first, changed, sure, more.reviewed ? "reviewed by a person" : "not reviewed by a person"]
      .filter((part) => part).join(" · ")),
    el("p", null, el("a", { href: home + more.file }, "This incident as GeoJSON")));
}

function copyText(node, button) {
  const range = document.createRange(), selection = window.getSelection();
  range.selectNodeContents(node);
  selection.removeAllRanges();
  selection.addRange(range);
  // The old way works from disk, where the clipboard interface may be refused.
  const done = document.execCommand("copy");
  button.textContent = done ? "Copied" : "Selected";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}
