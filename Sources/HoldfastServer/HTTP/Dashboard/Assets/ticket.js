// A ticket's life: when it was asked for, granted, renewed and ended, how long each took, and by whom. Whoever may not
// see its id finds it by its public number, in what is remembered of the resource.

import { ask, look, pathOf, wordsOf } from "./api.js";
import { release } from "./actions.js";
import { countDown, countUp, Refresher, stopCounting } from "./clock.js";
import { announce } from "./connection.js";
import { button, el, fill, part, section, setText, show } from "./dom.js";
import { resourceLink, Timeline } from "./history.js";
import { count, eventWords, exactSpan, fullTime, modeWords, stateWords, who } from "./words.js";

const unknown = "Nobody remembers this ticket: it ended a while ago, or never was.";

/// `key` is `{ticket}` or `{number, resource}`.
export function ticketPage(key, app) {
    const heading = el("h1", { tabindex: -1 }, "Ticket");
    const [state, facts] = [el("span", { class: "pill" }), el("p", { class: "facts" })];
    const up = el("a");
    const over = el("p", { class: "over" }, up);
    const error = el("p", { class: "error", role: "alert", hidden: true });
    const renewButton = button("Renew", renew);
    const releaseButton = button("Release…", () => release(view, () => refresher.request()), { class: "grave" });
    const stages = el("ol", { class: "stages" });
    const life = section("Its life", {}, stages);
    const details = el("dl", { class: "details" });
    const about = section("What it says", {}, details);
    const timeline = new Timeline({ label: "Its events, newest first" });
    const past = section("Its events", { class: "panel history" }, timeline.node);
    const node = el("div", { class: "page" },
        el("div", { class: "page-head" },
            el("div", { class: "titles" }, over, heading, el("div", { class: "under" }, state, facts)),
            el("div", { class: "page-acts" }, renewButton, releaseButton)),
        error, el("div", { class: "two" }, el("div", { class: "stack" }, life.node, about.node), past.node));
    for (const one of [renewButton, releaseButton, life.node, about.node, past.node]) show(one, false);

    let view;
    const refresher = new Refresher(async (signal) => {
        try {
            const found = await find(key, signal);
            const history = await look(`/v1/history/${pathOf(found.resource)}`, { limit: 1_000 }, signal);
            draw(found, history.history.filter((event) => event.number === found.number));
            show(error, false);
        } catch (problem) {
            const words = wordsOf(problem, signal);
            if (!words) return;
            setText(error, problem.status === 404 ? unknown : words);
            if (problem.status === 404) clearInterval(beat);
            show(error, true);
            for (const one of [renewButton, releaseButton]) show(one, false);
        }
    }, 300);
    // Asking for one's own ticket also tells the server that its owner is still there.
    const beat = setInterval(() => refresher.request(), 15_000);

    async function renew() {
        try {
            await ask("POST", `/v1/tickets/${encodeURIComponent(view.ticket)}/renew`);
            announce("Renewed.");
            refresher.request();
        } catch (problem) {
            setText(error, problem.words ?? String(problem));
            show(error, true);
        }
    }

    function draw(now, events) {
        view = now;
        if (now.resource !== scopeOf.resource) {
            scopeOf.resource = now.resource;
            app.rescope();
        }
        setText(heading, who(now));
        up.href = resourceLink(now.resource);
        setText(up, now.resource);
        state.dataset.kind = { acquired: "held", queued: "waits", released: "ended" }[now.state] ?? "ended";
        setText(state, stateWords(now) ?? "ended");
        setText(facts, [`ticket number ${now.number}`, now.mode && modeWords(now), now.fence && `fence ${now.fence}`]
            .filter(Boolean).join(" · "));
        show(renewButton, Boolean(now.ticket) && now.state === "acquired");
        show(releaseButton, Boolean(now.ticket) && now.state !== "released");
        setText(releaseButton, now.state === "queued" ? "Take out of the queue…" : "Release…");
        show(life.node, Boolean(now.createdAt));
        if (now.createdAt) fill(stages, stagesOf(now), (stage) => stage.key, makeStage);
        const said = detailsOf(now);
        show(about.node, said.length > 0);
        fill(details, said, ([name]) => name, makeDetail);
        show(past.node, events.length > 0);
        timeline.show(events);
    }

    const scopeOf = { resource: key.resource };
    return {
        title: "Ticket", node,
        get scope() { return scopeOf.resource ? { resource: scopeOf.resource } : {}; },
        start: () => refresher.request(),
        events(events) {
            const mine = events.filter((event) => event.value.number === view?.number);
            // Somebody else's change may have moved it up.
            if (mine.length > 0 || view?.state === "queued") refresher.request();
            const last = mine.at(-1)?.value;
            if (last && last.event !== "renewed") announce(`${who(last)} ${eventWords(last)}.`);
        },
        refresh: () => refresher.request(),
        stop() {
            refresher.stop();
            clearInterval(beat);
        },
    };
}

