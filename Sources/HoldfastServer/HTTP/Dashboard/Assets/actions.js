// Interventions: letting go for somebody, taking a lock from its holder, ending everything on a resource. Each is asked
// for in a dialog that says what it will do and wants to know why; a refusal stays in it, as the server said it.

import { ask, pathOf } from "./api.js";
import { announce } from "./connection.js";
import { el, setText, show } from "./dom.js";
import { count, counted, who } from "./words.js";

let number = 0;

function field(spec) {
    number += 1;
    const id = `field-${number}`;
    const input = el("input", { id, type: spec.type ?? "text", ...spec.attributes });
    const hint = spec.hint && el("small", { id: `${id}-hint` }, spec.hint);
    if (hint) input.setAttribute("aria-describedby", hint.id);
    const label = el("label", { for: id }, spec.label);
    const isCheck = spec.type === "checkbox";
    const inOrder = isCheck ? [input, label, hint] : [label, input, hint];
    const node = el("div", { class: isCheck ? "field check" : "field" }, inOrder);
    return { node, read: () => (isCheck ? input.checked : input.value.trim()) };
}

/// Opens a dialog; `act` gets what was filled in and throws what went wrong.
function confirm({ title, text, fields, verb, isGrave, act }) {
    number += 1;
    const titleID = `dialog-${number}`;
    const made = Object.fromEntries(Object.entries(fields).map(([name, spec]) => [name, field(spec)]));
    const error = el("p", { class: "error", role: "alert", hidden: true });
    const yes = el("button", { type: "submit", class: isGrave ? "grave" : "strong" }, verb);
    const no = el("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
    const form = el("form", { onsubmit: submit },
        el("h2", { id: titleID }, title), el("p", {}, text), Object.values(made).map((one) => one.node), error,
        el("div", { class: "dialog-end" }, no, yes));
    const dialog = el("dialog", { "aria-labelledby": titleID, onclose: leave }, form);

    /// The focus goes back to the button, or to the page's title where that is gone meanwhile.
    function leave() {
        dialog.remove();
        if (document.activeElement === document.body) document.querySelector("h1")?.focus({ preventScroll: true });
    }

    async function submit(event) {
        event.preventDefault();
        yes.disabled = true;
        show(error, false);
        try {
            await act(Object.fromEntries(Object.entries(made).map(([name, one]) => [name, one.read()])));
            dialog.close();
        } catch (problem) {
            setText(error, problem.words ?? String(problem));
            show(error, true);
            yes.disabled = false;
        }
    }

    document.body.append(dialog);
    dialog.showModal();
    form.querySelector("input")?.focus();
}

const reason = (attributes) => ({
    label: attributes.required ? "Why" : "Why (may be left empty)",
    hint: "It stands in the history, and whoever is concerned is told.",
    attributes: { maxlength: 256, autocomplete: "off", ...attributes },
});

/// Ends a ticket: one that holds lets go, one that waits leaves the queue.
export function release(view, done) {
    const holds = view.state === "acquired";
    confirm({
        title: holds ? "Release this lock?" : "Take this ticket out of the queue?",
        text: holds
            ? `${who(view)} holds ${view.resource} and will lose it at once. What it is doing is not stopped by that.`
            : `${who(view)} waits for ${view.resource} and will lose its place.`,
        fields: { reason: reason({}) },
        verb: holds ? "Release" : "Take out",
        isGrave: true,
        async act({ reason }) {
            const body = reason ? { reason } : undefined;
            await ask("DELETE", `/v1/tickets/${encodeURIComponent(view.ticket)}`, { body });
            announce(holds ? `Released ${view.resource}.` : "The ticket left the queue.");
            done?.();
        },
    });
}

/// Takes the resource from who holds it; an administrator also where its holder does not allow that.
export function steal(resource, { mayForce }, done) {
    confirm({
        title: `Steal ${resource}?`,
        text: "You take the lock in front of everybody who waits. Whoever holds it now is told, and has the grace "
            + "to let go.",
        fields: {
            reason: reason({ required: true }),
            grace: {
                label: "Grace in seconds", type: "number", hint: "0 takes it at once; at most 300.",
                attributes: { min: 0, max: 300, step: "any", value: 0, inputmode: "decimal", required: true },
            },
            lease: {
                label: "Your lease in seconds", type: "number",
                hint: "You hold it for so long, or until you release or renew it.",
                attributes: { min: 1, max: 86_400, step: "any", value: 300, inputmode: "decimal", required: true },
            },
            ...(mayForce && {
                force: {
                    label: "Also from tickets that do not allow it", type: "checkbox",
                    hint: "As an administrator you may.",
                },
            }),
        },
        verb: "Steal",
        isGrave: true,
        async act({ reason, grace, lease, force }) {
            const body = { resource, reason, grace: Number(grace), lease: Number(lease), holder: "dashboard" };
            if (force) body.force = true;
            const ticket = await ask("POST", "/v1/steal", { body });
            announce(ticket.state === "acquired" ? `You hold ${resource}.` : `You are first in line for ${resource}.`);
            done?.(ticket);
        },
    });
}

/// Ends every ticket of a resource.
export function clear(list, done) {
    const holders = counted(list.holderCount, "holder", "holders");
    confirm({
        title: `Clear ${list.resource}?`,
        text: `This ends every ticket on it: ${holders} and ${count(list.queueLength)} waiting. All of them are told.`,
        fields: { reason: reason({ required: true }) },
        verb: "Clear it",
        isGrave: true,
        async act({ reason }) {
            const { cleared } = await ask("DELETE", `/v1/resources/${pathOf(list.resource)}`, { body: { reason } });
            announce(`Cleared ${counted(cleared, "ticket", "tickets")}.`);
            done?.();
        },
    });
}
