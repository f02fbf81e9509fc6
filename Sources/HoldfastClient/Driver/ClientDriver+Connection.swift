// One connection after another: reached within a bound, read until there is nothing more, written once a
// turn.

import HoldfastModel

extension ClientDriver {
    func keepConnected() async {
        while !machine.isOver, await wanted.rings(), !machine.isOver {
            guard let stream = await reach() else { continue }
            await listen(to: stream)
        }
    }

    /// One attempt, bounded in time.
    private func reach() async -> (any ByteStream)? {
        let result = await attempt()
        switch result {
        case .success(let stream):
            self.stream = stream
            isFull = false
            machine.connected(at: now)
            settleUp()
            return stream
        case .failure(let error):
            machine.connectFailed(Self.describe(error, address), at: now)
            settleUp()
            return nil
        }
    }

    private func attempt() async -> Result<any ByteStream, ConnectError> {
        attemptAlarm.set(for: now + connectTimeout)
        return await withTaskGroup(
            of: Result<any ByteStream, ConnectError>?.self,
            returning: Result<any ByteStream, ConnectError>.self
        ) { [connector, address, loop, attemptAlarm] group in
            group.addTask(executorPreference: loop) {
                do throws(ConnectError) {
                    return .success(try await connector.connect(to: address, on: loop))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask(executorPreference: loop) {
                await attemptAlarm.rings() ? .failure(.timedOut) : nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // A connection that came too late is not kept.
            while let late = await group.next() {
                if case .success(let stream)? = late { stream.close() }
            }
            return first ?? .failure(.cancelled)
        }
    }

    private static func describe(_ error: ConnectError, _ address: ServerAddress) -> String {
        let server = "\(address.host):\(address.port)"
        return switch error {
        case .unknownHost(let host): "no address for \(host)"
        case .refused(let target): "\(target) refused the connection"
        case .timedOut: "\(server) does not answer"
        case .cancelled: "\(server): given up"
        case .failed(let number): "\(server): error \(number)"
        case .insecure(let why): why
        }
    }

    /// Ends the connection, or the attempt.
    func hangUp() {
        attemptAlarm.set(for: .zero)
        stream?.close()
        stream = nil
    }

    private func listen(to stream: any ByteStream) async {
        while self.stream === stream {
            await stream.readable()
            readAll(of: stream)
        }
    }

    private func readAll(of stream: any ByteStream) {
        do {
            while self.stream === stream {
                let now = now
                let outcome = try stream.read { bytes in machine.received(bytes, at: now) }
                settleUp()
                switch outcome {
                case .bytes: continue
                case .wouldBlock: return
                case .endOfInput: drop(stream, "the server closed the connection")
                }
            }
        } catch {
            drop(stream, stream.trouble ?? "the connection broke")
        }
    }

    private func drop(_ stream: any ByteStream, _ why: String) {
        guard self.stream === stream else { return }
        hangUp()
        machine.disconnected(why, at: now)
        settleUp()
    }

    // MARK: Writing

    /// All requests of a turn leave in one write.
    func planFlush() {
        guard !isFlushPlanned, !isFull else { return }
        isFlushPlanned = true
        loop.post { self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        isFlushPlanned = false
        guard let stream, !isFull else { return }
        do {
            while !machine.outbound.isEmpty {
                let count = try stream.write(machine.outbound.span)
                guard count > 0 else { return waitForRoom(in: stream) }
                machine.outbound.removeFirst(count)
            }
        } catch {
            drop(stream, "the connection broke")
        }
    }

    private func waitForRoom(in stream: any ByteStream) {
        isFull = true
        stream.whenWritable { self.assumeIsolated { $0.roomAgain(in: stream) } }
    }

    private func roomAgain(in stream: any ByteStream) {
        guard self.stream === stream else { return }
        isFull = false
        flush()
    }
}
