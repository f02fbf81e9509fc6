// What happened, newest first: a line per event, drawn as a thread that a person can follow down.

import { el, fill, part } from "./dom.js";
import { clockTime, eventTone, eventWords, fullTime, who } from "./words.js";

/// One list of events; `show` takes them as `history` tells them.
export class Timeline {
    constructor({ label, showsResource = false, linkOf }) {
        this.showsResource = showsResource;
        this.linkOf = linkOf;
        this.node = el("ol", { class: "timeline", "aria-label": label });
    }

    show(events) {
        const key = (event) => `${event.at} ${event.resource ?? ""} ${event.number} ${event.event}`;
        fill(this.node, events, key, (event) => part(this.line(event), () => {}));
    }

    line(event) {
        const link = this.linkOf?.(event);
        const name = who(event);
        return el("li", { class: `event ${eventTone(event.event)}` },
            el("time", { datetime: event.at, title: fullTime(event.at) }, clockTime(event.at)),
            el("div", { class: "event-text" },
                link ? el("a", { href: link, class: "who" }, name) : el("span", { class: "who" }, name), " ",
                eventWords(event),
                this.showsResource && " ",
                this.showsResource && el("a", { class: "path", href: resourceLink(event.resource) }, event.resource),
                event.reason && el("q", { class: "reason" }, event.reason)));
    }
}

export const resourceLink = (resource) => `#/resource/${encodeURIComponent(resource)}`;

/// The page of a ticket: by its id where that is shown, else by its public number.
export const ticketLink = (view) =>
    (view.ticket
        ? `#/ticket/${encodeURIComponent(view.ticket)}`
        : `#/number/${view.number}/${encodeURIComponent(view.resource)}`);
