// How many processors this process may count on: the default number of event loops.

import Glibc

/// The processors of this machine.
package enum Processors {
    /// Those that are online; at least one.
    package static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
