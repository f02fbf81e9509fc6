// Where other loops leave work for a shard. The requests of one read travel in one letter, and the
// loop's own post is the way in: it keeps the order, has the one lock, and wakes a sleeping loop once
// for many letters.

import HoldfastCore
package import HoldfastModel

/// Work from other loops for one shard, in the order posted.
final class Mailbox: Sendable {
    private let letters: LoopBound<[Letter]>
    private let loop: any Loop
    private let bell: Bell

    enum Letter: Sendable {
        case requests([RoutedRequest])
        case plain(PlainLetter)
        /// This client is gone, and with it what it was to be told.
        case untold(Receipt)
        case connectionEnded(ConnectionID, WaitEnds)
        case sessionEnded(SessionID)
        case sessionResumed(SessionLife, ConnectionID)
        /// The journal wishes for images of every slot: the number of the wish.
        case snapshots(UInt64)
        /// Resumed when everything posted before it is done.
        case done(CheckedContinuation<Void, Never>)
    }

    init(loop: any Loop) {
        self.loop = loop
        letters = LoopBound([], on: loop)
        bell = Bell(on: loop)
    }

    /// Any thread.
    func post(_ letter: Letter) {
        loop.post {
            self.letters.value.append(letter)
            self.bell.ring()
        }
    }

    /// The next letters; nil once the task is cancelled.
    ///
    /// On the loop.
    func next() async -> [Letter]? {
        guard await bell.rings() else { return nil }
        defer { letters.value = [] }
        return letters.value
    }

    /// Any thread: waits until all that was posted before is done.
    func settled() async {
        await withCheckedContinuation { post(.done($0)) }
    }
}

/// A request on its way to the shard that owns its resource.
package struct RoutedRequest: Sendable {
    package var principal: Principal
    package var session: SessionLife?
    package var address: RequestAddress
    package var operation: Operation
}

extension RoutedRequest {
    package init(
        _ operation: consuming Operation,
        from principal: Principal,
        _ session: SessionLife?,
        at address: RequestAddress
    ) {
        self.init(
            principal: principal,
            session: session,
            address: address,
            operation: consume operation
        )
    }
}
