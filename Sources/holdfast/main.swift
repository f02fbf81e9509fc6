// The executable: nothing but the way into HoldfastCLI.

import Glibc
import HoldfastCLI

exit(await HoldfastCommand.main())
