// What the journal keeps of a step that went the short way, as records like any other: for a journal that keeps
// entries, and for whoever holds the short way to the general one. A journal of bytes gets the same bytes without them.

package import HoldfastModel

extension PlainGrant {
    /// The making of the ticket, and its grant.
    package func record(
        of path: ResourcePath,
        _ terms: PlainTerms,
        to owner: Owner
    ) -> Record {
        let request = TicketRequest(
            resource: path,
            lease: terms.lease,
            binding: .ticket,
            notify: terms.notify
        )
        let made = Record.TicketRecord(
            id: ticket,
            number: number,
            owner: owner,
            session: nil,
            request: request,
            steal: nil,
            at: at
        )
        return .made(made, grant: fence)
    }
}

extension PlainRelease {
    /// The end of the ticket.
    package func record(by owner: Owner) -> Record {
        let end = Record.EndRecord(
            ticketIndex: ticketIndex,
            ending: .released,
            wasHeld: true,
            owner: owner,
            session: nil,
            by: nil,
            reason: nil,
            at: at
        )
        return .ended(end)
    }

    /// Nil where nothing was forgotten.
    package var recordOfForgotten: Record? { forgotten.map { .forgotten(ticketIndex: $0) } }
}
