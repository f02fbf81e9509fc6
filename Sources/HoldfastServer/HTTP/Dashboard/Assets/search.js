// Resources whose path begins with a text. The server's own prefix ends at a segment; people type half of one. So the
// page asks for what comes behind the text in the order of the paths, and stops where it no longer begins with it.

import { look, wordsOf } from "./api.js";
import { Refresher } from "./clock.js";
import { button, el, fill, section, setText, show } from "./dom.js";
import { summaryTable } from "./summary.js";
import { counted } from "./words.js";

const pageSize = 50;
const shownMax = 300;

export function searchPage(text) {
    const summaries = summaryTable(`Resources that begin with ${text}`, "path");
    const [found, none] = [el("p", { class: "facts", role: "status" }), el("p", { class: "empty", hidden: true })];
    const more = button("Show more", () => {
        wanted += pageSize;
        refresher.request();
    }, { hidden: true });
    const error = el("p", { class: "error", role: "alert", hidden: true });
    const results = section("Found", {}, none, summaries.node, el("div", { class: "panel-end" }, more));
    const title = text === "" ? "All resources" : text;
    const node = el("div", { class: "page" },
        el("div", { class: "page-head" }, el("div", { class: "titles" }, el("h1", { tabindex: -1 }, title), found)),
        error, results.node);

    let wanted = pageSize;
    const refresher = new Refresher(async (signal) => {
        try {
            const { rows, isAll } = await find(text, wanted, signal);
            summaries.show(rows);
            show(summaries.node, rows.length > 0);
            show(none, rows.length === 0);
            setText(none, text === ""
                ? "No resource has a ticket."
                : "No resource with a ticket begins like this. Paths are told apart by case.");
            setText(found, foundWords(rows.length, isAll));
            show(more, !isAll && rows.length < shownMax);
            show(error, false);
        } catch (problem) {
            const words = wordsOf(problem, signal);
            if (!words) return;
            setText(error, words);
            show(error, true);
        }
    }, 1_000);

    return {
        title: `Find ${title}`, node, scope: {},
        start: () => refresher.request(),
        events(events) {
            const concerns = (event) => event.name !== "renewed" && event.value.resource.startsWith(text);
            if (events.some(concerns)) refresher.request();
        },
        refresh: () => refresher.request(),
        stop: () => refresher.stop(),
    };
}

function foundWords(number, isAll) {
    if (number === 0) return "";
    const all = counted(number, "resource", "resources");
    if (isAll) return all;
    return number < shownMax ? `${all}, and more` : `The first ${all}: type more of the path to see others`;
}

/// The first so many, and whether these are all.
async function find(text, wanted, signal) {
    const slash = text.lastIndexOf("/");
    const prefix = slash > 0 ? text.slice(0, slash) : undefined;
    const rest = text.slice(slash + 1);
    const rows = [];
    let after;
    if (rest !== "") {
        // The resource of just this name stands before all that begin with it.
        const { resources } = await look("/v1/resources", { prefix: text, limit: 1 }, signal);
        if (resources[0]?.resource === text) rows.push(resources[0]);
        after = text;
    }
    while (rows.length <= wanted) {
        const { resources, next } = await look("/v1/resources", { prefix, after, limit: pageSize }, signal);
        const matching = resources.filter((row) => row.resource.startsWith(text));
        rows.push(...matching);
        const isPast = rest !== "" && matching.length < resources.length;
        if (next === undefined || isPast) return { rows: rows.slice(0, wanted), isAll: rows.length <= wanted };
        after = next;
    }
    return { rows: rows.slice(0, wanted), isAll: false };
}
