// What somebody may have to answer for, told to whoever writes it down: locks taken or ended over the heads of their
// holders, a drained server, people who were not let in. It is asked for with the request, when that was decided; who
// comes from where is known by the connection. Without a witness nothing of it costs anything.

package import HoldfastModel

/// Remembers deeds.
///
/// Called on any loop, in the middle of its work: it must not wait.
package protocol Witness: Sendable {
    /// Deeds are worth telling; else only who was not let in is.
    var sees: Bool { get }

    func connectionBegan(_ connection: ConnectionID, from peer: String)
    func connectionEnded(_ connection: ConnectionID)
    func saw(_ deed: Deed)
    /// Somebody was not who it said; what it said stays untold, because it may be nearly right.
    func saw(strangerFrom peer: String, at wall: WallTime)
}

/// Something that one principal did to others' locks.
package struct Deed: Sendable {
    package enum Kind: String, Hashable, Sendable {
        case steal
        case clear
        /// Of somebody else's ticket.
        case release
        case drain
    }

    package var kind: Kind
    package var at: WallTime
    package var principal: Principal
    package var connection: ConnectionID
    package var resource: ResourcePath?
    package var reason: String?
    /// Also what is not stealable.
    package var isForced = false
    /// The drain ended.
    package var isOff = false
    package var answer: Answer

    package init(
        kind: Kind,
        at: WallTime,
        principal: Principal,
        connection: ConnectionID,
        resource: ResourcePath? = nil,
        reason: String? = nil,
        isForced: Bool = false,
        isOff: Bool = false,
        answer: Answer
    ) {
        self.kind = kind
        self.at = at
        self.principal = principal
        self.connection = connection
        self.resource = resource
        self.reason = reason
        self.isForced = isForced
        self.isOff = isOff
        self.answer = answer
    }
}

extension Shard {
    /// Tells the witness of a request that was just decided.
    func testify(to witness: any Witness, about request: RoutedRequest) {
        let (kind, resource, reason, isForced): (Deed.Kind, ResourcePath?, String?, Bool)
        switch request.operation {
        case .steal(let ticket, let steal):
            (kind, resource, reason, isForced) =
                (.steal, ticket.resource, ticket.details?.reason, steal.force)
        case .clear(let path, let why):
            (kind, resource, reason, isForced) = (.clear, path, why, false)
        case .release(let reference, let why):
            (kind, resource, reason, isForced) = (.release, path(of: reference), why, false)
        default: return
        }
        guard let answer = home.desk.value.lastAnswer(to: request.address) else { return }
        if case .release = kind, !isOfAnother(answer) { return }
        witness.saw(
            Deed(
                kind: kind,
                at: reading.wall,
                principal: request.principal,
                connection: request.address.connection,
                resource: resource,
                reason: reason,
                isForced: isForced,
                answer: answer
            )
        )
    }

    /// Everybody gives back what is theirs; only somebody else's is cleared, or refused to whoever may not do that.
    private func isOfAnother(_ answer: Answer) -> Bool {
        switch answer {
        case .released(let release): release.ended == .cleared && !release.already
        case .refused(let refusal): refusal.code == .forbidden
        default: false
        }
    }

    private func path(of reference: TicketReference) -> ResourcePath? {
        reference.ticket.flatMap { table.path(slot: $0.slot, index: $0.resourceIndex) }
    }
}
