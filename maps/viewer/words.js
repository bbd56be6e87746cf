// What the codes and numbers of an incident mean, in words.

const DAY = 86400000;

const LONG_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const SHORT_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** Days since 1970 in words; a whole month or year by its name. */
function dateWords(first, last, format = LONG_DATE) {
  if (first === null && last === null) return "date unknown";
  if (first === null) return `until ${format.format(last * DAY)}`;
  if (last === null || last === first) return format.format(first * DAY);
  const from = new Date(first * DAY), to = new Date(last * DAY), next = new Date((last + 1) * DAY);
  if (from.getUTCDate() === 1 && next.getUTCDate() === 1) {
    if (from.getUTCFullYear() === to.getUTCFullYear() && from.getUTCMonth() === to.getUTCMonth()) return MONTH.format(from);
    if (from.getUTCMonth() === 0 && next.getUTCMonth() === 0 && to.getUTCFullYear() === from.getUTCFullYear()) {
      return String(from.getUTCFullYear());
    }
  }
  return `${format.format(from)} – ${format.format(to)}`;
}

/** "12 killed (9–14)", "no one killed", "at least 3 wounded"; null where nobody gives a figure. */
function figureWords(low, best, high, done) {
  if (low === null && best === null && high === null) return null;
  const known = [low, best, high].filter((value) => value !== null);
  if (Math.max(...known) === 0) return `no one ${done}`;
  if (best === null && high === null) return `at least ${low} ${done}`;
  if (best === null && low === null) return `up to ${high} ${done}`;
  if (high === null && low === best) return `at least ${low} ${done}`;
  const from = low ?? best, to = high ?? best ?? low;
  if (best === null) return from === to ? `${from} ${done}` : `${from}–${to} ${done}`;
  return from === best && to === best ? `${best} ${done}` : `${best} ${done} (reports say ${from}–${to})`;
}

function figuresOf(data, i) {
  return ["killed", "wounded"]
    .map((done) => figureWords(data.get(`${done}_low`, i), data.get(`${done}_best`, i), data.get(`${done}_high`, i), done))
    .filter((words) => words !== null);
}

function placeWords(data, i) {
  const parts = [data.get("place_name", i), data.get("admin1", i), data.get("country", i)].filter((part) => part);
  const distinct = parts.filter((part, k) => parts.indexOf(part) === k);
  return distinct.length ? distinct.join(", ") : data.get("place_text", i) ?? "place unknown";
}

function distanceWords(metres) {
  if (!metres) return null;
  return metres < 1000 ? `within about ${metres} m` : `within about ${Math.round(metres / 1000).toLocaleString("en")} km`;
}

/** What a code means for this way to be drawn, where the words for the code name several. */
const NOT_A_POINT = new Map([
  ["5 line", "somewhere along the line on the map"],
  ["5 area", "somewhere in the area on the map"],
  ["7 sea", "somewhere in these waters"],
]);

function precisionWords(data, i) {
  const code = data.get("geo_precision", i), drawn = data.get("drawn_as", i);
  if (code === null && !drawn) return "no place is named";
  const words = NOT_A_POINT.get(`${code} ${drawn}`) ?? data.word("geo", code) ?? data.word("drawn", drawn) ?? "precision unknown";
  const distance = distanceWords(data.get("radius_m", i));
  return distance && drawn && drawn !== "line" ? `${words} (${distance})` : words;
}
