// What a service manager is told, and where a message goes when there is none.

import Glibc
import HoldfastSystem
import Testing

struct ServiceNotifierTests {
    @Test func `a manager at an abstract address hears ready, status and stopping`() throws {
        let manager = try Manager(path: "@holdfast-notify-\(getpid())")
        let notifier = try #require(ServiceNotifier(path: manager.path))
        notifier.ready(status: "serving\nREADY=0")
        notifier.status("busy")
        notifier.stopping()
        #expect(manager.receive() == "READY=1\nSTATUS=serving READY=0")
        #expect(manager.receive() == "STATUS=busy")
        #expect(manager.receive() == "STOPPING=1")
    }

    @Test func `a manager at a path hears ready`() throws {
        let manager = try Manager(path: "/tmp/holdfast-notify-\(getpid())")
        defer { unlink(manager.path) }
        try #require(ServiceNotifier(path: manager.path)).ready(status: "up")
        #expect(manager.receive() == "READY=1\nSTATUS=up")
    }

    @Test func `a manager that is gone is no error`() throws {
        try #require(ServiceNotifier(path: "/nonexistent/notify")).ready(status: "up")
    }

    @Test(arguments: [nil, "", "@", "/", "relative", "/" + String(repeating: "x", count: 107)])
    func `without an address that can be sent to there is no notifier`(path: String?) {
        #expect(ServiceNotifier(path: path) == nil)
    }

    @Test func `the longest address that fits is taken`() {
        #expect(ServiceNotifier(path: "/" + String(repeating: "x", count: 106)) != nil)
    }
}

/// A service manager's socket.
private final class Manager {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        if bytes.first == UInt8(ascii: "@") {
            withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 }
        } else {
            unlink(path)
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let number = descriptor
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, length) }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? "nothing" : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
