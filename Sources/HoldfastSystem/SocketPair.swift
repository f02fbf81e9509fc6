// Two streams connected to each other inside the kernel: everything a connection does, no network. For
// tests of what stands on streams, and for hand-overs within the process.

import CSystem

/// Both ends of a connection that has no address.
package struct SocketPair: Sendable {
    package let first: SocketStream
    package let second: SocketStream

    /// Each end belongs to a loop; both may belong to the same.
    package init(_ firstLoop: EventLoop, _ secondLoop: EventLoop) throws(SystemError) {
        var numbers: [Int32] = [-1, -1]
        guard holdfast_socket_pair(&numbers) == 0 else { throw SystemError.last("socketpair") }
        first = SocketStream(FileDescriptor(owning: numbers[0]), peer: "pair", on: firstLoop)
        second = SocketStream(FileDescriptor(owning: numbers[1]), peer: "pair", on: secondLoop)
    }
}
