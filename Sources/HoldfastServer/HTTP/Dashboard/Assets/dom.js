// Elements made of text nodes. Paths, owners, labels and reasons are other people's words and may contain anything:
// no text ever becomes markup here, and there is no other way to make an element.

/// An element with these attributes; a function named `on…` listens, nothing and `false` are left out.
export function el(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
        else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
    return node;
}

export const byID = (id) => document.getElementById(id);

/// Writes only what changed, so that nothing is selected anew or read aloud again.
export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

/// A path as text that may go on in the next line behind each slash, before it is broken within a name.
export const pathText = (path) =>
    path.split("/").flatMap((name, index) => (index === 0 ? [name] : ["/", el("wbr"), name]));

export function setPath(node, path) {
    if (node.textContent !== path) node.replaceChildren(...pathText(path));
}

export function show(node, isShown) {
    if (node.hidden === isShown) node.hidden = !isShown;
}

/// Makes the children of `parent` stand for `items`: what stays is updated in place and keeps the focus.
///
/// `make` gives a node with a function `update` on it.
export function fill(parent, items, keyOf, make) {
    const old = parent.parts ?? new Map();
    const focused = parent.contains(document.activeElement) ? document.activeElement : null;
    const parts = new Map();
    for (const item of items) {
        let key = keyOf(item);
        // Two that cannot be told apart are two all the same.
        while (parts.has(key)) key = `${key} again`;
        const node = old.get(key) ?? make(item);
        old.delete(key);
        node.update(item);
        parts.set(key, node);
    }
    for (const node of old.values()) node.remove();
    let place = parent.firstChild;
    for (const node of parts.values()) {
        if (node === place) place = place.nextSibling;
        else parent.insertBefore(node, place);
    }
    parent.parts = parts;
    if (!focused || focused === document.activeElement) return;
    // What had the focus moved, or is gone: then its neighbourhood gets it, not the top of the page.
    const heading = parent.closest(".panel")?.querySelector("h2");
    if (focused.isConnected) focused.focus({ preventScroll: true });
    else if (heading) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
    }
}

/// A node that knows how to show another item.
export function part(node, update) {
    node.update = update;
    return node;
}

/// A table as a screen reader wants it: with a caption, and headings that say what they head.
export function table(caption, columns, attributes = {}) {
    const body = el("tbody");
    const heads = columns.map((column) => el("th", { scope: "col", class: column.class }, column.title));
    const node = el("table", attributes,
        el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, heads)), body);
    return { node, body };
}

/// A heading with what belongs to it.
export function section(title, attributes, ...children) {
    const heading = el("h2", {}, title);
    const head = el("div", { class: "panel-head" }, heading);
    return { node: el("section", { class: "panel", ...attributes }, head, children), heading, head };
}

export const button = (label, act, attributes = {}) =>
    el("button", { type: "button", onclick: act, ...attributes }, label);
