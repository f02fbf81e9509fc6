// What replies say of tickets: promises of leases, fences, endings, and that doing a thing twice is doing it once.

import HoldfastModel

extension Oracle {
    /// The ticket that a request was about whose refusal names none; nil where it may have been another.
    ///
    /// `ifMine` finds any, and where the key was forgotten its repetition made another.
    func onlyTicket(of asked: Asked) -> String? {
        guard !asked.isIfMine, retainedMax >= 20, let text = textByLabel[asked.label],
            now() < (tickets[text]?.endedAt ?? .never) + retain
        else { return nil }
        return text
    }

    /// A reply or event named a ticket for a label.
    func named(_ text: String, _ label: String) {
        guard let asked = asked[label] else { return }
        if let known = tickets[text] {
            // `ifMine` finds another's of the same owner.
            if known.label != label { count("found by ifMine") }
            return
        }
        if textByLabel[label] != nil { repeated.insert(label) }
        textByLabel[label] = text
        tickets[text] = KnownTicket(label: label, resource: asked.resource, lease: asked.lease)
    }

    /// Rule 11 and 13: the server promised that the lease lasts so long.
    func promised(_ text: String, until: Instant) {
        guard var ticket = tickets[text] else { return }
        ticket.promisedUntil = max(ticket.promisedUntil, until)
        tickets[text] = ticket
        if let expiredAt = ticket.expiredAt { judgeExpiry(ticket, at: expiredAt) }
    }

    func sawFence(_ text: String, _ fence: Double) {
        guard let ticket = tickets[text] else { return }
        if let known = ticket.fence {
            expect("one-fence", known == fence, ticket.resource) {
                "\(ticket.label) has fence \(fence) and had \(known)"
            }
        }
        tickets[text]?.fence = fence
    }

    /// Somebody learned that the ticket ended.
    func noteEnd(of text: String, _ ending: String, heard: Bool) {
        guard var ticket = tickets[text], madeCount[ticket.label] ?? 0 < 2,
            !repeated.contains(ticket.label)
        else { return }
        if ticket.endedAt == nil { ticket.endedAt = now() }
        ticket.ended = ticket.ended ?? ending
        expect("one-ending", ticket.ended == ending, ticket.resource) {
            "\(ticket.label) ended \(ending) and before \(ticket.ended ?? "")"
        }
        if ending == "expired", heard {
            ticket.expiredAt = now()
            judgeExpiry(ticket, at: now())
        }
        tickets[text] = ticket
    }

    /// The expiry is heard of later than it happens, so this can only miss, never accuse wrongly.
    private func judgeExpiry(_ ticket: KnownTicket, at instant: Instant) {
        expect("leases-kept", instant >= ticket.promisedUntil, ticket.resource) {
            let early = (ticket.promisedUntil.nanoseconds - instant.nanoseconds) / 1_000_000
            return "\(ticket.label) expired \(early) ms before its promised end"
        }
    }

    /// Rule 30: nobody else acquires or renews a ticket.
    func judgeOwner(of text: String, client: Int) {
        guard let ticket = tickets[text], let own = asked[ticket.label] else { return }
        expect("owners-alone", own.client == client, ticket.resource) {
            "c\(client) was answered on \(ticket.label)"
        }
    }

    /// Rule 12: the reply to a renewal tells the ticket's duration, which every restart gives anew.
    func toldLease(_ text: String, _ lease: Interval) {
        guard let ticket = tickets[text] else { return }
        tickets[text]?.lease = max(ticket.lease, lease)
    }

    /// A reply to a request of that time says that the ticket lives.
    func saidAlive(_ text: String, askedAt: Instant) {
        guard let ticket = tickets[text] else { return }
        let endedAt = ticket.endedAt ?? .never
        expect("ended-stays", askedAt <= endedAt, ticket.resource) {
            "\(ticket.label) is alive after it ended \(ticket.ended ?? "")"
        }
    }

    /// Rule 14: every lease starts again in full.
    func serverStarts() {
        for text in tickets.keys.sorted() {
            guard let ticket = tickets[text], ticket.fence != nil, ticket.endedAt == nil
            else { continue }
            tickets[text]?.promisedUntil = max(ticket.promisedUntil, now() + ticket.lease)
        }
    }
}
