// One client of the server under test, on a blocking socket and the calling thread. It is no user of the
// SDK on purpose: what the SDK allocates is another count.

import Glibc

/// A connection that sends lines and reads the same number of lines back.
final class Peer {
    private let descriptor: Int32
    private var inbound = [UInt8](repeating: 0, count: 256 * 1024)
    private var filled = 0

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw PeerError.kernel("socket", errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw PeerError.kernel("connect", errno) }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw PeerError.kernel("send", errno) }
            sent += count
        }
    }

    /// Waits for `count` lines, hands each to `body` in place, and fails when one is a refusal.
    func receive(_ count: Int, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var (missing, start, scanned) = (count, 0, 0)
        while missing > 0 {
            while missing > 0, let end = inbound[scanned..<filled].firstIndex(of: 0x0A) {
                let line = inbound[start..<end]
                guard line.contains(Peer.accepted) else {
                    throw PeerError.refused(String(decoding: line, as: UTF8.self))
                }
                try body(line)
                missing -= 1
                start = end + 1
                scanned = start
            }
            scanned = filled
            if missing > 0 { try fill() }
        }
        inbound.replaceSubrange(0..<(filled - start), with: inbound[start..<filled])
        filled -= start
    }

    /// Waits for one response of HTTP, hands its body on, and fails when it is a refusal.
    func receiveResponse(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        while true {
            let head = inbound[..<filled].firstRange(of: Peer.headEnd)
            if let head, let length = try Peer.bodyLength(inbound[..<head.lowerBound]) {
                let end = head.upperBound + length
                if end <= filled {
                    try body(inbound[head.upperBound..<end])
                    inbound.replaceSubrange(0..<(filled - end), with: inbound[end..<filled])
                    filled -= end
                    return
                }
            }
            try fill()
        }
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let lengthKey = Array("\r\nContent-Length: ".utf8)
    private static let success = Array("HTTP/1.1 20".utf8)

    private static func bodyLength(_ head: ArraySlice<UInt8>) throws -> Int? {
        guard head.starts(with: success), let key = head.firstRange(of: lengthKey) else {
            throw PeerError.refused(String(decoding: head, as: UTF8.self))
        }
        let digits = head[key.upperBound...].prefix { $0 != 0x0D }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private func fill() throws {
        if filled == inbound.count { inbound += [UInt8](repeating: 0, count: filled) }
        let count = inbound[filled...].withUnsafeMutableBytes { room in
            recv(descriptor, room.baseAddress, room.count, 0)
        }
        guard count > 0 else { throw PeerError.kernel("recv", count == 0 ? 0 : errno) }
        filled += count
    }

    private static let accepted = Array(#""ok":true"#.utf8)
    private static let ticketKey = Array(#""ticket":""#.utf8)

    /// The ticket id that a reply names.
    static func ticket(in line: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        guard let key = line.firstRange(of: ticketKey),
            let end = line[key.upperBound...].firstIndex(of: UInt8(ascii: "\""))
        else { throw PeerError.refused(String(decoding: line, as: UTF8.self)) }
        return line[key.upperBound..<end]
    }
}

/// Why a measurement came to no end.
enum PeerError: Error, CustomStringConvertible {
    case kernel(String, Int32)
    case refused(String)

    var description: String {
        switch self {
        case .kernel(let call, 0): "\(call): the server closed the connection"
        case .kernel(let call, let number): "\(call): \(String(cString: strerror(number)))"
        case .refused(let line): "not the reply that was expected: \(line)"
        }
    }
}
