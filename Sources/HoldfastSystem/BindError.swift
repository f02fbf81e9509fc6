// Why the server cannot listen. The person who reads it is starting a server: the text says what to do.

import CSystem
import Glibc

/// An address that cannot be listened at.
package struct BindError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case inUse
        case notPermitted
        case notHere
        case unknownHost
        case failed(SystemError)
    }

    /// As the operator wrote it.
    package let address: String
    package let reason: Reason

    package init(address: String, reason: Reason) {
        self.address = address
        self.reason = reason
    }

    init(address: String, call: String, number: Int32) {
        let reason: Reason =
            switch number {
            case EADDRINUSE: .inUse
            case EACCES, EPERM: .notPermitted
            case EADDRNOTAVAIL: .notHere
            default: .failed(SystemError(call: call, number: number))
            }
        self.init(address: address, reason: reason)
    }

    package var description: String {
        switch reason {
        case .inUse:
            "cannot listen on \(address): another process already does; stop it, or choose another "
                + "port (port 0 takes any that is free)"
        case .notPermitted:
            "cannot listen on \(address): not permitted; choose a port from 1024 up, or give the "
                + "process CAP_NET_BIND_SERVICE"
        case .notHere:
            "cannot listen on \(address): this machine does not have that address; use one of its "
                + "own, or 0.0.0.0 or [::] for all"
        case .unknownHost:
            "cannot listen on \(address): the host name is not known; write the address in digits"
        case .failed(let error):
            "cannot listen on \(address): \(error)"
        }
    }
}
