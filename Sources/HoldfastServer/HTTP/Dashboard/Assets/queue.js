// A queue as people see one: who stands where, why, and for how long. It may be a hundred thousand long, so only the
// rows in the window are there, between two rows as high as what is left out; what they show is asked for by the
// hundred.

import { look, pathOf } from "./api.js";
import { countUp } from "./clock.js";
import { button, el, fill, part, setText, show, table } from "./dom.js";
import { ticketLink } from "./history.js";
import { count, fullTime, modeWords, who } from "./words.js";

const rowHeight = 56;
const pageSize = 100;
const beyond = 8;
const shownMax = 80;
const pagesAround = 20;

export class QueueWindow {
    constructor(resource, { release }) {
        this.resource = resource;
        this.release = release;
        this.length = 0;
        this.pages = new Map();
        this.asked = new Set();
        const { node, body } = table("Who waits, the next one first", [
            { title: "#", class: "position" }, { title: "Who" }, { title: "Why", class: "wide" },
            { title: "Waits", class: "number" }, { title: el("span", { class: "unseen" }, "Actions"), class: "acts" },
        ], { class: "queue" });
        this.table = node;
        const spacer = () => el("tbody", { "aria-hidden": "true" }, el("tr", {}, el("td")));
        this.before = spacer();
        this.after = spacer();
        body.before(this.before);
        body.after(this.after);
        this.rows = body;
        this.node = el("div", {
            class: "scroller", tabindex: 0, role: "region", "aria-label": "Queue", onscroll: () => this.drawSoon(),
        }, node);
        this.resizing = new ResizeObserver(() => this.drawSoon());
        this.resizing.observe(this.node);
    }

    stop() { this.resizing.disconnect(); }

    /// Takes the first page and how long the queue is; later pages are looked at again where they are in sight.
    set(length, firstPage, signal) {
        this.signal = signal;
        this.length = length;
        this.pages.set(0, firstPage);
        for (const page of this.pages.keys()) if (page * pageSize >= length) this.pages.delete(page);
        this.table.setAttribute("aria-rowcount", length + 1);
        this.asked = new Set([0]);
        this.draw();
    }

    drawSoon() {
        if (this.isDrawing) return;
        this.isDrawing = true;
        requestAnimationFrame(() => {
            this.isDrawing = false;
            this.draw();
        });
    }

    goTo(position) {
        const row = Math.min(Math.max(1, position), this.length) - 1;
        this.node.scrollTop = Math.max(0, row * rowHeight - this.node.clientHeight / 3);
        this.draw();
    }

    draw() {
        const inSight = Math.ceil(this.node.clientHeight / rowHeight);
        const first = Math.max(0, Math.floor(this.node.scrollTop / rowHeight) - beyond);
        const last = Math.min(this.length, first + Math.min(shownMax, inSight + 2 * beyond));
        for (let page = Math.floor(first / pageSize); page * pageSize < last; page += 1) this.want(page);
        const views = [];
        for (let index = first; index < last; index += 1) {
            const view = this.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
            views.push({ position: index + 1, view });
        }
        this.space(this.before, first);
        this.space(this.after, this.length - last);
        // While pages of two moments meet, a ticket may be in both: its place keeps the rows apart.
        const seen = new Set();
        const keyOf = ({ view, position }) => {
            if (!view || seen.has(view.number)) return `at ${position}`;
            seen.add(view.number);
            return view.number;
        };
        fill(this.rows, views, keyOf, () => this.row());
    }

    space(spacer, rows) {
        spacer.firstChild.style.height = `${rows * rowHeight}px`;
        show(spacer, rows > 0);
    }

    /// Asks for a page that is in sight, once for each time that the queue changed.
    async want(page) {
        if (this.asked.has(page)) return;
        const { asked } = this;
        asked.add(page);
        try {
            const query = { limit: pageSize, after: page * pageSize };
            const list = await look(`/v1/resources/${pathOf(this.resource)}`, query, this.signal);
            this.pages.set(page, list.queue);
            // Only what is near the window is kept.
            for (const other of this.pages.keys()) {
                if (Math.abs(other - page) > pagesAround && other !== 0) this.pages.delete(other);
            }
        } catch {
            asked.delete(page);
            return;
        }
        this.draw();
    }

    row() {
        const [position, waits] = [el("td", { class: "position" }), el("td", { class: "number" })];
        const link = el("a", { class: "who" });
        const [owner, why] = [el("span", { class: "fine owner" }), el("td", { class: "wide" })];
        const reason = el("span", { class: "why" });
        const small = el("span", { class: "fine why narrow" });
        const meta = el("span", { class: "fine meta" });
        why.append(reason, meta);
        const act = button("Take out", () => this.release(node.view), { class: "small" });
        const node = el("tr", {}, position,
            el("th", { scope: "row" }, link, owner, small), why, waits, el("td", { class: "acts" }, act));
        return part(node, ({ position: place, view }) => {
            node.view = view;
            node.setAttribute("aria-rowindex", place + 1);
            setText(position, count(place));
            node.classList.toggle("loading", !view);
            show(act, Boolean(view?.ticket));
            if (!view) {
                setText(link, "…");
                link.removeAttribute("href");
                return;
            }
            link.href = ticketLink(view);
            setText(link, who(view));
            act.setAttribute("aria-label", `Take ${who(view)} out of the queue`);
            setText(owner, ownerWords(view));
            for (const one of [reason, small]) setText(one, view.reason ?? "");
            setText(meta, metaWords(view));
            why.title = [view.reason, metaWords(view)].filter(Boolean).join("\n");
            waits.title = `since ${fullTime(view.createdAt)}`;
            countUp(waits, view.createdAt);
        });
    }
}

/// The principal behind the label, and what is unusual about the ticket.
export const ownerWords = (view) => [
    view.holder && view.holder !== view.owner && view.owner,
    view.mode !== "exclusive" && modeWords(view),
    view.priority > 0 && `priority ${view.priority}`,
].filter(Boolean).join(" · ");

export const metaWords = (view) =>
    Object.entries(view.meta ?? {}).map(([name, value]) => `${name}: ${value}`).join(" · ");
