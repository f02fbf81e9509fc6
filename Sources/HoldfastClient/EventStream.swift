// Events as an asynchronous sequence with a bound: who does not keep up is told how many events were
// dropped, and nobody else waits for it (rule 32, on the client's side).

/// Events in the order in which they came; ends when the client is closed.
///
/// At most ``HoldfastClient/Configuration/eventBuffer`` events are kept for a reader that falls behind;
/// then a `gap` says how many it missed. Iterate it once.
public struct EventStream<Element: Sendable>: AsyncSequence, Sendable {
    /// Events never fail; they end.
    public typealias Failure = Never

    private let base: AsyncStream<Element>

    init(_ base: AsyncStream<Element>) { self.base = base }

    /// An iterator over the events.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base.makeAsyncIterator()) }

    /// Hands out one event after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var base: AsyncStream<Element>.AsyncIterator

        init(_ base: AsyncStream<Element>.AsyncIterator) { self.base = base }

        /// The next event; nil when there will be none.
        public mutating func next() async -> Element? { await base.next(isolation: #isolation) }

        /// The next event, without leaving the caller's actor; nil when there will be none.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await base.next(isolation: actor)
        }
    }
}

/// The writing end of an event stream.
struct EventFeed<Element: Sendable>: Sendable {
    private let continuation: AsyncStream<Element>.Continuation
    private let gap: @Sendable (Int) -> Element
    private var missed = 0

    static func make(
        limit: Int,
        gap: @escaping @Sendable (Int) -> Element,
        onEnd: @escaping @Sendable () -> Void
    ) -> (EventStream<Element>, EventFeed<Element>) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Element.self,
            // What is dropped is the newest: the order of what is left has one hole, and it is told.
            bufferingPolicy: .bufferingOldest(max(2, limit))
        )
        continuation.onTermination = { _ in onEnd() }
        return (EventStream(stream), EventFeed(continuation: continuation, gap: gap))
    }

    private init(
        continuation: AsyncStream<Element>.Continuation,
        gap: @escaping @Sendable (Int) -> Element
    ) {
        self.continuation = continuation
        self.gap = gap
    }

    mutating func send(_ element: Element) {
        if missed > 0 {
            guard case .enqueued = continuation.yield(gap(missed)) else {
                missed += 1
                return
            }
            missed = 0
        }
        if case .dropped = continuation.yield(element) { missed += 1 }
    }

    func finish() { continuation.finish() }
}
