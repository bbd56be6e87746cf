// Building the page. Every text goes in as a text node: nothing that comes from outside is ever parsed as HTML.

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text nodes, null and undefined are left out. */
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

/** A link for http and https addresses; anything else stays text. */
function link(address, text) {
  if (!/^https?:\/\/[^\s]+$/i.test(address ?? "")) return el("span", null, text);
  return el("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank" }, text);
}

function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
