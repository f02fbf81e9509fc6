// What help says: golden texts, so that a change of a command is seen as a reader sees it.

import HoldfastCLI
import Testing

struct HelpTextTests {
    @Test func `the overview lists every command`() {
        #expect(
            HelpText.overview(of: CommandTable.all) == """
                holdfast: locks for shells, services and people

                Usage: holdfast COMMAND [arguments] [options]

                Server:
                  serve         run the server
                  check-config  show the settings that serve would have

                Locks:
                  run           run a command while holding a lock
                  queue         take a place in the queue
                  lock          take a lock, waiting for it
                  acquire       ask whether a queued ticket has the lock
                  renew         begin the lease again
                  release       give back a lock or leave the queue
                  check         is this fence or ticket a holder's?
                  steal         take a lock from its holder
                  clear         end every ticket of a resource

                Views:
                  status        show a ticket
                  list          show who holds and who waits
                  resources     list what is locked
                  history       show what happened to a resource
                  watch         print events as they happen
                  top           live view of locks, queues and rates
                  stats         show the server's numbers
                  ping          measure the way to the server
                  drain         take no new tickets, or take them again

                Tools:
                  bench         load generator: throughput and latency
                  journal       look into the data directory of a server
                  token         make a token, or the hash of one
                  completions   print a completion script for a shell
                  help          explain a command

                'holdfast help COMMAND' explains one. An option --some-flag can also be set as
                HOLDFAST_SOME_FLAG in the environment, or as 'some-flag = …' in the file of --config;
                flags win over the environment, the environment over the file.
                """
        )
    }

    @Test func `a page shows usage, options with defaults and examples`() {
        #expect(
            HelpText.page(of: CommandTable.description(of: .acquire)) == """
                holdfast acquire: ask whether a queued ticket has the lock

                Usage: holdfast acquire TICKET [options]

                Answers at once, or with --wait when the lock is acquired or the time is over. Exit code
                75 when it is still queued.

                Acquire:
                  --wait S            give up after this time
                  --resource PATH     check that the ticket is one of this resource

                Connection:
                  --server HOST:PORT  where the server listens (default 127.0.0.1:7420)
                  --token TEXT        who you are; better in a file
                  --token-file FILE   the file that holds the token
                  --timeout S         how long a connection or an answer may take (default 10)
                  --tls               speak TLS
                  --tls-ca FILE       believe these authorities (PEM), not the system's; means --tls
                  --tls-cert FILE     show this certificate (PEM) to a server that asks; means --tls
                  --tls-key FILE      the certificate's key (PEM), closed to other users

                General:
                  --json              print the server's replies, one object per line
                  --config FILE       read settings from a file
                """
        )
    }

    @Test func `every page fits a terminal of 100 columns`() {
        for command in CommandTable.all {
            for line in HelpText.page(of: command).split(separator: "\n") {
                #expect(line.count <= 100, "\(command.name.rawValue): \(line)")
            }
        }
    }

    @Test func `every option is explained and named once`() {
        for command in CommandTable.all {
            #expect(command.options.allSatisfy { !$0.help.isEmpty })
            #expect(Set(command.options.map(\.name)).count == command.options.count)
        }
    }
}
