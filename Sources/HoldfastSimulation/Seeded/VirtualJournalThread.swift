// The file journal of a server in a seeded world: the product's own, on a loop that is its alone, as the server keeps
// it on a thread of its own. Its disk is the machine's; it dies with the process.

import HoldfastJournal
import HoldfastModel

/// A file journal over a simulated disk, from its opening to its end.
final class VirtualJournalThread: Sendable {
    let loop: VirtualLoop
    let journal: FileJournal
    /// Names the journal if it is new.
    private let instance: UInt64
    private let found = Locked<FileJournalReport?>(nil)

    init(
        on loop: VirtualLoop,
        _ platter: SimulatedPlatter,
        _ settings: FileJournalSettings,
        instance: UInt64
    ) {
        self.loop = loop
        self.instance = instance
        journal = FileJournal(on: loop, disk: platter.mount(on: loop), settings: settings)
    }

    /// What was there when it was opened.
    var report: FileJournalReport? { found.withLock { $0 } }

    func open() async throws(JournalError) {
        let report = try await journal.open(random: instance)
        found.withLock { $0 = report }
    }

    /// Makes batches durable until the task is cancelled, or the disk fails.
    func run(onFailure: @Sendable (JournalError) -> Void) async {
        do throws(JournalError) { try await journal.run() } catch { onFailure(error) }
    }

    /// What a journal of these files would come to, seen on another machine.
    static func reading(
        _ files: [String: [UInt8]],
        _ settings: FileJournalSettings
    ) -> Result<FileJournalReport, JournalError> {
        let (world, platter) = (VirtualWorld(), SimulatedPlatter())
        platter.files = files
        let thread = VirtualJournalThread(on: world.makeLoop(), platter, settings, instance: 1)
        let flaw = Locked<JournalError?>(nil)
        VirtualServer.ask(on: thread.loop) {
            do throws(JournalError) { try await thread.open() } catch {
                flaw.withLock { $0 = error }
            }
        }
        world.run()
        if let report = thread.report { return .success(report) }
        return .failure(flaw.withLock { $0 } ?? .failed("it never opened"))
    }
}
