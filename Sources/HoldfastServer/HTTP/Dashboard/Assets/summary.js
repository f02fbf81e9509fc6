// A table of resources, a line for each: what it is called, who holds it, who waits and for how long.

import { countDown, countUp, serverNow, stopCounting } from "./clock.js";
import { el, fill, part, setPath, setText, table } from "./dom.js";
import { resourceLink } from "./history.js";
import { count, who } from "./words.js";

export function summaryTable(caption, kind) {
    const { node, body } = table(caption, [
        { title: "Resource" }, { title: "Held by", class: kind === "wait" ? "wide" : undefined },
        { title: "Lease left", class: "number wide" }, { title: "Waiting", class: "number length" },
        { title: "Longest wait", class: kind === "queue" ? "number wide" : "number" },
    ], { class: `summaries by-${kind}` });
    return { node, show: (rows) => fill(body, rows, (row) => row.resource, () => line(kind)) };
}

function line(kind) {
    const link = el("a", { class: "path" });
    const [name, owner] = [el("span", { class: "who" }), el("span", { class: "fine" })];
    const [left, length] = [el("td", { class: "number wide" }), el("td", { class: "number length" })];
    const wait = el("td", { class: kind === "queue" ? "number wide" : "number" });
    const node = el("tr", {}, el("th", { scope: "row" }, link),
        el("td", { class: kind === "wait" ? "wide" : undefined }, name, owner), left, length, wait);
    return part(node, (row) => {
        link.href = resourceLink(row.resource);
        setPath(link, row.resource);
        const { holder } = row;
        setText(name, holder ? who(holder) : row.closedFor ? "closed" : "free");
        name.classList.toggle("nobody", !holder);
        const others = row.holders > 1 ? `and ${count(row.holders - 1)} more` : "";
        setText(owner, others || (holder?.label && holder.label !== holder.owner ? holder.owner : ""));
        const seconds = holder?.remaining ?? row.closedFor;
        if (seconds === undefined) empty(left);
        else countDown(left, seconds);
        setText(length, row.queueLength > 0 ? count(row.queueLength) : "–");
        if (row.queueLength > 0) countUp(wait, serverNow() - row.oldestWait * 1_000);
        else empty(wait);
    });
}

function empty(node) {
    stopCounting(node);
    setText(node, "–");
}
