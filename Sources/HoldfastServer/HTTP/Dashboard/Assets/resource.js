// The page of a resource: who holds it and for how long still, who waits, and how it came to that. Any event of it has
// the page look again, soon and once, whatever the number of events.

import { look, pathOf, rightsAt, wordsOf } from "./api.js";
import { clear, release, steal } from "./actions.js";
import { countDown, countUp, Refresher } from "./clock.js";
import { announce } from "./connection.js";
import { button, el, fill, part, pathText, section, setText, show, table } from "./dom.js";
import { ticketLink, Timeline } from "./history.js";
import { metaWords, ownerWords, QueueWindow } from "./queue.js";
import { count, eventWords, fullTime, modeWords, who } from "./words.js";

const holdersMax = 50;
const historyMax = 64;

export function resourcePage(path, { go }) {
    const state = el("span", { class: "pill" });
    const facts = el("p", { class: "facts" });
    const stealButton = button("Steal…", startSteal, { class: "grave" });
    const clearButton = button("Clear…", () => list && clear(list, () => refresher.request()), { class: "grave" });
    const error = el("p", { class: "error", role: "alert", hidden: true });

    const holders = holdersTable((view) => release(view, () => refresher.request()));
    const nobody = el("p", { class: "empty" }, "Nobody holds it.", howToTake(path));
    const moreHolders = el("p", { class: "fine", hidden: true });
    const holding = section("Holder", {}, nobody, holders.node, moreHolders);

    const queue = new QueueWindow(path, { release: (view) => release(view, () => refresher.request()) });
    const nobodyWaits = el("p", { class: "empty" }, "Nobody waits.");
    const waiting = section("Queue", {}, nobodyWaits, queue.node);
    const queueCount = el("span", { class: "count" });
    waiting.heading.append(" ", queueCount);
    const place = el("input", { id: "place", type: "number", min: 1, inputmode: "numeric", size: 8 });
    const jump = el("form", {
        class: "jump", hidden: true,
        onsubmit(event) {
            event.preventDefault();
            queue.goTo(Number(place.value) || 1);
        },
    }, el("label", { for: "place" }, "Go to position"), place, el("button", { type: "submit" }, "Go"));
    waiting.head.append(jump);

    const linkOf = (event) => ticketLink({ ...event, resource: path });
    const timeline = new Timeline({ label: "History, newest first", linkOf });
    const nothingYet = el("p", { class: "empty" }, "Nothing is remembered of it.");
    const history = section("History", { class: "panel history" }, nothingYet, timeline.node);

    const body = el("div", { class: "two" }, el("div", { class: "stack" }, holding.node, waiting.node), history.node);
    const node = el("div", { class: "page" },
        el("div", { class: "page-head" },
            el("div", { class: "titles" }, crumbs(path), el("h1", { tabindex: -1 }, pathText(path)),
                el("div", { class: "under" }, state, facts)),
            el("div", { class: "page-acts" }, stealButton, clearButton)),
        error, body);
    // What is not known yet is not said to be empty.
    for (const one of [body, stealButton, clearButton]) show(one, false);

    let list;
    /// Nothing is offered before it is known to be allowed.
    let may = new Set();
    let opening;
    const refresher = new Refresher(async (signal) => {
        const base = pathOf(path);
        try {
            const [now, past, rights] = await Promise.all([
                look(`/v1/resources/${base}`, { limit: 100 }, signal),
                look(`/v1/history/${base}`, { limit: historyMax }, signal),
                may.size > 0 ? may : rightsAt(path, signal),
            ]);
            may = rights;
            draw(now, past.history, signal);
            show(error, false);
        } catch (problem) {
            const words = wordsOf(problem, signal);
            if (!words) return;
            setText(error, words);
            show(error, true);
            if (problem.status === 403) show(body, false);
        }
    }, 300);

    function startSteal() {
        steal(path, { mayForce: may.has("admin") }, (ticket) => go(ticketLink(ticket)));
    }

    function draw(now, past, signal) {
        list = now;
        show(body, true);
        show(stealButton, may.has("lock") && (may.has("steal") || may.has("admin")));
        show(clearButton, may.has("admin"));
        drawState(state, now);
        clearTimeout(opening);
        if (now.closedFor) opening = setTimeout(() => refresher.request(), now.closedFor * 1_000 + 100);
        setText(facts, factWords(now));
        clearButton.disabled = now.holderCount + now.queueLength === 0 && !now.closedFor;
        setText(holding.heading, now.holderCount > 1 ? "Holders" : "Holder");
        show(nobody, now.holderCount === 0);
        show(holders.node, now.holderCount > 0);
        fill(holders.body, now.holders.slice(0, holdersMax), (view) => view.number, holders.row);
        show(moreHolders, now.holderCount > holdersMax);
        setText(moreHolders, `and ${count(now.holderCount - holdersMax)} more`);
        show(nobodyWaits, now.queueLength === 0);
        show(queue.node, now.queueLength > 0);
        show(jump, now.queueLength > 100);
        setText(queueCount, now.queueLength > 0 ? count(now.queueLength) : "");
        queue.set(now.queueLength, now.queue, signal);
        show(nothingYet, past.length === 0);
        timeline.show(past);
    }

    return {
        title: path, node, scope: { resource: path },
        start: () => refresher.request(),
        events(events) {
            refresher.request();
            const last = events.at(-1).value;
            if (last.event !== "renewed") announce(`${who(last)} ${eventWords(last)}.`);
        },
        refresh: () => refresher.request(),
        keys: { s: () => press(stealButton), c: () => press(clearButton) },
        stop() {
            refresher.stop();
            queue.stop();
            clearTimeout(opening);
        },
    };
}

