// What a connection may ask, and how often: the pace of its principal, the patience with somebody unknown, and what is
// written down of a drain, which no shard sees.

import HoldfastCoordinator
import HoldfastModel

extension Connection {
    /// Who says hello is known only then.
    func refusalOfPace(_ operation: Operation) -> Refusal? {
        if case .hello = operation { return nil }
        return pace.refusal(of: principal, keeps: operation.kind.keeps)
    }

    /// Whoever does not say who it is makes the server write no more than a few answers (PROTOCOL §3).
    func mayBeRefusedAgain() -> Bool {
        guard isStranger else { return true }
        strangerRefusalCount += 1
        guard strangerRefusalCount > LinePatience.refusalsMax else { return true }
        client.takeGoodbye(.unauthenticated)
        return false
    }

    func testify(toDrain answer: Answer, off: Bool, reason: String?) {
        coordinator.setting.witness?.saw(
            Deed(
                kind: .drain,
                at: client.loop.reading.wall,
                principal: principal,
                connection: client.id,
                reason: reason,
                isOff: off,
                answer: answer
            )
        )
    }
}
