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

    /// Answers the request of that number, which has no place.
    func answerAtOnce(_ answer: AnswerAtOnce, id: RequestID, ignored: [String]) {
        mark()
        state.value.ring.pass()
        state.value.outbound.append(answer.receipt) {
            ReplyWriter.write(answer.answer, to: id, ignored: ignored, into: &$0)
        }
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
