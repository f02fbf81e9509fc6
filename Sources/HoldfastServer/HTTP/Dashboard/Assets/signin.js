// Who looks. The field is only there when the server asks; what is typed in stays in this page.

import { credential } from "./api.js";
import { byID, el, show } from "./dom.js";

/// The page that takes the place of all others until the server knows who asks.
export function signIn({ problem, done }) {
    const input = el("input", {
        id: "token", type: "password", autocomplete: "current-password", required: true, spellcheck: "false",
    });
    // For password stores, which keep names and passwords in pairs.
    const name = el("input", { type: "text", autocomplete: "username", value: "holdfast", hidden: true });
    const wasRefused = credential.isSet;
    const form = el("form", {
        class: "sign-in panel",
        onsubmit(event) {
            event.preventDefault();
            credential.set(input.value.trim());
            showSignOut();
            done();
        },
    },
    el("h1", { tabindex: -1 }, "Sign in"),
    el("p", {}, "This server wants to know who asks. Paste a token; this page keeps it in memory, and forgets it when "
        + "it is closed or loaded again."),
    wasRefused && el("p", { class: "error", role: "alert" }, `The token was not accepted. ${problem.words}`),
    name, el("div", { class: "field" }, el("label", { for: "token" }, "Token"), input),
    el("div", { class: "dialog-end" }, el("button", { type: "submit", class: "strong" }, "Sign in")));
    const start = () => input.focus();
    return { title: "Sign in", node: form, scope: undefined, start, events() {}, refresh() {}, stop() {} };
}

export const showSignOut = () => show(byID("sign-out"), credential.isSet);