/// A key does what its button does, where that is offered.
function press(one) {
    if (!one.hidden) one.click();
}

/// The folders above, each a search for what is in it.
function crumbs(path) {
    const parts = path.split("/").slice(0, -1);
    if (parts.length === 0) return undefined;
    const links = parts.map((part, index) => el("li", {},
        el("a", { href: `#/find/${encodeURIComponent(parts.slice(0, index + 1).join("/") + "/")}` }, part)));
    return el("nav", { "aria-label": "Above" }, el("ol", { class: "crumbs" }, links));
}

/// The command that takes it; a path that a shell would take apart is left to whoever knows the shell.
function howToTake(path) {
    if (!/^[\w./:@][\w./:@-]*$/.test(path)) return undefined;
    return [" To take it: ", el("code", {}, `holdfast run ${path} -- COMMAND`)];
}

function drawState(node, list) {
    const kind = list.holderCount > 0 ? "held" : list.closedFor ? "closed" : "free";
    node.dataset.kind = kind;
    if (kind !== "closed") return setText(node, kind === "held" ? "Held" : "Free");
    if (!node.querySelector("span")) node.replaceChildren("Closed for ", el("span"));
    countDown(node.querySelector("span"), list.closedFor);
}

const factWords = (list) => [
    list.mode && (list.mode === "permit" ? `permits of ${count(list.of)}` : list.mode),
    list.holderCount > 1 && `${count(list.holderCount)} holders`,
    list.fence !== undefined && `fence ${list.fence}`,
].filter(Boolean).join(" · ");

function holdersTable(release) {
    const { node, body } = table("Who holds it", [
        { title: "Who" }, { title: "Why", class: "wide" }, { title: "Held for", class: "number wide" },
        { title: "Lease left", class: "number lease-left" },
        { title: el("span", { class: "unseen" }, "Actions"), class: "acts" },
    ], { class: "holders" });

    function row() {
        const link = el("a", { class: "who" });
        const [owner, reason] = [el("span", { class: "fine" }), el("span", { class: "why" })];
        const [small, meta] = [el("span", { class: "fine why narrow" }), el("span", { class: "fine meta" })];
        const [since, left] = [el("td", { class: "number wide" }), el("span", { class: "left" })];
        const bar = el("span", { class: "bar-fill" });
        const act = button("Release…", () => release(line.view), { class: "small" });
        const line = el("tr", {}, el("th", { scope: "row" }, link, owner, small),
            el("td", { class: "wide" }, reason, meta), since,
            el("td", { class: "number lease-left" }, left, el("span", { class: "lease", "aria-hidden": "true" }, bar)),
            el("td", { class: "acts" }, act));
        return part(line, (view) => {
            line.view = view;
            link.href = ticketLink(view);
            setText(link, who(view));
            setText(owner, [ownerWords(view), view.stealable && "stealable"].filter(Boolean).join(" · "));
            for (const one of [reason, small]) setText(one, view.reason ?? "");
            reason.title = view.reason ?? "";
            setText(meta, metaWords(view));
            since.title = `since ${fullTime(view.acquiredAt)}`;
            countUp(since, view.acquiredAt);
            countDown(left, view.remaining, { of: view.lease, bar });
            show(act, Boolean(view.ticket));
            act.setAttribute("aria-label", `Release the lock of ${who(view)}`);
        });
    }
    return { node, body, row };
}
