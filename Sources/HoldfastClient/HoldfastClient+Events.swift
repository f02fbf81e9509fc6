// Events: of the client's own tickets, and of resources that it watches.

import HoldfastModel

extension HoldfastClient {
    /// What happens to this client's own tickets from now on.
    ///
    /// Every call makes a stream of its own.
    public func events() async throws(HoldfastError) -> EventStream<LockEvent> {
        await (try driver()).events(bufferedUpTo: configuration.eventBuffer)
    }

    /// What happens on resources from now on, to anybody's tickets; ends when the stream is dropped.
    ///
    /// Once this returns nothing is missed: to have the state as well, watch first, then list. After a
    /// broken connection the watch goes on behind a ``WatchEvent/gap(missed:)``.
    public func watch(_ topic: WatchTopic) async throws(HoldfastError) -> EventStream<WatchEvent> {
        let (stream, result) = await (try driver()).watch(
            topic,
            bufferedUpTo: configuration.eventBuffer
        )
        return try Self.read(try result.get(), of: Request("watch")) { _ in stream }
    }
}
