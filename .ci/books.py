"""What clients were told, kept in books over all lives of a server, and held against what the server shows after a start
(rules 18, 23, 26, 27).

What was acknowledged must be so, what was not may or may not have happened, and nothing else may be there."""

import threading

from server import Client, Failure

LEASE = 3_600
RESOURCES = [f"crash/{n}" for n in range(6)]


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Wrong(Failure):
    """An answer that no server may give."""


class Ticket:
    """What the book knows of one ticket."""

    def __init__(self, reply):
        self.resource = reply["resource"]
        self.was_held = False
        self.fence = None
        self.end = "none"  # or "asked", or "told"
        self.learn(reply)

    def learn(self, reply):
        if reply.get("state") == "acquired":
            self.was_held = True
            self.fence = reply["fence"]


class Book:
    """Everything that was sent and answered, over all lives of the server."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tickets = {}
        self.unanswered = {}  # key -> resource
        self.fences = {}  # resource -> highest
        self.sessions = []
        self.key = 0
        self.acknowledged = 0

    def next_key(self, resource):
        with self.lock:
            self.key += 1
            key = f"k{self.key}"
            self.unanswered[key] = resource
            return key

    def took(self, key, reply):
        with self.lock:
            if not reply.get("ok") and reply["error"]["code"] == "unavailable":
                # It may have happened all the same: the key finds out.
                return
            self.acknowledged += 1
            self.unanswered.pop(key, None)
            if reply.get("ok"):
                self.note(reply)
            else:
                raise Wrong(f"a queue was answered {reply}")

    def note(self, reply):
        known = self.tickets.get(reply["ticket"])
        if known:
            known.learn(reply)
        else:
            self.tickets[reply["ticket"]] = Ticket(reply)
        if "fence" in reply:
            highest = max(self.fences.get(reply["resource"], 0), reply["fence"])
            self.fences[reply["resource"]] = highest

    def some_ticket(self, generator):
        with self.lock:
            live = [t for t, ticket in self.tickets.items() if ticket.end == "none"]
            return generator.choice(live) if live else None

    def asked_end(self, ticket):
        with self.lock:
            self.tickets[ticket].end = "asked"

    def told_end(self, ticket):
        with self.lock:
            self.acknowledged += 1
            self.tickets[ticket].end = "told"


def step(client, book, generator):
    """One request: a release of somebody's ticket, or a queue."""
    ticket = book.some_ticket(generator)
    if ticket and generator.random() < 0.55:
        book.asked_end(ticket)
        reply = client.ask(op="release", ticket=ticket)
        if reply.get("ok"):
            book.told_end(ticket)
        elif reply["error"]["code"] not in ("lost", "unavailable"):
            raise Wrong(f"a release was answered {reply}")
    else:
        resource = generator.choice(RESOURCES)
        request = {"op": "queue", "resource": resource, "lease": LEASE, "pollWithin": LEASE}
        request["priority"] = generator.randrange(3)
        request["key"] = book.next_key(resource)
        book.took(request["key"], client.ask(**request))


def audit(server, book):
    """Every line of the books against what the server shows."""
    client = Client(server.port, timeout=20)
    shown = {}
    for resource in RESOURCES:
        page = client.take(op="list", resource=resource, limit=1000)
        holders, queue = page["holders"], page["queue"]
        expect(len(holders) <= 1, f"{resource} has {len(holders)} holders")
        expect(not queue or holders, f"{resource} is free and {len(queue)} wait")
        order = [(-view["priority"], view["number"]) for view in queue]
        expect(order == sorted(order), f"the queue of {resource} is out of order: {order}")
        expect(len(queue) == page["queueLength"] or len(queue) == 1000, f"{resource} counts wrong")
        for view in holders + queue:
            shown[view["ticket"]] = view
        if holders:
            highest = book.fences.get(resource, 0)
            fence = holders[0]["fence"]
            known = book.tickets.get(holders[0]["ticket"])
            if known and known.was_held:
                expect(fence == known.fence, f"the fence of a holder of {resource} was {known.fence}, is {fence}")
            else:
                expect(fence > highest, f"{resource}: fence {fence} after {highest}")
                book.fences[resource] = fence
    for ticket, known in list(book.tickets.items()):
        view = shown.pop(ticket, None)
        if known.end == "none":
            expect(view is not None, f"an acknowledged ticket of {known.resource} is gone")
            if known.was_held:
                expect(view["state"] == "acquired", f"a holder of {known.resource} is {view['state']}")
            known.learn(view)
        elif known.end == "told":
            expect(view is None, f"a ticket of {known.resource} lives after its release was acknowledged")
            del book.tickets[ticket]
        elif view is None:
            del book.tickets[ticket]
        else:
            known.end = "none"
            known.learn(view)
    # What is left was asked for with a key, and the answer never came: the key finds it.
    for key, resource in list(book.unanswered.items()):
        request = {"op": "queue", "resource": resource, "lease": LEASE, "pollWithin": LEASE, "key": key}
        found = None
        for priority in range(3):
            reply = client.ask(**request, priority=priority)
            if reply.get("ok"):
                found = reply
                break
        expect(found is not None, f"the key {key} is answered {reply}")
        again = client.take(**request, priority=priority)
        expect(again["ticket"] == found["ticket"] and again.get("existing"), f"the key {key} makes two tickets")
        was_there = shown.pop(found["ticket"], None) is not None
        expect(was_there == bool(found.get("existing")), f"the key {key} says existing: {found.get('existing')}")
        book.note(found)
        del book.unanswered[key]
    expect(not shown, f"{len(shown)} tickets that nobody asked for")
    for session, secret in book.sessions:
        other = Client(server.port)
        reply = other.ask(op="hello", version=1, resume={"session": session, "secret": secret})
        expect(reply.get("ok"), f"a session cannot be resumed: {reply}")
        other.close()
    client.close()
