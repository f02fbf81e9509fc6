// Where a server keeps what it decides, and the thread that does it: the file journal lives on a loop of its own, whose
// thread may block in the kernel while the others go on.

package import HoldfastJournal
import HoldfastModel
import HoldfastSystem

/// What the operator decided about the data.
package enum DataStore: Hashable, Sendable {
    /// In memory: a server that stops forgets.
    case memory
    /// In a directory, so that what was acknowledged survives.
    case directory(String, FileJournalSettings)

    /// As the ready line shows it.
    package var name: String {
        switch self {
        case .memory: "none"
        case .directory(let path, _): path
        }
    }
}

/// The file journal of a server, and its thread.
final class JournalThread: Sendable {
    let journal: FileJournal
    private let loop: EventLoop

    /// Beyond every loop that serves.
    private static let index = LoopIndex(number: UInt8(Configuration.loopCountMax))

    /// Nil where nothing is kept.
    init?(_ store: DataStore, pollsBeforeSleep: Bool) throws(StartError) {
        guard case .directory(let directory, let settings) = store else { return nil }
        do throws(SystemError) {
            loop = try EventLoop(
                index: JournalThread.index,
                pollsBeforeSleep: pollsBeforeSleep
            )
        } catch {
            throw .system("\(error)")
        }
        do throws(DiskError) {
            let disk = try KernelDisk(at: directory)
            journal = FileJournal(on: loop, disk: disk, settings: settings)
        } catch {
            throw .data(directory, error)
        }
    }

    func start() throws(SystemError) { try loop.start() }

    /// Reads what is there; gives what an operator should know of it.
    func open() async throws(JournalError) -> [String] {
        try await journal.open(random: SystemRandom.word()).notes
    }

    /// Makes batches durable until the task is cancelled; then everything is flushed and the directory let go.
    func run(onFailure: @escaping @Sendable (JournalError) -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: loop) { [journal] in
                do throws(JournalError) { try await journal.run() } catch { onFailure(error) }
            }
        }
    }

    func stop() {
        loop.stop()
        loop.join()
    }
}
