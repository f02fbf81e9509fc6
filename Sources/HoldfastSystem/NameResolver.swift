// Names to addresses, by the system's resolver. It blocks, so a loop has it asked on a thread of its own;
// addresses written in digits ask nobody.

import Glibc

/// Asks the system for the addresses of a host.
enum NameResolver {
    /// Blocks until the resolver answers; empty when it knows none.
    static func addresses(of host: String, port: UInt16) -> [SocketAddress] {
        if let numeric = SocketAddress(numericHost: host, port: port) { return [numeric] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if var address = SocketAddress(copying: entry.ai_addr, length: entry.ai_addrlen) {
                address.port = port
                found.append(address)
            }
            next = entry.ai_next
        }
        return found
    }

    /// Asks on a thread of its own, which answers on the loop.
    static func ask(
        for host: String,
        port: UInt16,
        on loop: EventLoop,
        answer: @escaping @Sendable ([SocketAddress]) -> Void
    ) -> Bool {
        let question = Unmanaged.passRetained(
            Question {
                let found = addresses(of: host, port: port)
                loop.post { answer(found) }
            }
        )
        var handle = pthread_t()
        guard pthread_create(&handle, nil, askInBackground, question.toOpaque()) == 0 else {
            question.release()
            return false
        }
        pthread_detach(handle)
        return true
    }

    fileprivate final class Question: Sendable {
        let ask: @Sendable () -> Void
        init(_ ask: @escaping @Sendable () -> Void) { self.ask = ask }
    }
}

private func askInBackground(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<NameResolver.Question>.fromOpaque(argument).takeRetainedValue().ask()
    return nil
}
