// Keys for those who live on them. They are single letters, so they can be switched off for who speaks to the machine
// or hits keys by accident, and they never work where somebody types.

import { button, byID, el } from "./dom.js";

const place = "holdfast.keys";
const areOn = () => localStorage.getItem(place) !== "off";

/// Listens for keys; `keys` names what each does: `{key, words, act}`.
export function listen(keys) {
    addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !areOn()) return;
        if (document.querySelector("dialog[open]")) return;
        if (event.target.closest("input, textarea, select, [contenteditable]")) return;
        const found = keys.find((one) => one.key === event.key);
        if (!found || found.act() === false) return;
        event.preventDefault();
    });
    byID("help").addEventListener("click", () => showHelp(keys));
}

export function showHelp(keys) {
    const rows = keys.map(({ key, words }) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, words)));
    const box = el("input", {
        type: "checkbox", id: "keys-on", checked: areOn(),
        onchange: () => localStorage.setItem(place, box.checked ? "on" : "off"),
    });
    const dialog = el("dialog", { "aria-labelledby": "help-title", class: "help", onclose: () => dialog.remove() },
        el("h2", { id: "help-title" }, "Keys"),
        el("dl", { class: "keys" }, rows,
            el("div", {}, el("dt", {}, el("kbd", {}, "Tab")), el("dd", {}, "the next thing; Enter opens it")),
            el("div", {}, el("dt", {}, el("kbd", {}, "Esc")), el("dd", {}, "close a dialog and change nothing"))),
        el("div", { class: "field check" }, box, el("label", { for: "keys-on" }, "Single keys do something")),
        el("p", { class: "fine" }, "A position counts from 1, the next to be granted. A fence rises with every grant; ",
            "what a lock protects refuses lower ones."),
        el("div", { class: "dialog-end" }, button("Close", () => dialog.close(), { class: "strong" })));
    document.body.append(dialog);
    dialog.showModal();
}
