// What every TCP connection of this house is set to (rule 5): a host that lost power loses its
// connection within seconds, and a reply does not wait for a fuller packet.

import CSystem

/// The options of a TCP connection.
///
/// Linux hands a listener's on to what it accepts.
enum SocketOptions {
    static let keepaliveIdleSeconds: Int32 = 10
    static let keepaliveIntervalSeconds: Int32 = 3
    static let keepaliveProbeCount: Int32 = 3
    static let userTimeoutMilliseconds: UInt32 = 20_000

    /// Sets them all; false where the kernel said no, with errno.
    static func apply(to descriptor: borrowing FileDescriptor) -> Bool {
        let number = descriptor.number
        return holdfast_set_no_delay(number) == 0
            && holdfast_set_keepalive(
                number,
                keepaliveIdleSeconds,
                keepaliveIntervalSeconds,
                keepaliveProbeCount
            ) == 0
            && holdfast_set_user_timeout(number, userTimeoutMilliseconds) == 0
    }
}