/// By its id, or by its number among those that the resource shows.
async function find(key, signal) {
    if (key.ticket) return look(`/v1/tickets/${encodeURIComponent(key.ticket)}`, {}, signal);
    const list = await look(`/v1/resources/${pathOf(key.resource)}`, { limit: 1_000 }, signal);
    const found = [...list.holders, ...list.queue, ...list.recent].find((view) => view.number === key.number);
    if (found) return found;
    const { history } = await look(`/v1/history/${pathOf(key.resource)}`, { limit: 1_000 }, signal);
    const event = history.find((one) => one.number === key.number);
    return {
        resource: key.resource, number: key.number, owner: event?.owner ?? "Nobody that is remembered",
        holder: event?.holder, reason: event?.reason, state: "released", ended: "not among those shown",
    };
}

/// What it went through, and what comes next: `{key, title, at, took, counts}`.
function stagesOf(view) {
    const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1_000;
    const stages = [{ key: "asked", title: "Asked for", at: view.createdAt }];
    if (view.acquiredAt) {
        const waited = seconds(view.createdAt, view.acquiredAt);
        stages.push({
            key: "granted", title: "Granted", at: view.acquiredAt,
            took: waited < 0.001 ? "at once" : `after waiting ${exactSpan(waited)}`,
        });
    }
    if (view.renewedAt) stages.push({ key: "renewed", title: "Last renewed", at: view.renewedAt });
    if (view.endedAt) {
        const lasted = seconds(view.acquiredAt ?? view.createdAt, view.endedAt);
        const by = view.endedBy ? `, by ${view.endedBy}` : "";
        const why = view.endReason ? `: “${view.endReason}”` : "";
        stages.push({
            key: "ended", title: `Ended: ${(view.ended ?? "").replaceAll("_", " ")}`, at: view.endedAt,
            took: `${view.acquiredAt ? "held for" : "waited for"} ${exactSpan(lasted)}${by}${why}`,
        });
    }
    if (view.state === "queued") {
        stages.push({
            key: "waits", title: `Waits at position ${count(view.position)} of ${count(view.queueLength)}`,
            up: view.createdAt, open: true,
        });
    }
    if (view.state === "acquired") {
        stages.push({ key: "holds", title: "Lease left", down: view.remaining, of: view.lease, open: true });
    }
    return stages;
}

function makeStage() {
    const [title, time, took] = [el("strong"), el("time"), el("span", { class: "fine" })];
    const bar = el("span", { class: "bar-fill" });
    const lease = el("span", { class: "lease", "aria-hidden": "true" }, bar);
    const node = el("li", {}, title, time, took, lease);
    return part(node, (stage) => {
        node.classList.toggle("open", Boolean(stage.open));
        setText(title, stage.title);
        setText(time, stage.at ? fullTime(stage.at) : "");
        show(lease, stage.down !== undefined);
        if (stage.down !== undefined) countDown(took, stage.down, { of: stage.of, bar });
        else if (stage.up) countUp(took, stage.up);
        else {
            stopCounting(took);
            setText(took, stage.took ?? "");
        }
    });
}

function makeDetail([name]) {
    const text = el("dd");
    return part(el("div", {}, el("dt", {}, name), text), ([, value]) => setText(text, value));
}

const detailsOf = (view) => [
    ["Owner", view.owner], ["Holder", view.holder], ["Reason", view.reason],
    ...Object.entries(view.meta ?? {}),
    view.lease && ["Lease", exactSpan(view.lease)],
    view.priority > 0 && ["Priority", String(view.priority)],
    view.stealable !== undefined && ["May be stolen", view.stealable ? "yes" : "no"],
    view.bind && ["Ends with", view.bind === "session" ? "its session" : "its lease alone"],
    view.ticket && ["Ticket", view.ticket],
].filter((row) => row && row[1] !== undefined);
