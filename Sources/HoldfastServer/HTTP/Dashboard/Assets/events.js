// The event stream, read with `fetch` because `EventSource` cannot say who asks. It comes back by itself: with the id
// of the last event, so that the server tells what was missed, or that nobody knows any more. Events are handed on once
// for each frame that is drawn, however many there are.

import { request } from "./api.js";

const silenceMax = 40_000;
const pendingMax = 4_000;
const patience = { first: 500, most: 5_000 };

/// One event; its data is only taken apart where somebody looks.
class StreamEvent {
    constructor(name, data) {
        this.name = name;
        this.data = data;
    }

    get value() { return (this.parsed ??= JSON.parse(this.data)); }
}

/// Watches a part of the server, and goes on watching.
export class Feed {
    /// `events` takes lists of events, `gap` is told when some are lost, `state` when the connection changes.
    constructor({ events, gap, state }) {
        this.tell = { events, gap, state };
        this.pending = [];
    }

    /// Watches `{resource}`, `{prefix}` or, with neither, everything.
    ///
    /// Everything is watched from where that was left: a page that counts what was lost has missed nothing meanwhile.
    watch(scope) {
        this.close();
        this.lastID = Object.keys(scope).length === 0 ? this.left : undefined;
        this.scope = scope;
        this.aborter = new AbortController();
        this.run(scope, this.aborter);
    }

    close() {
        if (this.scope && Object.keys(this.scope).length === 0) this.left = this.lastID;
        this.scope = undefined;
        this.aborter?.abort();
        this.pending = [];
    }

    /// Does not wait any longer before it tries again.
    retry() { this.wake?.(); }

    async run(scope, aborter) {
        let wait = patience.first;
        while (!aborter.signal.aborted) {
            try {
                await this.read(scope, aborter, () => {
                    wait = patience.first;
                    this.tell.state("live");
                });
            } catch (error) {
                if (aborter.signal.aborted) return;
                if (error.status === 401) return this.tell.state("refused");
                if (error.status === 403) return this.tell.state("forbidden", { error });
            }
            if (aborter.signal.aborted) return;
            this.tell.state("lost");
            await new Promise((resolve) => {
                this.wake = resolve;
                setTimeout(resolve, wait);
            });
            wait = Math.min(wait * 2, patience.most);
        }
    }

    async read(scope, aborter, opened) {
        const attempt = new AbortController();
        const giveUp = () => attempt.abort();
        aborter.signal.addEventListener("abort", giveUp, { once: true });
        const headers = { Accept: "text/event-stream" };
        if (this.lastID !== undefined) headers["Last-Event-ID"] = this.lastID;
        let watchdog;
        try {
            const response = await request("GET", "/v1/events", { query: scope, headers, signal: attempt.signal });
            opened();
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
            let rest = "";
            for (;;) {
                // The server breaks its silence every fifteen seconds; a connection that does not is dead.
                clearTimeout(watchdog);
                watchdog = setTimeout(giveUp, silenceMax);
                const { value, done } = await reader.read();
                if (done) return;
                rest = this.take(rest + value, aborter);
            }
        } finally {
            clearTimeout(watchdog);
            aborter.signal.removeEventListener("abort", giveUp);
        }
    }

    /// Takes whole events from the text and gives back the rest of it.
    take(text, aborter) {
        const blocks = text.split("\n\n");
        const rest = blocks.pop();
        for (const block of blocks) {
            const fields = {};
            for (const line of block.split("\n")) {
                const colon = line.indexOf(":");
                if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
            }
            if (fields.id) this.lastID = fields.id;
            if (fields.event === "gap") this.tell.gap();
            else if (fields.event === "goodbye") this.tell.state("leaving");
            else if (fields.event) this.hold(new StreamEvent(fields.event, fields.data), aborter);
        }
        return rest;
    }

    hold(event, aborter) {
        if (this.pending.length === 0) {
            const handOver = () => this.handOver(aborter);
            // A page that nobody sees is drawn never.
            if (document.hidden) setTimeout(handOver, 1_000);
            else requestAnimationFrame(handOver);
        }
        this.pending.push(event);
        // A burst goes on in pieces, and nothing of it is left out.
        if (this.pending.length >= pendingMax) this.handOver(aborter);
    }

    handOver(aborter) {
        if (aborter.signal.aborted) return;
        const events = this.pending;
        this.pending = [];
        if (events.length > 0) this.tell.events(events);
    }
}
