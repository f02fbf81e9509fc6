// Whose turn it is at the terminal. The command gets the foreground so that Ctrl-C and Ctrl-Z reach it
// and nobody else; `run` takes it back when the command stops or ends.
//
// In a pipeline (`holdfast run … | less`) the others are in this process's group, and a command in the
// foreground would send them to the background, where they could not read a key. There the command only
// gets the terminal when it asks for it by being stopped for want of it.

import CSystem
import Glibc

/// The controlling terminal, if the process has one.
struct Foreground {
    private let terminal: Int32?
    private let ownGroup = getpgrp()
    private var settings: termios?
    /// Whether the command has, or would have, the terminal.
    private(set) var isGiven = false

    init() {
        let descriptor = holdfast_open_terminal()
        terminal = descriptor >= 0 ? descriptor : nil
        if let terminal {
            var settings = termios()
            if tcgetattr(terminal, &settings) == 0 { self.settings = settings }
        }
    }

    /// The terminal to hand to the command at its start.
    mutating func giveAtStart() -> Int32? {
        guard let terminal, isOurs, !isInPipeline else { return nil }
        isGiven = true
        return terminal
    }

    /// Hands it over when this process has it.
    mutating func give(to group: pid_t) {
        guard let terminal, isOurs else { return }
        isGiven = holdfast_set_foreground(terminal, group) == 0
    }

    /// Takes it back from the command, and from nobody else.
    func takeBack(from group: pid_t) {
        guard let terminal, tcgetpgrp(terminal) == group else { return }
        _ = holdfast_set_foreground(terminal, ownGroup)
    }

    /// Takes it back from a group that never came to life.
    mutating func reclaim() {
        guard isGiven, let terminal else { return }
        isGiven = false
        _ = holdfast_set_foreground(terminal, ownGroup)
    }

    /// Puts the terminal as it was: a command that was killed could not.
    func restoreSettings() {
        guard let terminal, var settings, isOurs else { return }
        _ = tcsetattr(terminal, TCSADRAIN, &settings)
    }

    /// Whether this process's group is the foreground.
    var isOurs: Bool { terminal.map { tcgetpgrp($0) == ownGroup } ?? false }

    /// A pipe on one side and company in the group: somebody else there may need the terminal.
    private var isInPipeline: Bool {
        [STDIN_FILENO, STDOUT_FILENO].contains(where: isPipe) && hasCompany
    }

    private func isPipe(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFIFO
    }

    private var hasCompany: Bool {
        ProcessGroup.living(in: ownGroup).contains { $0 != getpid() }
    }
}
