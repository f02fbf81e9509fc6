// An address as the kernel stores it, and its two renderings. IPv4 and IPv6, nothing else: the server
// listens on TCP only.

import CSystem
import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable {
    private var storage: sockaddr_storage
    private var length: socklen_t

    /// Copies what the kernel or the resolver wrote.
    init?(_ storage: sockaddr_storage, length: socklen_t) {
        guard [AF_INET, AF_INET6].contains(Int32(storage.ss_family)) else { return nil }
        self.storage = storage
        self.length = length
    }

    /// Copies an address that the resolver points to.
    init?(copying address: UnsafePointer<sockaddr>?, length: socklen_t) {
        var storage = sockaddr_storage()
        guard let address, Int(length) <= MemoryLayout<sockaddr_storage>.size else { return nil }
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
        self.init(storage, length: length)
    }

    /// Only an address written in digits, "127.0.0.1" or "::1"; asks nobody.
    package init?(numericHost host: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        storage = sockaddr_storage()
        if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeBytes(of: &v4) { source in
                withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
            }
        } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeBytes(of: &v6) { source in
                withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
            }
        } else {
            return nil
        }
    }

    /// The address a socket is bound to.
    static func bound(to descriptor: borrowing FileDescriptor) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = descriptor.number
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(number, $0, &length)
            }
        }
        return result == 0 ? SocketAddress(storage, length: length) : nil
    }

    var family: Int32 { Int32(storage.ss_family) }

    package var port: UInt16 {
        get {
            family == AF_INET
                ? UInt16(bigEndian: v4.sin_port) : UInt16(bigEndian: v6.sin6_port)
        }
        set {
            // Both families keep the port in the two bytes after the family.
            withUnsafeMutableBytes(of: &storage) {
                $0.storeBytes(of: newValue.bigEndian, toByteOffset: 2, as: UInt16.self)
            }
        }
    }

    /// Whether only this machine can reach it: 127.0.0.0/8, ::1, or the first inside the second family.
    package var isLoopback: Bool {
        if family == AF_INET { return UInt32(bigEndian: v4.sin_addr.s_addr) >> 24 == 127 }
        var address = v6.sin6_addr
        return withUnsafeBytes(of: &address) { bytes in
            let isMapped =
                bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
            let isOne = bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
            return isOne || isMapped && bytes[12] == 127
        }
    }

    /// "127.0.0.1" or "::1".
    package var host: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard let base = text.baseAddress else { return "" }
            base.initialize(repeating: 0, count: text.count)
            let capacity = socklen_t(text.count)
            var v4 = v4.sin_addr
            var v6 = v6.sin6_addr
            let found =
                family == AF_INET
                ? inet_ntop(AF_INET, &v4, base, capacity) : inet_ntop(AF_INET6, &v6, base, capacity)
            return found.map { String(cString: $0) } ?? ""
        }
    }

    /// "127.0.0.1:7420" or "[::1]:7420".
    package var text: String { family == AF_INET ? "\(host):\(port)" : "[\(host)]:\(port)" }

    /// Shows the address as the kernel's calls take it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private var v4: sockaddr_in {
        withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in.self) }
    }

    private var v6: sockaddr_in6 {
        withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
    }
}

extension SocketAddress: Hashable {
    package static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.text == right.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
