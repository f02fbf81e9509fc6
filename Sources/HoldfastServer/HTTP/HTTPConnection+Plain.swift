// The requests that nearly all traffic consists of, where nothing about them is special: they go the short way, from
// the bytes that were read to the bytes that are written. Whatever the short way does not do goes the way of all
// requests, and is answered with the same bytes.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// What became of a request on the short way.
enum PlainCourse {
    /// Nothing: it is one for the general way.
    case declined
    case answered
    /// It was asked, and its answer is still to come.
    case asked
}

extension HTTPConnection {
    /// Deals with a request of the native API by which a ticket begins or ends.
    func deal(withPlain request: borrowing Request) -> PlainCourse {
        guard request.namesNobody, request.isKeptAlive, request.minorVersion > 0,
            request.query == nil, let principal = client.visitor.nameless, goesShortWay(principal),
            let ask = plainAsk(request), service.router.isOurs(request)
        else { return .declined }
        shard.beginRequests()
        let address = RequestAddress(connection: client.id, request: client.beginRequest())
        let asker = PlainAsker(principal, at: address, isNext: true, hasGates: false)
        let course =
            switch ask {
            case .queue(let place, let lease, _):
                take(request.body.span.extracting(place), lease, .queue, for: asker)
            case .lock(let place, let lease, _, let wait):
                take(request.body.span.extracting(place), lease, .lock(wait: wait), for: asker)
            case .release(let ticket, let place):
                release(ticket, request.bytes.span.extracting(place), for: asker)
            }
        if case .asked = course {} else { client.endRequest() }
        return course
    }

    /// Bound to nothing, and told before that nobody has to prove who it is.
    private func goesShortWay(_ principal: Principal) -> Bool {
        service.mayGoShortWay && !client.pace.isBound && isStarted && goesOn
            && coordinator.setting.authority.rightsOnEverything(of: principal).contains(.lock)
    }

    /// The place of a path is one in the body, that of a ticket's text one in the head.
    private func plainAsk(_ request: borrowing Request) -> PlainAsk? {
        let path = request.bytes.span.extracting(request.path.indices)
        switch request.method {
        case .post where path.reads(PlainPath.tickets):
            return service.decoder.plainAsk(of: request.body.span, as: .queue)
        case .post where path.reads(PlainPath.locks):
            let ask = service.decoder.plainAsk(of: request.body.span, as: .lock)
            guard case .lock(let path, let lease, let notify, let wait)? = ask else { return nil }
            let bound = wait ?? NativeQuestion.waitDefault
            guard bound <= NativeQuestion.waitMax else { return nil }
            return .lock(path: path, lease: lease, notify: notify, wait: bound)
        case .delete where request.body.isEmpty && path.begins(with: PlainPath.ticket):
            let text = request.path.indices.dropFirst(PlainPath.ticket.utf8CodeUnitCount)
            return TicketID(text: request.bytes.span.extracting(text)).map {
                .release($0, text: text)
            }
        default:
            return nil
        }
    }

    private func take(
        _ path: Span<UInt8>,
        _ lease: Interval,
        _ purpose: Event.Purpose,
        for asker: borrowing PlainAsker
    ) -> PlainCourse {
        // A connection of HTTP is no place for events.
        let terms = PlainTerms(lease: lease, notify: .none)
        switch shard.takePlainly(path, terms, purpose, for: asker) {
        case .granted(let reply, let receipt, _):
            guard let grant = ToldGrant(reply) else { preconditionFailure("no grant") }
            write(.created, receipt) { buffer in
                buffer.append(contentsOf: PlainPath.location)
                ReplyWriter.write(reply.ticket, into: &buffer)
                buffer.append(contentsOf: PlainPath.lineEnd)
            } body: { buffer in
                ReplyWriter.writeBody(grant, of: path, into: &buffer)
            }
            return .answered
        case .answered(let answer): return write(answer)
        case .later: return .asked
        case .declined, .released: return .declined
        }
    }

    private func release(
        _ ticket: TicketID,
        _ text: Span<UInt8>,
        for asker: borrowing PlainAsker
    ) -> PlainCourse {
        switch shard.releasePlainly(ticket, for: copy asker) {
        case .released:
            write(.ok, nil) { _ in
            } body: { buffer in
                ReplyWriter.writeReleasedBody(text, into: &buffer)
            }
            return .answered
        case .answered(let answer): return write(answer)
        case .later: return .asked
        case .declined, .granted: return .declined
        }
    }

    private func write(_ answer: AnswerAtOnce) -> PlainCourse {
        write(.native(client.takeAtOnce(answer)))
        return .answered
    }

    private func write(
        _ status: HTTPStatus,
        _ receipt: Receipt?,
        _ field: (inout [UInt8]) -> Void,
        body: (inout [UInt8]) -> Void
    ) {
        service.count(status, on: client.loop.index)
        let date = service.date(at: client.loop.reading.wall, on: client.loop.index)
        client.append(receipt) { buffer in
            ResponseWriter.writePlainly(status, at: date, into: &buffer, field: field, body: body)
        }
    }
}

/// What stands in the head of such a request and of its response.
private enum PlainPath {
    static let tickets: StaticString = "/v1/tickets"
    static let locks: StaticString = "/v1/locks"
    /// A ticket's text follows.
    static let ticket: StaticString = "/v1/tickets/"
    static let location = Array("Location: /v1/tickets/".utf8)
    static let lineEnd: [UInt8] = [0x0d, 0x0a]
}

extension Span<UInt8> {
    fileprivate func reads(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && begins(with: text)
    }

    fileprivate func begins(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where unsafe self[index] != text.utf8Start[index] {
            return false
        }
        return true
    }
}
