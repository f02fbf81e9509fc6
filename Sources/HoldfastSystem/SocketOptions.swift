// What every TCP connection of this house is set to (rule 5): a host that lost power loses its
// connection within seconds, and a reply does not wait for a fuller packet.

import CSystem
package import HoldfastModel

/// The options of a TCP connection.
///
/// Linux hands a listener's on to what it accepts.
package struct SocketOptions: Sendable {
    static let keepaliveIdleSeconds: Int32 = 10
    static let keepaliveIntervalSeconds: Int32 = 3
    static let keepaliveProbeCount: Int32 = 3

    /// How long what was sent may stay without an acknowledgement, or find no room, before the kernel gives up.
    package var sendPatience = Interval.seconds(20)

    package init() {}

    /// Sets them all; false where the kernel said no, with errno.
    func apply(to descriptor: borrowing FileDescriptor) -> Bool {
        let number = descriptor.number
        return holdfast_set_no_delay(number) == 0
            && holdfast_set_keepalive(
                number,
                Self.keepaliveIdleSeconds,
                Self.keepaliveIntervalSeconds,
                Self.keepaliveProbeCount
            ) == 0
            && holdfast_set_user_timeout(number, UInt32(sendPatience.wholeMilliseconds)) == 0
    }
}
