// The short way of an answer: most requests are answered in the moment in which they are asked, with nothing before
// them that waits for its turn. Such a request needs no place among the replies, and its answer no way through what
// is told at the end of a turn; it is written into the outbound buffer by the connection that asked.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

extension LineClient {
    /// The number of the next request where its answer can be written as soon as it is known; nil where something else
    /// may have to be written first, or the request may wait.
    func numberAtOnce() -> UInt64? { state.value.numberAtOnce }

    /// The number of the next request, and whether its answer can be written as soon as it is known.
    ///
    /// Nil where the client is on its way out.
    func nextNumber() -> (number: UInt64, isNext: Bool)? {
        if let number = state.value.numberAtOnce { return (number, true) }
        return state.value.nextNumber.map { ($0, false) }
    }

    /// Answers the request of that number, which has no place.
    func answerAtOnce(_ answer: AnswerAtOnce, id: RequestID, ignored: [String]) {
        mark()
        state.value.ring.pass()
        state.value.outbound.append(answer.receipt) {
            ReplyWriter.write(answer.answer, to: id, ignored: ignored, into: &$0)
        }
    }
}

// MARK: - The short way

extension LineClient {
    /// An answer that waited for the disk or came from another loop.
    func take(_ reply: PlainReply, to request: UInt64, _ receipt: Receipt?) {
        if let front = takeFront(request) {
            mark()
            write(reply, receipt, to: front.id, ignored: front.ignored)
        } else if state.value.ring.awaits(request) {
            mark()
            state.value.ring.finish(request, telling: .plain(reply), receipt)
        } else {
            take(reply.answer(receipt), to: request, receipt)
        }
    }

    /// A reply whose turn it is.
    func write(_ reply: ReplyRing.Finished) {
        switch reply.told {
        case .plain(let plain):
            write(plain, reply.receipt, to: reply.id, ignored: reply.ignored)
        case .answer(let answer):
            state.value.outbound.append(reply.receipt) {
                ReplyWriter.write(answer, to: reply.id, ignored: reply.ignored, into: &$0)
            }
        }
    }

    private func write(
        _ reply: PlainReply,
        _ receipt: Receipt?,
        to id: RequestID,
        ignored: [String]
    ) {
        state.value.outbound.append(receipt) { buffer in
            let isWritten = ignored.isEmpty && reply.write(receipt, to: id, into: &buffer)
            guard !isWritten else { return }
            ReplyWriter.write(reply.answer(receipt), to: id, ignored: ignored, into: &buffer)
        }
    }

    // The next have the bytes of what is repeated at hand. They say whether the client has nothing else behind that
    // gate, and so has to be told when it opens. What is not next is behind none.

    func grantAtOnce(
        _ reply: PlainReply,
        of path: Span<UInt8>,
        _ receipt: Receipt,
        id: RequestID,
        isNext: Bool,
        behind gate: UInt64
    ) -> Bool {
        guard isNext, let grant = ToldGrant(reply) else {
            keep(reply, receipt, to: id)
            return false
        }
        pass(behind: gate)
        return state.value.outbound.append(receipt, behind: gate) {
            ReplyWriter.write(grant, of: path, to: id, into: &$0)
        }
    }

    /// The answer to a `lock`, which is behind nobody's.
    func grantApart(
        _ grant: ToldGrant,
        of path: Span<UInt8>,
        _ receipt: Receipt,
        id: RequestID
    ) {
        mark()
        _ = state.value.ring.skip()
        state.value.outbound.append(receipt) {
            ReplyWriter.write(grant, of: path, to: id, into: &$0)
        }
    }

    func tellReleasedAtOnce(
        _ reply: PlainReply,
        _ ticket: Span<UInt8>,
        id: RequestID,
        isNext: Bool,
        behind gate: UInt64
    ) -> Bool {
        guard isNext else {
            keep(reply, nil, to: id)
            return false
        }
        pass(behind: gate)
        return state.value.outbound.append(behind: gate) {
            ReplyWriter.writeReleased(ticket, to: id, into: &$0)
        }
    }

    /// Until it is its turn.
    private func keep(_ reply: PlainReply, _ receipt: Receipt?, to id: RequestID) {
        mark()
        let number = state.value.ring.add(id: id, ignored: [], of: reply.ticket.slot)
        state.value.ring.finish(number, telling: .plain(reply), receipt)
    }

    @inline(__always)
    private func pass(behind gate: UInt64) {
        // What may not leave yet is nothing to write at the end of the turn.
        if gate == 0 { mark() } else { takeRoom() }
        state.value.ring.pass()
    }

    func openGates(upTo batch: UInt64) {
        guard state.value.outbound.open(upTo: batch) else { return }
        mark()
    }

    func shutGates(_ refusal: Refusal) {
        state.value.outbound.replaceGated { line, buffer in
            let id = ReplyWriter.id(ofPlain: line)
            ReplyWriter.write(.refused(refusal), to: id, ignored: [], into: &buffer)
        }
        mark()
    }
}

extension PlainReply {
    /// False, and nothing is written, where it takes a closer look.
    fileprivate func write(
        _ receipt: Receipt?,
        to id: RequestID,
        into buffer: inout [UInt8]
    ) -> Bool {
        guard let told = ToldGrant(self), let receipt else {
            return ReplyWriter.writePlainly(released: ticket, to: id, into: &buffer)
        }
        return ReplyWriter.writePlainly(told, of: receipt.path, to: id, into: &buffer)
    }
}

extension Operation {
    /// Its answer may come long after it, and out of order.
    var mayWait: Bool {
        switch self {
        case .lock, .acquire(_, .some): true
        default: false
        }
    }
}

extension ToldGrant {
    /// Nil of a release.
    init?(_ reply: PlainReply) {
        guard let grant = reply.grant else { return nil }
        self.init(ticket: reply.ticket, fence: grant.fence, lease: grant.lease)
    }
}
