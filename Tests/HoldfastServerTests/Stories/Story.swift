// A story: what happens to a server and its clients, line by line, with what every client is told written between.
// Stories live in `Scenarios`, one a file; they are documentation that cannot become wrong, because a test plays each
// and compares every line. A script in a language of its own was chosen over Swift so that somebody who knows only
// the protocol can read one, and write one.
//
//     # Rule 10: the lease starts with the grant.     a remark; the first says what the story tells
//     with retain 5 s                                 a setting, before anything happens
//     ann connects
//     ann > {"op":"lock","resource":"a"}              ann sends a line, and the server does all it can
//     ann < {"ok":true,"ticket":"<ticket 1>",…}       what comes; ids that chance made are named in their order
//     ann >> {"op":"ping"}                            sent in one breath with the line after it
//     ann >| {"op":                                   sent without the end of a line
//     -- 30 s                                         time passes; where something comes meanwhile it is cut in two
//     ann < (end)                                     the server closed the connection; `(broken)`: it broke

import HoldfastModel

/// What one file of `Scenarios` says.
struct Story {
    var lines: [Line]
    var settings: StorySettings

    struct Line {
        var number: Int
        var text: String
        var kind: Kind
    }

    enum Kind: Equatable {
        /// For people: a comment or nothing.
        case remark
        case setting
        case act(Act)
        /// What a client is told; it is compared, never obeyed.
        case told
    }

    /// Something that happens because the story wants it.
    enum Act: Equatable {
        case connect(Name, reads: Bool)
        case send(Name, String, Ending)
        /// A client that read nothing begins to read.
        case read(Name)
        /// Nothing more will be sent, everything is still read.
        case finish(Name)
        /// The connection breaks at once.
        case vanish(Name)
        case close(Name)
        case pass(Interval)
        /// The process is stopped and goes on, as by SIGSTOP and SIGCONT.
        case freeze(Interval)
        case jumpWall(Interval)
        /// As by SIGKILL.
        case kill
        /// As by SIGTERM.
        case stop
        case start
        case disk(Disk)
    }

    /// What follows a line that was sent.
    enum Ending: Equatable {
        /// The server does all it can before anything else happens.
        case pause
        /// The next line, before the server sees this one.
        case breath
        /// More of the same line.
        case nothing
    }

    enum Disk: Equatable {
        /// Batches are taken and not yet durable.
        case holdsBack
        case goesOn
        case fails
    }

    /// What a client of the story is called.
    struct Name: Hashable, CustomStringConvertible {
        var text: String
        var description: String { text }
    }
}

/// What is wrong with a story itself, and where.
struct StoryFlaw: Error, Equatable, CustomStringConvertible {
    var line: Int
    var message: String

    var description: String { "line \(line): \(message)" }
}
