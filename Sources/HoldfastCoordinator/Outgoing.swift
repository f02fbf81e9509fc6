// What a client is to be told, with what is needed to take it back if the client is gone.

import HoldfastCore
import HoldfastJournal
package import HoldfastModel

/// An answer for a caller that tells it itself, because it waits for nothing.
package struct AnswerAtOnce {
    package let answer: Answer
    /// Goes back where the answer is never written.
    package let receipt: Receipt?
}

/// One thing to tell one client, or all who watch, once its batch is durable.
struct Outgoing: Sendable {
    /// None of a notice.
    let client: ConnectionID
    private(set) var content: Content
    /// Whose step this came from; nil where nothing has to be taken back.
    let resource: Resource?

    enum Content: Sendable {
        case answer(Answer, to: UInt64, Output.Shown?)
        case plain(PlainReply, to: UInt64)
        case event(TicketEvent, ticketIndex: UInt32, Output.Shown?)
        case waiting(UInt64, ticketIndex: UInt32)
        case notice(Notice, to: WatchHub.Watchers)
    }

    init(_ client: ConnectionID, _ content: Content, _ resource: Resource?) {
        self.client = client
        self.content = content
        self.resource = resource
    }

    /// Stands where one was taken out.
    static let nothing = Outgoing(.none, .waiting(0, ticketIndex: 0), nil)

    /// Rules 26 and 28: what did not become durable is told to nobody; a request is answered that it was not.
    ///
    /// Nil where that is nothing.
    func after(_ failure: JournalError) -> Outgoing? {
        switch content {
        case .answer(_, let request, _), .plain(_, let request):
            let refusal = Content.answer(.refused(failure.refusal), to: request, nil)
            return Outgoing(client, refusal, resource)
        case .waiting:
            return self
        case .event, .notice:
            return nil
        }
    }

    /// Gives it to the client, or sends word back that it is gone.
    consuming func deliver(to client: (any ClientConnection)?) {
        guard let client else { return sendBack() }
        if client.isGone, !isWait { return sendBack() }
        let receipt = receipt
        let waitPlace = waitPlace
        // Moved out and not copied: a thousand of them are told in a turn.
        var content = Content.waiting(0, ticketIndex: 0)
        swap(&content, &self.content)
        switch consume content {
        case .answer(let answer, let request, _):
            client.take(answer, to: request, receipt)
        case .plain(let reply, let request):
            client.take(reply, to: request, receipt)
        case .event(let event, _, _):
            client.take(event, receipt)
        case .waiting(let request, _):
            if let waitPlace { client.takeWait(request, on: waitPlace) }
        case .notice:
            preconditionFailure("a notice is for all who watch")
        }
    }

    /// Gives a notice to those who watch from this loop; false for anything else.
    func deliverNotice(to roster: Roster) -> Bool {
        guard case .notice(let notice, let watchers) = content else { return false }
        watchers.visit { watcher in
            guard watcher.connection.loop == roster.loop.index,
                let client = roster.client(watcher.connection), !client.isGone,
                watcher.mayRead?(notice.resource) ?? true
            else { return }
            client.take(notice, for: watcher.number)
        }
        return true
    }

    /// For all who watch, and not for one client.
    @inline(__always) var isNotice: Bool {
        if case .notice = content { true } else { false }
    }

    /// Nobody asked for it.
    @inline(__always) var isUnasked: Bool {
        switch content {
        case .event, .notice: true
        case .answer, .plain, .waiting: false
        }
    }

    /// From which loops there is somebody who watches; nil for anything else.
    var watchingLoops: Set<LoopIndex>? {
        guard case .notice(_, let watchers) = content else { return nil }
        var loops: Set<LoopIndex> = []
        watchers.visit { loops.insert($0.connection.loop) }
        return loops
    }

    /// A client on its way out decides itself what becomes of its waits.
    private var isWait: Bool {
        if case .waiting = content { true } else { false }
    }

    /// Nil where nothing has to be taken back.
    private var receipt: Receipt? {
        guard let resource else { return nil }
        switch content {
        case .answer(let answer, _, let shown?):
            return Receipt(
                client: client,
                resource: resource,
                ticketIndex: shown.ticketIndex,
                grant: shown.fence,
                endsWait: answer.isLateGrant
            )
        case .event(_, let ticketIndex, let shown):
            return Receipt(
                client: client,
                resource: resource,
                ticketIndex: ticketIndex,
                grant: shown?.fence,
                endsWait: false
            )
        case .plain(let reply, _):
            return reply.receipt(of: resource, for: client)
        case .answer(_, _, nil), .waiting, .notice:
            return nil
        }
    }

    /// Nil where this tells of no wait.
    var waitPlace: WaitPlace? {
        guard case .waiting(_, let ticketIndex) = content, let resource else { return nil }
        return WaitPlace(resource: resource, ticketIndex: ticketIndex)
    }

    private func sendBack() {
        if let waitPlace { waitPlace.resource.home.endWaits(of: client, at: [waitPlace]) }
        receipt?.sendBack()
    }
}

extension JournalError {
    /// What a client is told when its request could not be made durable.
    var refusal: Refusal {
        switch self {
        case .storageFull:
            Refusal(.unavailable, "the server's disk is full; nothing was changed, try again later")
        case .failed(let reason), .damaged(let reason):
            Refusal(
                .unavailable,
                "the server cannot store what it decides (\(reason)); try another"
            )
        }
    }
}
