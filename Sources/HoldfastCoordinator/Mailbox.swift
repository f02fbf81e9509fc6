// Where other loops leave work for a shard. The letters of one read travel together, and only the
// first letter in an empty box wakes the loop: many requests, one wake-up.

import HoldfastCore
package import HoldfastModel
import Synchronization

/// Work from other loops for one shard, in the order posted.
final class Mailbox: Sendable {
    private let letters = Mutex<[Letter]>([])
    private let loop: any Loop
    private let bell: Bell

    enum Letter: Sendable {
        case requests([RoutedRequest])
        /// This client is gone, and with it what it was to be told.
        case untold(Resource, UInt32, Output.ShownGrant?)
        case connectionEnded(ConnectionID, [WaitPlace])
        case sessionEnded(SessionID)
        case sessionResumed(SessionID, ConnectionID)
        /// Resumed when everything posted before it is done.
        case done(CheckedContinuation<Void, Never>)
    }

    init(loop: any Loop) {
        self.loop = loop
        bell = Bell(on: loop)
    }

    /// Any thread.
    func post(_ letter: Letter) {
        let wasEmpty = letters.withLock { letters in
            letters.append(letter)
            return letters.count == 1
        }
        if wasEmpty { loop.post { self.bell.ring() } }
    }

    /// The next letters; nil once the task is cancelled.
    ///
    /// On the loop.
    func next() async -> [Letter]? {
        guard await bell.rings() else { return nil }
        return letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
    }

    /// Any thread: waits until all that was posted before is done.
    func settled() async {
        await withCheckedContinuation { post(.done($0)) }
    }
}

/// A request on its way to the shard that owns its resource.
package struct RoutedRequest: Sendable {
    package var principal: Principal
    package var session: SessionID?
    package var address: RequestAddress
    package var operation: Operation

    package init(
        principal: Principal,
        session: SessionID?,
        address: RequestAddress,
        operation: Operation
    ) {
        self.principal = principal
        self.session = session
        self.address = address
        self.operation = operation
    }
}
