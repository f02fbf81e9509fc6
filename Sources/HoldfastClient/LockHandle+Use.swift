// Work under a lock: a child task that is cancelled the moment the lock is lost, and a release at the end
// of every path. The body runs in a child task because a task cannot cancel a part of itself.

import HoldfastModel

extension LockHandle {
    /// What one of the two children found.
    private enum Finding<Value: Sendable>: Sendable {
        case worked(Result<Value, any Error>)
        case lost(LockLoss)
        case released
    }

    /// Runs the body while the lock is held, then releases it.
    func use<Value: Sendable>(
        _ body: @escaping @Sendable (LockHandle) async throws -> Value
    ) async throws -> Value {
        guard !Task.isCancelled else {
            _ = try? await release()
            throw HoldfastError.cancelled
        }
        let (result, loss) = await work(body)
        if let loss { throw HoldfastError.lockLost(loss) }
        let safe = isHeld
        do {
            try await release()
        } catch .lockLost(let loss) where !safe || loss.isByOthers {
            // The body ended before anybody told: its work was not protected to its end.
            if case .success = result { throw HoldfastError.lockLost(loss) }
        } catch {
            // The work was done under the lock; its lease or session ends what nobody could release.
        }
        return try result.get()
    }

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable (LockHandle) async throws -> Value
    ) async -> (Result<Value, any Error>, LockLoss?) {
        await withTaskGroup(of: Finding<Value>.self) { group in
            group.addTask {
                do { return .worked(.success(try await body(self))) } catch {
                    return .worked(.failure(error))
                }
            }
            group.addTask { await self.waitUntilLost().map { .lost($0) } ?? .released }
            var loss: LockLoss?
            while let finding = await group.next() {
                switch finding {
                case .lost(let found):
                    loss = found
                    group.cancelAll()
                case .released: break
                case .worked(let result):
                    group.cancelAll()
                    return (result, loss ?? self.loss)
                }
            }
            return (.failure(CancellationError()), loss)
        }
    }
}

extension LockLoss {
    /// Somebody took it; the end of a lease or session that was never near is no such thing.
    fileprivate var isByOthers: Bool {
        switch cause {
        case .stolen, .cleared: true
        case .expired, .timedOut, .abandoned, .sessionEnded, .released, .cancelled, .forgotten,
            .unconfirmed, .sessionTaken, .closed:
            false
        }
    }
}
