// The real binary as a user meets it: started with pipes or on a terminal of its own, spoken to by lines.
// Nothing here waits for time to pass; a bound on every read only keeps a hanging program from hanging
// the tests.

import CSystem
import Glibc
import Testing

/// A process that a test started.
final class RealProcess {
    let pid: pid_t
    private var descriptors: [Stream: Int32] = [:]
    private var buffers: [Stream: [UInt8]] = [:]
    private var hasBeenReaped = false

    enum Stream: Hashable {
        case output
        case messages
        /// Both, and input, of a process on a terminal.
        case terminal
    }

    struct Problem: Error {
        var what: String
    }

    // What Glibc's module leaves out of <spawn.h> and <ioctls.h>.
    private static let newSession: Int16 = 0x80
    private static let unlockTerminal: UInt = 0x4004_5431
    private static let numberOfTerminal: UInt = 0x8004_5430

    /// Long enough for a busy machine; only a broken program needs it.
    private static let patienceMilliseconds: Int32 = 30_000

    /// Beside the tests, where the package builds its programs.
    static func holdfast() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        var folder = own[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let candidate = "\(folder)/holdfast"
            if access(candidate, X_OK) == 0, isFile(candidate) { return candidate }
        }
        throw Problem(what: "no program 'holdfast' beside \(own); build it first")
    }

    private static func isFile(_ name: String) -> Bool {
        var status = stat()
        return stat(name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Starts `holdfast` with these arguments; its output may go to a file.
    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        onTerminal: Bool = false,
        output: String? = nil
    ) throws {
        let program = try RealProcess.holdfast()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: nothing that happens to its terminal or group is felt by the tests.
        posix_spawnattr_setflags(&attributes, RealProcess.newSession)
        var inherited: [Int32] = []
        if onTerminal {
            let (terminal, name) = try RealProcess.openTerminal()
            descriptors[.terminal] = terminal
            // Opening it makes it the controlling terminal of the new session.
            posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            for (stream, number) in [(Stream.output, Int32(1)), (.messages, 2)] {
                var pipe: [Int32] = [-1, -1]
                guard holdfast_pipe(&pipe) == 0 else { throw Problem(what: "no pipe") }
                // The program's end waits, as a shell's would.
                _ = fcntl(pipe[1], F_SETFL, 0)
                descriptors[stream] = pipe[0]
                inherited.append(pipe[1])
                posix_spawn_file_actions_adddup2(&actions, pipe[1], number)
            }
        }
        if let output { posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY, 0) }
        var variables = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8",
        ]
        variables.merge(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] =
            ([program] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid = pid_t(0)
        let number = posix_spawn(&pid, program, &actions, &attributes, &argv, &envp)
        for descriptor in inherited { close(descriptor) }
        guard number == 0 else { throw Problem(what: "posix_spawn: error \(number)") }
        self.pid = pid
    }

    deinit {
        if !hasBeenReaped {
            Glibc.kill(pid, SIGKILL)
            Glibc.kill(pid, SIGCONT)
            waitpid(pid, nil, 0)
        }
        for descriptor in descriptors.values { close(descriptor) }
    }

    private static func openTerminal() throws -> (Int32, String) {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number) = (Int32(0), UInt32(0))
        guard terminal >= 0, ioctl(terminal, unlockTerminal, &lock) == 0,
            ioctl(terminal, numberOfTerminal, &number) == 0
        else { throw Problem(what: "no pseudo terminal") }
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
        return (terminal, "/dev/pts/\(number)")
    }

    // MARK: Reading and writing

    func type(_ text: String) {
        guard let terminal = descriptors[.terminal] else { return }
        _ = Array(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
    }

    /// The next line of a stream; nil at its end.
    func line(_ stream: Stream = .output) throws -> String? {
        while true {
            if let end = buffers[stream, default: []].firstIndex(of: 0x0a) {
                let line = String(decoding: buffers[stream, default: []][..<end], as: UTF8.self)
                buffers[stream]?.removeFirst(end + 1)
                return line
            }
            guard try readMore(stream) else {
                let rest = buffers.removeValue(forKey: stream) ?? []
                return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
            }
        }
    }

    /// Reads until the text was there.
    func wait(for text: String, on stream: Stream = .terminal) throws {
        while true {
            let seen = String(decoding: buffers[stream, default: []], as: UTF8.self)
            if let range = seen.firstRange(of: text) {
                buffers[stream] = Array(seen[range.upperBound...].utf8)
                return
            }
            guard try readMore(stream) else {
                throw Problem(what: "the end came before '\(text)': \(seen)")
            }
        }
    }

    /// All that is left.
    func rest(_ stream: Stream = .output) throws -> String {
        while try readMore(stream) {}
        return String(decoding: buffers.removeValue(forKey: stream) ?? [], as: UTF8.self)
    }

    private func readMore(_ stream: Stream) throws -> Bool {
        guard let descriptor = descriptors[stream] else { throw Problem(what: "no such stream") }
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, RealProcess.patienceMilliseconds) == 1 else {
            throw Problem(what: "nothing came on \(stream)")
        }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        // A terminal that nobody has open any more reads as an error.
        guard count > 0 else { return false }
        buffers[stream, default: []] += bytes[..<count]
        return true
    }

    // MARK: Life

    func signal(_ number: Int32) { _ = Glibc.kill(pid, number) }

    /// Waits for its end; as a shell says it: 128 and the signal.
    func exitCode() throws -> Int32 {
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid else { throw Problem(what: "it was reaped before") }
        hasBeenReaped = true
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// Waits until it has stopped.
    func waitUntilStopped() throws {
        var status: Int32 = 0
        guard waitpid(pid, &status, WUNTRACED) == pid, status & 0xff == 0x7f else {
            throw Problem(what: "it ended instead of stopping: \(status)")
        }
    }

    /// Everything at once: exit code, output, messages.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        output file: String? = nil
    ) throws -> (code: Int32, output: String, messages: String) {
        let process = try RealProcess(arguments, environment: environment, output: file)
        let messages = try process.rest(.messages)
        let output = try process.rest()
        return (try process.exitCode(), output, messages)
    }
}

/// A server of its own for a test.
struct RealServer {
    let process: RealProcess
    let address: String
    let readyLine: String

    init(_ flags: String..., listen: String = "127.0.0.1:0") throws {
        process = try RealProcess(
            ["serve", "--listen", listen, "--loops", "1", "--data", "none", "--http", "off"]
                + flags
        )
        let line = try #require(try process.line(.messages))
        readyLine = line
        let word = try #require(line.split(separator: " ").first { $0.hasPrefix("tcp=") })
        address = String(word.dropFirst(4))
    }

    var environment: [String: String] { ["HOLDFAST_SERVER": address] }

    func run(_ arguments: String...) throws -> (code: Int32, output: String, messages: String) {
        try RealProcess.run(arguments, environment: environment)
    }

    func start(_ arguments: String..., onTerminal: Bool = false) throws -> RealProcess {
        try RealProcess(arguments, environment: environment, onTerminal: onTerminal)
    }
}
