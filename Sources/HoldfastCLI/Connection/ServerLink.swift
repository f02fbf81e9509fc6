// A connection that speaks lines, for what shows or counts the protocol as it is: `watch` prints events as
// they came, `bench` must not wait for anything but the server. Everything else goes through the SDK.

import HoldfastModel
import HoldfastSystem
import HoldfastWire

/// Why there are no more lines.
enum LinkError: Error, Equatable {
    case unreachable(String)
    case cancelled

    init(_ error: ConnectError, _ address: ServerAddress) {
        switch error {
        case .unknownHost(let host): self = .unreachable("no address for \(host)")
        case .refused(let target): self = .unreachable("\(target) refused the connection")
        case .timedOut: self = .unreachable("\(address.text) does not answer")
        case .cancelled: self = .cancelled
        case .insecure(let why): self = .unreachable(why)
        case .failed(let number):
            self = .unreachable("\(address.text): \(SystemError.text(of: number))")
        }
    }
}

/// One line of the server.
struct ServerLine: Sendable {
    /// As it came.
    var text: String
    var value: JSONValue
}

/// A connection of lines, used on its loop.
actor ServerLink {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let stream: any ByteStream
    private var framer = LineFramer(limit: ServerLink.lineBytesMax)
    private var arrived: [ServerLine] = []
    private var outbound: [UInt8] = []
    private var isFull = false
    private var isBroken = false

    /// No reply of a sane server is longer.
    private static let lineBytesMax = 64 * 1_048_576

    init(
        to address: ServerAddress,
        by connector: any Connector,
        on loop: EventLoop
    ) async throws(LinkError) {
        self.loop = loop
        do throws(ConnectError) {
            stream = try await connector.connect(to: address, on: loop)
        } catch {
            throw LinkError(error, address)
        }
    }

    /// Closes it; whoever waits for a line gets none.
    func close() { stream.close() }

    func send(_ operation: OperationName, id: UInt64, _ fields: [JSONMember]) {
        RequestWriter.write(operation, id: .number(id), into: &outbound) { writer in
            for field in fields {
                writer.freeKey(field.name)
                writer.value(field.value)
            }
        }
        flush()
    }

    /// The next line; nil at the end of the connection or of the task.
    func next() async -> ServerLine? {
        while arrived.isEmpty {
            guard !isBroken, !Task.isCancelled else { return nil }
            await stream.readable()
            readAll()
        }
        return arrived.removeFirst()
    }

    private func readAll() {
        while !isBroken {
            let outcome = try? stream.read { bytes in
                framer.feed(bytes) { piece, line in
                    if piece == .line { take(line) }
                    return .goOn
                }
            }
            switch outcome {
            case .bytes?: continue
            case .wouldBlock?: return
            case .endOfInput?, nil: isBroken = true
            }
        }
    }

    /// What is no JSON comes from no server of ours.
    private func take(_ line: Span<UInt8>) {
        guard let value = try? JSONValue(parsing: line) else {
            isBroken = true
            return
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.count)
        for index in line.indices { bytes.append(line[index]) }
        arrived.append(ServerLine(text: String(decoding: bytes, as: UTF8.self), value: value))
    }

    private func flush() {
        while !outbound.isEmpty, !isFull, !isBroken {
            guard let count = try? stream.write(outbound.span) else {
                isBroken = true
                return
            }
            outbound.removeFirst(count)
            guard count == 0 else { continue }
            isFull = true
            stream.whenWritable { self.assumeIsolated { $0.roomAgain() } }
        }
    }

    private func roomAgain() {
        isFull = false
        flush()
    }
}
