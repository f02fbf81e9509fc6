// Who may knock at all, before anybody asks for what (HTTP §4). A browser can be made to send requests by any page: a
// page of another origin may change nothing here, and a name that an attacker points at this address is answered by
// nobody, or its pages would be of the same origin as this server.

import HoldfastHTTPCodec
import HoldfastModel

/// The checks that come before every route.
struct Gatekeeper: Sendable {
    private let hosts: Set<String>
    private let origins: Set<String>

    init(_ setting: HTTPSetting) {
        hosts = Set(setting.hosts.map { $0.lowercased() })
        origins = Set(setting.origins.map { $0.lowercased() })
    }

    /// What is said to whoever may not come in; `route` is where the request leads, if anywhere.
    func refusal(of request: Request, on route: Route?) -> (HTTPStatus, Refusal)? {
        guard isOurs(request) else {
            let message = "this server does not go by that name; name it with --http-host"
            return (.misdirected, Refusal(.badRequest, message))
        }
        guard request.method.isSafe || route?.isSafe == true || comesFromHere(request) else {
            let message =
                "a page of another origin may change nothing here; allow it with --cors-origin"
            return (.forbidden, Refusal(.forbidden, message))
        }
        return nil
    }

    /// It is for this server, by one of its names.
    func isOurs(_ request: borrowing Request) -> Bool {
        let name = Gatekeeper.name(of: request.host, request.bytes)
        // Only HTTP/1.0 comes without one, and no browser speaks it.
        guard let first = name.first else { return request.minorVersion == 0 }
        return first == 0x5b || !name.contains(0x2e) || Gatekeeper.isAddress(name)
            || hosts.contains(String(decoding: name, as: UTF8.self).lowercased())
    }

    /// Neither header is there: no browser asks.
    private func comesFromHere(_ request: Request) -> Bool {
        // Of two, one was added on the way, and nobody knows which.
        guard request.count(of: "sec-fetch-site") <= 1, request.count(of: "origin") <= 1 else {
            return false
        }
        if let site = request.text(of: "sec-fetch-site"), site != "same-origin", site != "none" {
            return hasAllowedOrigin(request)
        }
        guard request.value(of: "origin") != nil else { return true }
        return hasAllowedOrigin(request) || hasOwnOrigin(request)
    }

    private func hasAllowedOrigin(_ request: Request) -> Bool {
        request.text(of: "origin").map { origins.contains($0.lowercased()) } ?? false
    }

    private func hasOwnOrigin(_ request: Request) -> Bool {
        guard let origin = request.text(of: "origin"), let host = request.text(in: request.host)
        else { return false }
        let (own, named) = (host.lowercased(), origin.lowercased())
        // A browser leaves out of an origin the port that its scheme has anyway; a proxy may put it into the host.
        return ["http": ":80", "https": ":443"].contains { scheme, port in
            let bare = own.hasSuffix(port) ? String(own.dropLast(port.count)) : own
            return named == "\(scheme)://\(own)" || named == "\(scheme)://\(bare)"
        }
    }

    /// A host without its port.
    private static func name(of host: ByteRange, _ head: [UInt8]) -> ArraySlice<UInt8> {
        let host = head[host.indices]
        if host.first == 0x5b { return host }
        return host.prefix { $0 != 0x3a }
    }

    /// Four numbers and the dots between them; what only looks like it is a name.
    private static func isAddress(_ name: ArraySlice<UInt8>) -> Bool {
        var (partCount, digitCount, value) = (1, 0, 0)
        for byte in name {
            if byte == 0x2e {
                guard digitCount > 0 else { return false }
                (partCount, digitCount, value) = (partCount + 1, 0, 0)
            } else {
                guard (0x30...0x39).contains(byte), digitCount < 3 else { return false }
                (digitCount, value) = (digitCount + 1, value * 10 + Int(byte - 0x30))
                guard value < 256 else { return false }
            }
        }
        return partCount == 4 && digitCount > 0
    }
}
