// How the server is doing: how many wait and hold, what goes through, where it is crowded, who waits longest, and which
// locks were lost while this page was open.

import { look, wordsOf } from "./api.js";
import { chart } from "./chart.js";
import { Refresher } from "./clock.js";
import { announce } from "./connection.js";
import { counts, increase, listeners, perSecond, samples, shown } from "./counts.js";
import { button, el, section, setText, show } from "./dom.js";
import { ticketLink, Timeline } from "./history.js";
import { summaryTable } from "./summary.js";
import { clockTime, count, eventWords, rate, who } from "./words.js";

const rowsMax = 8;
const lossesMax = 30;
const lossNames = new Set(["expired", "stolen", "session_ended", "cleared", "abandoned"]);
// Who only waited had no fence, and lost a place, not a lock.
const isLoss = (event) => lossNames.has(event.name) && event.value.fence !== undefined;

// They outlive the page, not the tab.
const losses = [];
// Since when none is missing from that list.
let completeSince = Date.now();

export function overviewPage() {
    const charts = [chart("Waiting", "waiting"), chart("Held", "held")];
    const rates = [
        tile("Grants a second", () => rateOf("grants")), tile("Releases a second", () => rateOf("releases")),
        tile("Requests a second", () => rateOf("requests")),
        tile(() => `Lost in ${shown().minutes} min`, () => count(increase("losses"))),
        tile("Connections", () => count(samples.at(-1).connections)),
    ];
    const noCounts = el("p", { class: "notice", hidden: true },
        "The counts of the whole server are for those who may read everything. What you may see is below.");
    const error = el("p", { class: "error", role: "alert", hidden: true });

    const hot = summaryTable("The resources with the longest queues", "queue");
    const hottest = section("Hottest resources", {}, hot.node,
        el("div", { class: "panel-end" }, el("a", { href: "#/find/" }, "All resources")));
    const long = summaryTable("The resources where somebody waits longest", "wait");
    const noWait = el("p", { class: "empty" }, "Nobody waits.");
    const longest = section("Longest waits", {}, noWait, long.node);
    const timeline = new Timeline({ label: "Recent losses, newest first", showsResource: true, linkOf: ticketLink });
    const noLoss = el("p", { class: "empty" });
    const lost = section("Recent losses", { class: "panel history" }, noLoss, timeline.node);
    const nothing = emptyServer();

    const figures = el("div", { class: "page" }, el("div", { class: "charts" }, charts.map((one) => one.node)),
        el("dl", { class: "tiles" }, rates.map((one) => one.node)));
    const node = el("div", { class: "page" }, el("h1", { tabindex: -1, class: "unseen" }, "Overview"), error, noCounts,
        figures,
        el("div", { class: "two" }, el("div", { class: "stack" }, nothing, hottest.node, longest.node), lost.node));

    // What is not known yet is not said to be empty.
    for (const one of [hottest.node, longest.node]) show(one, false);

    function drawCounts() {
        const isRefused = counts.problem?.status === 403;
        show(noCounts, isRefused);
        show(figures, !isRefused);
        if (samples.length === 0) return;
        for (const one of [...charts, ...rates]) one.draw();
    }

    const refresher = new Refresher(async (signal) => {
        try {
            const [byQueue, byWait] = await Promise.all(["queue", "wait"].map((sort) =>
                look("/v1/resources", { sort, limit: rowsMax }, signal)));
            const waiting = byWait.resources.filter((row) => row.queueLength > 0);
            hot.show(byQueue.resources);
            long.show(waiting);
            show(nothing, byQueue.resources.length === 0);
            show(hottest.node, byQueue.resources.length > 0);
            show(longest.node, byQueue.resources.length > 0);
            show(long.node, waiting.length > 0);
            show(noWait, waiting.length === 0);
            show(error, false);
        } catch (problem) {
            const words = wordsOf(problem, signal);
            if (!words) return;
            setText(error, words);
            show(error, true);
            if (problem.status === 403) for (const one of [nothing, hottest.node, longest.node]) show(one, false);
        }
    }, 1_000);

    function drawLosses() {
        setText(noLoss, `No lock was lost since ${clockTime(completeSince)}.`);
        show(noLoss, losses.length === 0);
        timeline.show(losses);
    }

    return {
        title: "Overview", node, scope: {},
        start() {
            listeners.add(drawCounts);
            drawCounts();
            drawLosses();
            refresher.request();
        },
        events(events) {
            if (events.some((event) => event.name !== "renewed")) refresher.request();
            const fresh = events.filter(isLoss).slice(-lossesMax).map((event) => event.value);
            if (fresh.length === 0) return;
            losses.unshift(...fresh.reverse());
            losses.length = Math.min(losses.length, lossesMax);
            drawLosses();
            announce(`${losses[0].resource}: ${who(losses[0])} ${eventWords(losses[0])}.`);
        },
        gap() {
            completeSince = Date.now();
            drawLosses();
        },
        refresh: () => refresher.request(),
        stop() {
            refresher.stop();
            listeners.delete(drawCounts);
        },
    };
}

const rateOf = (key) => {
    const perSecondNow = perSecond(key);
    return perSecondNow === undefined ? "–" : rate(perSecondNow);
};

function tile(name, read) {
    const [title, value] = [el("dt"), el("dd", { class: "figure" }, "–")];
    const draw = () => {
        setText(title, typeof name === "string" ? name : name());
        setText(value, samples.length > 0 ? read() : "–");
    };
    draw();
    return { node: el("div", { class: "tile" }, title, value), draw };
}

/// What to do when there is nothing to see.
function emptyServer() {
    const commands = [
        ["In a terminal", 'holdfast run demo --reason "a first try" -- sleep 60'],
        ["Over HTTP", `curl ${location.origin}/v1/tickets -d '{"resource":"demo","lease":60}'`],
    ];
    return el("section", { class: "panel welcome", hidden: true },
        el("h2", {}, "Nothing is locked"),
        el("p", {}, "Take a lock, and it appears here the moment it is granted:"),
        commands.map(([name, command]) => {
            const copy = button("Copy", async () => {
                await navigator.clipboard.writeText(command);
                setText(copy, "Copied");
            }, { class: "small", "aria-label": `Copy the command: ${name}` });
            // Browsers lend the clipboard only where nobody can listen in.
            return el("div", { class: "command" }, el("span", { class: "fine" }, name), el("code", {}, command),
                navigator.clipboard && copy);
        }));
}
